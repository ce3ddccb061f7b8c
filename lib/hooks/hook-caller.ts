import type { CheckedContext, WholeContext } from '../calls/context.js';
import type { HookName } from '../calls/hook-name.js';
import { preparedCalls } from '../calls/prepared/prepared-calls.js';
import type { PreparedCallOptions, PreparedCalls } from '../calls/prepared/prepared-calls.js';
import type { PreparedPlugin } from '../calls/prepared/prepared-plugin.js';
import type { PluginResult } from '../calls/result.js';
import type { WasmRuntime } from '../runtime.js';

/**
 * What the adapters need of a runtime; `callChain` if plugins follow one another. If a stand-in does not know what is
 * loaded, its plugins are not looked up at the start.
 */
export type HookCaller = Pick<WasmRuntime, 'callHook' | 'callChain'> &
  Partial<Pick<WasmRuntime, 'isLoaded' | 'plugins'>>;

/** How plugins ended that were called in one hop. */
export interface HopEnd<I extends object, D> {
  /** The result of the last plugin that was called. */
  readonly last: PluginResult<I, D>;
  /** The context as it now applies. If a plugin did not accept, this is what it was given. */
  readonly context: WholeContext<I, D>;
  /** How many of the plugins were called. */
  readonly called: number;
}

/**
 * Calls a hook of one plugin after the other in one hop, on the same context, until one does not accept.
 *
 * @param context - `whole` may be changed in place
 */
export async function callPlugins<I extends object, D>(
  runtime: HookCaller,
  plugins: readonly PreparedPlugin[],
  hook: HookName,
  context: CheckedContext<I, D>,
  options: PreparedCallOptions,
): Promise<HopEnd<I, D>> {
  const calls = preparedCallsOf(runtime) ?? publicCalls;
  const [only] = plugins;
  if (only !== undefined && plugins.length === 1) {
    const last = await calls.callHook(runtime, only, hook, context, options);
    return { last, context: last.ok ? last.ctx : context.whole, called: 1 };
  }
  const last = await calls.callChain(runtime, plugins, hook, context, options);
  return { last, context: last.ctx, called: last.steps.length };
}

/** The way in for calls that are checked, unless calls to the public methods are to be seen: by a stand-in or a spy. */
function preparedCallsOf(runtime: HookCaller): PreparedCalls<HookCaller> | undefined {
  const prepared = Reflect.get(runtime, preparedCalls) as PreparedCalls<HookCaller> | undefined;
  const isOwn =
    runtime.callHook === prepared?.publicMethods.callHook && runtime.callChain === prepared.publicMethods.callChain;
  return isOwn ? prepared : undefined;
}

/** The same by the public methods, for a stand-in: it gets the data as a value, and not as JSON. */
const publicCalls: Omit<PreparedCalls<HookCaller>, 'publicMethods'> = {
  async callHook(runtime, { key, limits, grants }, hook, context, { logger: _, ...options }) {
    const given = publicContext(context);
    return withOwnData(
      await runtime.callHook(key, hook, given, { ...options, ...limits, ...grants?.options }),
      given,
      context,
    );
  },
  async callChain(runtime, plugins, hook, context, { logger: _, ...options }) {
    const given = publicContext(context);
    const chain = plugins.map(({ key, limits, grants }) => ({ plugin: key, ...limits, ...grants?.options }));
    return withOwnData(await runtime.callChain(chain, hook, given, options), given, context);
  },
};

function publicContext<I extends object, D>({ whole, dataText }: CheckedContext<I, D>): WholeContext<I, D> {
  return dataText === undefined ? whole : { ...whole, data: JSON.parse(dataText) as D };
}

/** Puts the server's own data back, if a plugin left alone what it was given for it. */
function withOwnData<T extends PluginResult<object>>(
  result: T,
  given: WholeContext<object>,
  { whole }: CheckedContext<object, unknown>,
): T {
  const { ctx } = result as { ctx?: WholeContext };
  const isOther = given.data !== whole.data && ctx?.data === given.data;
  return isOther ? { ...result, ctx: { ...ctx, data: whole.data } } : result;
}
