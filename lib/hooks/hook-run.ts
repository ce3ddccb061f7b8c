import type { WholeContext } from '../calls/context.js';
import { HookcellError } from '../errors.js';
import { isRecord, kindOf } from '../values/value-kind.js';
import { ResponseData } from './response-data.js';
import type { WriteJson } from './response-data.js';
import { ChainWalk } from './chain-walk.js';
import type { HookFailure } from './failure/failure.js';
import type { HookSettings } from './options/hook-settings.js';
import type { ParsedStep } from './parsed-step.js';
import type { Resolved } from './request/resolvers.js';
import { SchemaCheck } from './schema/schema-check.js';
import { issueDetails } from './schema/standard-schema.js';
import { serverMistake } from './failure/server-mistake.js';
import { toldError } from './failure/told-error.js';

/** Runs the hooks before and after the handler of one request. */
export class HookRun<R> {
  readonly #settings: HookSettings<R>;
  readonly #before: readonly ParsedStep[];
  readonly #after: readonly ParsedStep[];
  readonly #request: R;
  readonly #resolved: Resolved;
  /** The input that the hooks after the handler see. */
  #input: object;

  constructor(
    settings: HookSettings<R>,
    before: readonly ParsedStep[],
    after: readonly ParsedStep[],
    request: R,
    resolved: Resolved,
  ) {
    this.#settings = settings;
    this.#before = before;
    this.#after = after;
    this.#request = request;
    this.#resolved = resolved;
    this.#input = isRecord(resolved.input) ? resolved.input : {};
  }

  /** The input as the resolver gave it. {@link HookRun.before} resolves it if nothing changed it. */
  get input(): unknown {
    return this.#resolved.input;
  }

  /** Sets the input that the hooks after the handler see. If it is not an object, they see `{}`. */
  setInput(input: unknown): void {
    this.#input = isRecord(input) ? input : {};
  }

  /** The object that the native hooks share. */
  get session(): object {
    return this.#resolved.session;
  }

  /**
   * Runs the hooks before the handler.
   *
   * @param signal - ends them; its reason is then thrown
   * @returns the input for the handler: what the schema made of it, or what the hooks made of it, or the request's own object
   * @throws what the framework's error handling must get: a {@link HookProblem}, or an error of the server
   */
  async before(signal?: AbortSignal): Promise<unknown> {
    const { input } = this.#resolved;
    const { schema, schemaAt } = this.#settings;
    if (!isRecord(input)) {
      const text = `the input must be an object, got ${kindOf(input)}`;
      const error = new HookcellError('ERR_CONTEXT', text, { path: 'ctx.input' });
      throw this.#problem({ kind: 'refused', stage: 'before', error, ofClient: true });
    }
    const check = new SchemaCheck(schema.input);
    const made = schemaAt === 'end' ? input : await this.#accepted(check, input);
    // The schema need not accept what it made, so that is not checked.
    const left =
      schemaAt === 'start'
        ? await this.#walkBefore(objectOf(made), new SchemaCheck(undefined), signal)
        : await this.#accepted(check, await this.#walkBefore(input, check, signal));
    if (isRecord(left)) {
      this.#input = left;
    }
    return left;
  }

  /**
   * Runs the hooks after the handler.
   *
   * @param data - what the handler responds with
   * @param write - how the framework writes it as JSON, which is what plugins see
   * @param signal - ends them; its reason is then thrown
   * @returns what to respond with: the data with the hooks' changes, or the same object if there are none
   * @throws as {@link HookRun.before}
   */
  async after(data: unknown, write?: WriteJson, signal?: AbortSignal): Promise<unknown> {
    const given = new ResponseData(data ?? null, write);
    const left = await this.changeData(given, signal);
    return left === given ? data : left.value;
  }

  /**
   * Runs the hooks after the handler.
   *
   * @param given - what the handler responds with
   * @returns what to respond with: `given` itself if no hook changed it
   * @throws as {@link HookRun.before}
   */
  async changeData(given: ResponseData, signal?: AbortSignal): Promise<ResponseData> {
    const check = new SchemaCheck(this.#settings.schema.data);
    const walk = new ChainWalk(
      this.#settings,
      {
        stage: 'after',
        steps: this.#after,
        request: this.#request,
        session: this.session,
        requestId: this.#resolved.requestId,
        logger: this.#resolved.logger,
        callerText: this.#resolved.callerText,
        clientInput: undefined,
        signal,
        check,
      },
      this.#context(given.value),
      given,
    );
    let data;
    try {
      ({ data } = await walk.end());
    } catch (error) {
      throw toldError(this.#settings, this.#request, 'after', error);
    }
    const left = walk.responseData ?? given;
    if (left === given) {
      return given;
    }
    const result = await check.result(data);
    if (result.issues !== undefined) {
      // No plugin caused this: what the handler responded with does not match either.
      throw serverMistake(`the data does not match the schema: ${JSON.stringify(issueDetails(result.issues))}`);
    }
    return result.value === data ? left : left.withValue(result.value);
  }

  /** The error that the framework's error handling gets if the hooks after the handler cannot see the response. */
  refuse(error: HookcellError): Error {
    return this.#problem({ kind: 'refused', stage: 'after', error, ofClient: false });
  }

  /** Runs the hooks before the handler on an input. Resolves the input as they leave it. */
  async #walkBefore(input: object, check: SchemaCheck, signal: AbortSignal | undefined): Promise<object> {
    this.#input = input;
    const walk = new ChainWalk(
      this.#settings,
      {
        stage: 'before',
        steps: this.#before,
        request: this.#request,
        session: this.session,
        requestId: this.#resolved.requestId,
        logger: this.#resolved.logger,
        callerText: this.#resolved.callerText,
        clientInput: input,
        signal,
        check,
      },
      this.#context(null),
    );
    return (await walk.end()).input;
  }

  /** What the schema makes of an input. An input that does not match ends the request. */
  async #accepted(check: SchemaCheck, input: object): Promise<unknown> {
    const result = await check.result(input);
    if (result.issues !== undefined) {
      const details = issueDetails(result.issues);
      throw this.#problem({ kind: 'rejected', stage: 'before', error: 'the input is not valid', details });
    }
    return result.value;
  }

  #problem(failure: HookFailure): Error {
    return this.#settings.problem(failure, this.#request);
  }

  #context(data: unknown): WholeContext<object> {
    return { input: this.#input, data, ...this.#resolved.caller };
  }
}

function objectOf(made: unknown): object {
  if (!isRecord(made)) {
    throw serverMistake(`with schemaAt 'start' the schema of the input must give an object, got ${kindOf(made)}`);
  }
  return made;
}
