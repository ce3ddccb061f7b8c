import { HookcellError } from '../errors.js';
import { kindOf } from '../values/value-kind.js';
import { parseCircuitBreaker } from './circuit/circuit.js';
import { CircuitBreaker } from './circuit/circuit-breaker.js';
import { ClientLeft, ClientWatch } from './request/client-watch.js';
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

/**
 * The hooks around a handler, whatever the framework: made once, from the options that a user wrote, and started for
 * each request.
 */
export class RequestHooks<R extends RequestWithHeaders> {
  readonly #settings: HookSettings<R>;
  readonly #read: (request: R) => Promise<Resolved>;
  readonly #before: readonly ParsedStep[];
  readonly #after: readonly ParsedStep[];
  readonly #owner: string;
  readonly #lateLoading: boolean;
  readonly #applyInput: (request: R, input: unknown) => void;
  /** Whether the input is applied even where no hook changed it: the handler would not find it elsewhere. */
  readonly #alwaysApplies: boolean;
  /** Whether the input of the hooks is the body of the request. */
  readonly readsBody: boolean;
  /** Whether an answer with a status of 400 or more is one for the hooks after the handler. */
  readonly afterErrors: boolean;

  /**
   * @param owner - whose options these are, for an error
   * @param runtime - where the plugins are loaded
   * @param options - as the user wrote them
   * @param ownNames - the names of options that are the adapter's own
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
    const policies = parsePolicies('', options);
    const circuitSettings = parseCircuitBreaker(options.circuitBreaker);
    this.#before = parseSteps('before', before, policies);
    this.#after = parseSteps('after', after, policies);
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

  /** @throws where the hooks are declared to call what they could not */
  check(): void {
    refuseMissing(this.missing(new LoadedPlugins(this.#settings.runtime)));
  }

  /** What the hooks are declared to call, and could not. */
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
   * Reads a request, runs the hooks before its handler, and puts what they made of the input where the handler finds it.
   *
   * @param response - whose client is watched meanwhile
   * @returns what then runs the hooks after the handler; `undefined` where the client has left, and nothing more is to be
   * done for it
   * @throws what a resolver throws, or what the framework's error handling is to be given
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

  /** The hooks would see `{}` in the place of a body that the handler may read later. */
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

  /** Is told that a handler went on writing when it had answered. */
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

/** Tells the log what the client is not told. */
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
    throw new TypeError(`schema.${name} must be a Standard Schema, as of zod or valibot, got ${kindOf(schema)}`);
  }
  return schema as StandardSchema;
}
