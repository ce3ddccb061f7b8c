import { HookcellError } from '../errors.js';
import { kindOf } from '../values/value-kind.js';
import { parseCircuitBreaker } from './circuit/circuit.js';
import { CircuitBreaker } from './circuit/circuit-breaker.js';
import { ClientLeft } from './request/client-left.js';
import { ClientWatch } from './request/client-watch.js';
import type { WatchedResponse } from './request/client-watch.js';
import type { HookFailure } from './failure/failure.js';
import { hookOptionNames } from './options/hook-options.js';
import type { AnyHookOptions } from './options/hook-options.js';
import { HookRun } from './hook-run.js';
import type { HookSettings } from './options/hook-settings.js';
import { hookRecord } from './failure/hook-stats.js';
import { parsePolicies } from './failure/policy.js';
import { parseSteps } from './parsed-step.js';
import type { ParsedStep } from './parsed-step.js';
import { LoadedPlugins, missingHooks, refuseMissing } from './failure/missing-hooks.js';
import type { MissingHook } from './failure/missing-hooks.js';
import { Notices } from './failure/notices.js';
import { markTold, toldError } from './failure/told-error.js';
import { refuseUnknownOptions } from './options/option-names.js';
import type { HookCaller } from './hook-caller.js';
import { problemBody, problemOf } from './failure/problem.js';
import { requestReader } from './request/resolvers.js';
import type { RequestWithHeaders, Resolved } from './request/resolvers.js';
import { parseSchemaAt, refuseUncheckedFunctions } from './schema/schema-at.js';
import type { StandardSchema } from './schema/standard-schema.js';
import { unreadBody } from './request/unread-body.js';
import { parseCallLimits } from '../options/limits.js';

/**
 * The hooks around a handler, in any framework. Made once from the user's options, and started for each request.
 */
export class RequestHooks<R extends RequestWithHeaders> {
  readonly #settings: HookSettings<R>;
  readonly #read: (request: R) => Promise<Resolved>;
  readonly #before: readonly ParsedStep[];
  readonly #after: readonly ParsedStep[];
  readonly #owner: string;
  readonly #lateLoading: boolean;
  readonly #applyInput: (request: R, input: unknown) => void;
  /** Whether the input is applied even if no hook changed it: the handler would not find it elsewhere. */
  readonly #alwaysApplies: boolean;
  /** Whether the input of the hooks is the body of the request. */
  readonly readsBody: boolean;
  /** Whether the hooks after the handler also see a response with a status of 400 or more. */
  readonly afterErrors: boolean;

  /**
   * @param owner - where the options are, for an error
   * @param runtime - where the plugins are loaded
   * @param options - as the user wrote them
   * @param ownNames - the names of the adapter's own options
   * @throws `TypeError` or `RangeError` for an option that is unknown or wrong
   */
  constructor(owner: string, runtime: HookCaller, options: AnyHookOptions<R>, ownNames: readonly string[] = []) {
    refuseUnknownOptions(owner, options, [...hookOptionNames, ...ownNames]);
    const { before, after, problem, schema = {}, logger, input, applyInput } = options;
    if (before === undefined && after === undefined) {
      throw new TypeError(`${owner} takes before, after, or both, got neither`);
    }
    if (problem !== undefined && typeof problem !== 'function') {
      throw new TypeError(`problem must be a function, got ${kindOf(problem)}`);
    }
    refuseUnknownOptions('schema', schema, ['input', 'data']);
    const defaults = { ...parsePolicies('', options), limits: parseCallLimits({ inlineFuel: options.inlineFuel }, []) };
    const circuitSettings = parseCircuitBreaker(options.circuitBreaker);
    this.#before = parseSteps('before', before, defaults);
    this.#after = parseSteps('after', after, defaults);
    const schemaAt = parseSchemaAt(options.schemaAt);
    if (schemaAt === 'start' && schema.input !== undefined) {
      refuseUncheckedFunctions(this.#before);
    }
    this.#read = requestReader(options);
    this.#applyInput = applyInput ?? setBody;
    this.#alwaysApplies = input !== undefined || applyInput !== undefined;
    this.readsBody = input === undefined;
    this.#owner = owner;
    this.#lateLoading = parseLateLoading(options.lateLoading ?? false);
    this.afterErrors = options.afterErrors ?? false;
    const record = hookRecord(runtime);
    const notices = new Notices(record, logger);
    this.#settings = {
      runtime,
      schema: { input: parseSchema('input', schema.input), data: parseSchema('data', schema.data) },
      schemaAt,
      breaker: new CircuitBreaker(circuitSettings && record.circuits(circuitSettings), notices),
      notices,
      problem: (failure, request) => markTold(noticed(failure, problemOf(failure, request, problem), notices)),
    };
  }

  /** @throws {@link HookcellError} if a declared plugin or hook is missing */
  check(): void {
    refuseMissing(this.missing(new LoadedPlugins(this.#settings.runtime)));
  }

  /** The declared plugins and hooks that are missing. */
  missing(loaded: LoadedPlugins, owner = this.#owner): MissingHook[] {
    const steps = [...this.#before, ...this.#after].filter((step) => 'plugin' in step);
    return missingHooks(owner, steps, loaded, this.#lateLoading);
  }

  /** Whether anything happens before the handler. */
  get hasBefore(): boolean {
    return this.#before.length > 0 || this.#settings.schema.input !== undefined;
  }

  /** Whether anything happens after the handler. */
  get hasAfter(): boolean {
    return this.#after.length > 0;
  }

  /**
   * Reads a request, runs the hooks before its handler, and puts the input that they leave where the handler finds it.
   *
   * @param response - its client is watched meanwhile
   * @returns what then runs the hooks after the handler; `undefined` if the client has disconnected, so that nothing more is
   * to be done
   * @throws what a resolver throws, or what the framework's error handling must get
   */
  async start(request: R, response: WatchedResponse): Promise<HookRun<R> | undefined> {
    const client = this.hasBefore ? new ClientWatch(response) : undefined;
    try {
      if (client === undefined) {
        return await this.#begin(request);
      }
      this.#refuseUnreadBody(request);
      const run = await this.#begin(request);
      const input = await run.before(client.signal);
      if (this.#alwaysApplies || input !== run.input) {
        this.#applyInput(request, input);
      }
      return run;
    } catch (error) {
      if (error instanceof ClientLeft) {
        this.#settings.notices.clientLeft();
        return undefined;
      }
      throw toldError(this.#settings, request, 'before', error);
    } finally {
      client?.stop();
    }
  }

  /** The hooks would see `{}` instead of a body that the handler may read later. */
  #refuseUnreadBody(request: R): void {
    const unread = this.readsBody ? unreadBody(request) : undefined;
    if (unread === undefined) {
      return;
    }
    const { problem: error, status } = unread;
    if (status === 500) {
      const refusal = new HookcellError('ERR_CONTEXT', error);
      throw this.#settings.problem({ kind: 'refused', stage: 'before', error: refusal, ofClient: false }, request);
    }
    this.#settings.notices.bodyUnread(this.#owner, request.headers['content-type']);
    throw this.#settings.problem({ kind: 'rejected', stage: 'before', error, status }, request);
  }

  /** Logs that a handler wrote after its response. */
  refusedWrite(action: string): void {
    this.#settings.notices.refusedWrite(action);
  }

  async #begin(request: R): Promise<HookRun<R>> {
    return new HookRun(this.#settings, this.#before, this.#after, request, await this.#read(request));
  }
}

function setBody(request: RequestWithHeaders, input: unknown): void {
  request.body = input;
}

/** Logs what the client is not told. */
function noticed(failure: HookFailure, error: Error, notices: Notices): Error {
  if (failure.kind === 'refused' && problemBody(error)?.status === 500) {
    notices.refused(failure);
  }
  return error;
}

function parseLateLoading(lateLoading: unknown): boolean {
  if (typeof lateLoading !== 'boolean') {
    throw new TypeError(`lateLoading must be a boolean, got ${kindOf(lateLoading)}`);
  }
  return lateLoading;
}

function parseSchema(name: string, schema: unknown): StandardSchema | undefined {
  if (schema === undefined) {
    return undefined;
  }
  const standard = (schema as Partial<StandardSchema> | null)?.['~standard'];
  if (typeof standard?.validate !== 'function') {
    throw new TypeError(
      `schema.${name} must be a Standard Schema, such as one of zod or valibot, got ${kindOf(schema)}`,
    );
  }
  return schema as StandardSchema;
}
