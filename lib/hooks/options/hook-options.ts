import type { Logger } from '../../diagnostics.js';
import type { CircuitBreakerOptions } from '../circuit/circuit.js';
import type { PolicyOptions } from '../failure/policy.js';
import type { HookChain } from '../hook-step.js';
import type { ProblemMapping } from '../failure/problem.js';
import { resolverNames } from '../request/resolvers.js';
import type { ResolverOptions } from '../request/resolvers.js';
import type { InputAfter, InputBefore, InputOfHandler, SchemaAt } from '../schema/schema-at.js';
import type { StandardSchema } from '../schema/standard-schema.js';

/**
 * What `input` and `data` are: any schema of zod, valibot, arktype or another library that keeps to Standard Schema.
 *
 * @typeParam I - what the schema of the input takes
 * @typeParam O - what it makes of that
 * @typeParam D - what the schema of the data makes of it
 */
export interface HookSchemas<I extends object, O, D> {
  /**
   * The input. When it is looked at, `schemaAt` says: by default before the first hook, and whenever a hook has changed
   * it. What does not match is rejected with 422 and the issues. A plugin that turned what matches into what does not
   * has failed, as if it had trapped.
   */
  input?: StandardSchema<I, O> | undefined;

  /**
   * The data as a hook after the handler may change it. A plugin that changes it to what does not match has failed. What
   * no hook changed is the handler's own, and not looked at.
   */
  data?: StandardSchema<D, unknown> | undefined;
}

/**
 * The options that all adapters have.
 *
 * @typeParam R - the framework's request
 * @typeParam I - the shape of `input` for the hooks
 * @typeParam O - the shape of `input` for the handler
 * @typeParam D - the shape of `data`
 * @typeParam S - the shape of `session`
 * @typeParam A - when the schema of the input is asked
 */
export interface HookOptions<R, I extends object, O, D, S extends object, A extends SchemaAt = 'both'>
  extends ResolverOptions<R, S>, PolicyOptions {
  /** Hooks that run before the handler, and may change its input. There is no data yet: what they make of it is dropped. */
  before?: HookChain<InputBefore<A, I, O>, D, S> | undefined;

  /** Hooks that run when the handler has answered, and may change the answer, which is their `data`. */
  after?: HookChain<InputAfter<A, I, O>, D, S> | undefined;

  /** What input and data must be. Default anything: an object, and any JSON. */
  schema?: HookSchemas<I, O, D> | undefined;

  /**
   * When the schema of the input is asked: before the hooks (`start`), after them (`end`), or both. Default `both`: a
   * function among the hooks sees nothing that was not checked. `end` is for plugins that make an input valid.
   */
  schemaAt?: A | undefined;

  /**
   * Takes what the hooks made of the input. Default: it becomes the body of the request, where they changed it or `input`
   * is given.
   */
  applyInput?: ((request: R, input: InputOfHandler<A, O>) => void) | undefined;

  /** Whether the hooks after the handler also see an answer whose status is 400 or more. Default `false`. */
  afterErrors?: boolean | undefined;

  /**
   * When a plugin that fails is no longer called for a while. All hooks of a runtime that have the same settings share
   * what they know of a plugin. `false` for never. Default: 5 faults within 10 seconds, for 5 seconds.
   */
  circuitBreaker?: false | CircuitBreakerOptions | undefined;

  /**
   * Whether plugins may be loaded after the start. Where they may not, the server does not start without them. Default
   * `false`.
   */
  lateLoading?: boolean | undefined;

  /** Answers failures in the server's own way. Default: problem details, with a status for each kind of failure. */
  problem?: ProblemMapping<R> | undefined;

  /** Gets a line where a circuit opens or closes, and where a request goes on past a failure. Default `console`. */
  logger?: Logger | false | undefined;
}

/** {@link HookOptions} for values of any shape. */
export type AnyHookOptions<R> = HookOptions<R, any, any, any, any, any>;

/** The names of {@link HookOptions}. */
export const hookOptionNames: readonly string[] = [
  'before',
  'after',
  'schema',
  'schemaAt',
  'applyInput',
  'afterErrors',
  'onFault',
  'onReject',
  'circuitBreaker',
  'lateLoading',
  'problem',
  'logger',
  ...resolverNames,
];
