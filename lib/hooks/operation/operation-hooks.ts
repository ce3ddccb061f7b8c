import { kindOf } from '../../values/value-kind.js';
import { parseCallLimits } from '../../options/limits.js';
import { parseCircuitBreaker } from '../circuit/circuit.js';
import { CircuitBreaker } from '../circuit/circuit-breaker.js';
import type { HookFailure } from '../failure/failure.js';
import { hookRecord } from '../failure/hook-stats.js';
import { LoadedPlugins, missingHooks, refuseMissing } from '../failure/missing-hooks.js';
import type { MissingHook } from '../failure/missing-hooks.js';
import { Notices } from '../failure/notices.js';
import { parsePolicies } from '../failure/policy.js';
import { problemBody, problemOf } from '../failure/problem.js';
import { markTold, toldError } from '../failure/told-error.js';
import type { HookCaller } from '../hook-caller.js';
import { HookRun } from '../hook-run.js';
import { operationOptionNames } from '../options/hook-options.js';
import type { AnyOperationOptions } from '../options/hook-options.js';
import type { HookSettings } from '../options/hook-settings.js';
import { refuseUnknownOptions } from '../options/option-names.js';
import { parseSteps } from '../parsed-step.js';
import type { ParsedStep } from '../parsed-step.js';
import { requestReader } from '../request/resolvers.js';
import type { RequestSource, Resolved } from '../request/resolvers.js';
import { parseSchemaAt, refuseUncheckedFunctions } from '../schema/schema-at.js';
import type { StandardSchema } from '../schema/standard-schema.js';

/**
 * The hooks around an operation, such as the handler of a route. Made once from the user's options, and begun for each
 * request. Every adapter stands on it, and so does `createHooks`.
 */
export class OperationHooks<R> {
  protected readonly settings: HookSettings<R>;
  protected readonly owner: string;
  readonly #read: (request: R) => Promise<Resolved>;
  readonly #before: readonly ParsedStep[];
  readonly #after: readonly ParsedStep[];
  readonly #lateLoading: boolean;

  /**
   * @param owner - where the options are, for an error
   * @param runtime - where the plugins are loaded
   * @param options - as the user wrote them
   * @param source - where the hooks find what the options do not say
   * @param ownNames - the names of other options
   * @throws `TypeError` or `RangeError` for an option that is unknown or wrong
   */
  constructor(
    owner: string,
    runtime: HookCaller,
    options: AnyOperationOptions<R>,
    source: RequestSource<R>,
    ownNames: readonly string[] = [],
  ) {
    refuseUnknownOptions(owner, options, [...operationOptionNames, ...ownNames]);
    const { before, after, problem, schema = {}, logger } = options;
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
    this.#read = requestReader(options, source);
    this.owner = owner;
    this.#lateLoading = parseLateLoading(options.lateLoading ?? false);
    const record = hookRecord(runtime);
    const notices = new Notices(record, logger, source.log);
    this.settings = {
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
    refuseMissing(this.missing(new LoadedPlugins(this.settings.runtime)));
  }

  /** The declared plugins and hooks that are missing. */
  missing(loaded: LoadedPlugins, owner = this.owner): MissingHook[] {
    const steps = [...this.#before, ...this.#after].filter((step) => 'plugin' in step);
    return missingHooks(owner, steps, loaded, this.#lateLoading);
  }

  /** Whether anything happens before the handler. */
  get hasBefore(): boolean {
    return this.#before.length > 0 || this.settings.schema.input !== undefined;
  }

  /** Whether anything happens after the handler. */
  get hasAfter(): boolean {
    return this.#after.length > 0;
  }

  /**
   * Reads a request.
   *
   * @returns what runs its hooks
   * @throws what a resolver throws
   */
  async begin(request: R): Promise<HookRun<R>> {
    return new HookRun(this.settings, this.#before, this.#after, request, await this.#read(request));
  }

  /** What the server's error handling gets for what was thrown before the handler. */
  told(request: R, error: unknown): unknown {
    return toldError(this.settings, request, 'before', error);
  }
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
