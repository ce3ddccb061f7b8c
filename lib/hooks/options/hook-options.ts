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
 * Schemas of `input` and `data`, by zod, valibot, arktype or another library that follows Standard Schema.
 *
 * @typeParam I - what the schema of the input takes
 * @typeParam O - what it makes of it
 * @typeParam D - what the schema of the data makes of it
 */
export interface HookSchemas<I extends object, O, D> {
  /**
   * The schema of the input. `schemaAt` decides when it is checked; by default before the first hook, and whenever a hook has
   * changed the input. An input that does not match is rejected with 422 and the issues. If a plugin changes a matching
   * input so that it no longer matches, that is a fault of the plugin.
   */
  input?: StandardSchema<I, O> | undefined;

  /**
   * The schema of the data, checked when a hook after the handler has changed it. If a plugin changes matching data so that
   * it no longer matches, that is a fault of the plugin. Data that no hook changed is not checked.
   */
  data?: StandardSchema<D, unknown> | undefined;
}

/**
 * The options of hooks around any operation. Those of the adapters are {@link HookOptions}.
 *
 * @typeParam R - the framework's request, or the context of an operation
 * @typeParam I - the shape of `input` for the hooks
 * @typeParam O - the shape of `input` for the handler
 * @typeParam D - the shape of `data`
 * @typeParam S - the shape of `session`
 * @typeParam A - when the input is checked
 */
export interface OperationOptions<R, I extends object, O, D, S extends object, A extends SchemaAt = 'both'>
  extends ResolverOptions<R, S>, PolicyOptions {
  /** Hooks that run before the handler and may change its input. There is no data yet, so changes of it are dropped. */
  before?: HookChain<InputBefore<A, I, O>, D, S> | undefined;

  /** Hooks that run after the handler and may change its response, which is their `data`. */
  after?: HookChain<InputAfter<A, I, O>, D, S> | undefined;

  /**
   * Fuel for a first run of this route's plugins on the event loop's own thread, unless a plugin of the route has its own
   * option. Default 0 unless the load sets it, 0 to 100,000. See the limit of the same name.
   */
  inlineFuel?: number | undefined;

  /** Schemas that input and data must match. Default none: the input is any object, the data any JSON. */
  schema?: HookSchemas<I, O, D> | undefined;

  /**
   * When the input is checked: before the hooks (`start`), after them (`end`), or both. Default `both`: a native hook sees
   * only checked input. `end` is for plugins that make an input valid.
   */
  schemaAt?: A | undefined;

  /**
   * When a plugin that faults is no longer called for a while. All hooks of a runtime with the same settings share the
   * circuit of a plugin. `false`: never. Default: after 5 faults within 10 seconds, for 5 seconds.
   */
  circuitBreaker?: false | CircuitBreakerOptions | undefined;

  /**
   * Whether plugins may be loaded after the start. If not, the server does not start without them. Default `false`.
   */
  lateLoading?: boolean | undefined;

  /** Decides the response to failures. Default: problem details, with a status for each kind of failure. */
  problem?: ProblemMapping<R> | undefined;

  /** Gets a line when a circuit opens or closes, and when a request continues after a failure. Default `console`. */
  logger?: Logger | false | undefined;
}

/**
 * The options that all adapters have.
 *
 * @typeParam R - the framework's request
 * @typeParam I - the shape of `input` for the hooks
 * @typeParam O - the shape of `input` for the handler
 * @typeParam D - the shape of `data`
 * @typeParam S - the shape of `session`
 * @typeParam A - when the input is checked
 */
export interface HookOptions<
  R,
  I extends object,
  O,
  D,
  S extends object,
  A extends SchemaAt = 'both',
> extends OperationOptions<R, I, O, D, S, A> {
  /**
   * Takes the input as the hooks leave it. Default: it becomes the body of the request, if they changed it or the option
   * `input` is given.
   */
  applyInput?: ((request: R, input: InputOfHandler<A, O>) => void) | undefined;

  /** Whether the hooks after the handler also see a response whose status is 400 or more. Default `false`. */
  afterErrors?: boolean | undefined;
}

/** {@link HookOptions} for values of any shape. */
export type AnyHookOptions<R> = HookOptions<R, any, any, any, any, any>;

/** {@link OperationOptions} for values of any shape. */
export type AnyOperationOptions<R> = OperationOptions<R, any, any, any, any, any>;

/** The names of {@link OperationOptions}. */
export const operationOptionNames: readonly string[] = [
  'before',
  'after',
  'inlineFuel',
  'schema',
  'schemaAt',
  'onFault',
  'onReject',
  'circuitBreaker',
  'lateLoading',
  'problem',
  'logger',
  ...resolverNames,
];

/** The names of the options that only adapters have. */
export const requestOptionNames: readonly string[] = ['applyInput', 'afterErrors'];

/** The names of {@link HookOptions}. */
export const hookOptionNames: readonly string[] = [...operationOptionNames, ...requestOptionNames];
