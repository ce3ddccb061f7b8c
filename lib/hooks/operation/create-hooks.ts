import { checkContextKeys } from '../../calls/context.js';
import type { HookContext, JsonObject } from '../../calls/context.js';
import { HookcellError } from '../../errors.js';
import { isRecord, kindOf } from '../../values/value-kind.js';
import type { HookCaller } from '../hook-caller.js';
import type { OperationOptions } from '../options/hook-options.js';
import { resolverNames } from '../request/resolvers.js';
import type { RequestSource } from '../request/resolvers.js';
import type { InputOfHandler, SchemaAt } from '../schema/schema-at.js';
import { BegunHooks, parseSignal } from './begun-hooks.js';
import type { RunOptions } from './begun-hooks.js';
import { OperationHooks } from './operation-hooks.js';

/** The context of an operation: what its hooks see before there is data. */
export type OperationContext<I extends object = JsonObject> = Omit<HookContext<I>, 'data'>;

/**
 * The hooks around an operation, and what they may see of it. `input`, `user`, `headers`, `tenantId` and `session` are values
 * or functions of the context. By default the first four are the context's own `input`, `user`, `headers` (all of them) and
 * `tenant_id`. If one of them is a function, the context may have any members.
 */
export type HooksOptions<
  C = OperationContext,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
> = OperationOptions<C, I, O, D, S, A>;

/**
 * Hooks around operations, such as writes to a database.
 *
 * @typeParam C - the context of an operation
 * @typeParam O - the input for the operation
 * @typeParam D - what the hooks after the operation leave
 * @typeParam S - what the native hooks of one operation share
 * @typeParam After - whether there are hooks after the operation
 */
export interface Hooks<C, O, D, S, After extends boolean = boolean> {
  /**
   * Runs the hooks before the operation, the operation, and the hooks after it.
   *
   * The hooks after it do not undo it: if they reject or fail, the promise rejects, and what the operation did stays done. What
   * the operation throws is thrown as it is, and then no hook runs after it.
   *
   * @param context - what the hooks see
   * @param operation - gets the input as the hooks left it, and the session
   * @param options - `signal` ends the hooks before the operation; the reason is then thrown, and the operation does not run.
   * The hooks after it run to their end
   * @returns what the operation returned, as the hooks after it left it
   * @throws {@link HookProblem} if a hook rejects, a plugin fails or the host refuses, with the `failure`;
   * {@link HookcellError} if the server caused a refusal: a plugin is not loaded, or JSON cannot hold the data
   */
  run<T extends D>(
    context: C,
    operation: (input: O, session: S) => T | Promise<T>,
    options?: RunOptions,
  ): Promise<After extends false ? T : D>;

  /**
   * Runs only the hooks before the operation, for code that cannot pass the operation as a function.
   *
   * @param options - `signal` ends the hooks; the reason is then thrown
   * @returns the input for the operation, and what runs the hooks after it
   * @throws as {@link Hooks.run}
   */
  runBefore(context: C, options?: RunOptions): Promise<BegunHooks<O, D, S>>;

  /**
   * Runs only the hooks after an operation, for data that another process made, for example. They get a session of their own.
   *
   * @param context - its `input` is what the operation got
   * @param data - what the operation returned
   * @param options - `signal` ends the hooks; the reason is then thrown
   * @returns the data as the hooks left it: the same value, if they changed nothing
   * @throws as {@link Hooks.run}
   */
  runAfter(context: C, data: D, options?: RunOptions): Promise<D>;

  /**
   * Looks up the plugins and their hooks, except those that a function chooses. Call it when the server starts.
   *
   * @throws {@link HookcellError} `ERR_NOT_LOADED` or `ERR_NO_HOOK`, which lists what is missing
   */
  check(): void;
}

/**
 * Makes hooks around operations, without a framework.
 *
 * ```ts
 * const hooks = createHooks(runtime, { before: './plugins/validate_email.wasm' });
 * const user = await hooks.run({ input, tenant_id: 'acme' }, (data) => prisma.user.create({ data }));
 * ```
 *
 * @param runtime - where the plugins are loaded
 * @param options - the hooks, and what they may see
 * @throws `TypeError` or `RangeError` for an option that is unknown or wrong
 */
export function createHooks<
  C extends object = OperationContext,
  I extends object = JsonObject,
  O = any,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
>(
  runtime: HookCaller,
  options: HooksOptions<C, I, O, D, S, A> & { after?: undefined },
): Hooks<C, InputOfHandler<A, O>, D, S, false>;
export function createHooks<
  C extends object = OperationContext,
  I extends object = JsonObject,
  O = any,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
>(runtime: HookCaller, options: HooksOptions<C, I, O, D, S, A>): Hooks<C, InputOfHandler<A, O>, D, S, true>;
export function createHooks(
  runtime: HookCaller,
  options: HooksOptions<any, any, any, any, any, any>,
): Hooks<any, any, any, any> {
  if (!isRecord(options)) {
    throw new TypeError(`the options of createHooks must be an object, got ${kindOf(options)}`);
  }
  const isPlain = !resolverNames.some((name) => typeof options[name] === 'function');
  const hooks = new OperationHooks<OperationContext>('createHooks', runtime, withDefaults(options), contextSource);

  const begin = async (context: OperationContext) => {
    if (isPlain) {
      checkOperationContext(context);
    }
    try {
      return await hooks.begin(context);
    } catch (error) {
      throw hooks.told(context, error);
    }
  };

  const runBefore = async (context: OperationContext, { signal }: RunOptions = {}) => {
    parseSignal(signal)?.throwIfAborted();
    const run = await begin(context);
    let input;
    try {
      input = await run.before(signal);
    } catch (error) {
      throw hooks.told(context, error);
    }
    signal?.throwIfAborted();
    return new BegunHooks<unknown, unknown, object>(run, input);
  };

  return {
    check: () => hooks.check(),
    runBefore,
    async run(context, operation, runOptions) {
      const begun = await runBefore(context, runOptions);
      const data: unknown = await operation(begun.input, begun.session);
      return hooks.hasAfter ? await begun.after(data) : data;
    },
    async runAfter(context, data, { signal } = {}) {
      parseSignal(signal)?.throwIfAborted();
      const run = await begin(context);
      return hooks.hasAfter ? await run.after(data, undefined, signal) : data;
    },
  };
}

const contextSource: RequestSource<OperationContext> = {
  input: ({ input }) => input,
  headers: ({ headers }) => headers ?? {},
};

function withDefaults(options: HooksOptions<any, any, any, any, any, any>) {
  const defaults: Pick<HooksOptions<OperationContext>, 'user' | 'headers' | 'tenantId'> = {
    user: ({ user }) => user,
    headers: ({ headers }) => headers ?? {},
    tenantId: ({ tenant_id }) => tenant_id,
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

function checkOperationContext(context: object): void {
  checkContextKeys(context);
  if ('data' in context) {
    const text = 'the context of an operation has no data: it is what the operation returns';
    throw new HookcellError('ERR_CONTEXT', text);
  }
}
