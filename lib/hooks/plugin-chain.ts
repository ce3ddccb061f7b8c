import type { CallOptions } from '../options/call-options.js';
import type { WholeContext } from '../calls/context.js';
import type { PluginResult } from '../calls/result.js';
import type { HookName } from '../calls/hook-name.js';
import type { WasmRuntime } from '../runtime.js';
import type { CallEnd } from './circuit/circuit.js';
import type { PluginLimits } from './hook-step.js';

/**
 * What the adapters need of a runtime; `callChain` where plugins follow one another. The plugins of a stand-in that does not
 * know what is loaded are not looked up at the start.
 */
export type HookCaller = Pick<WasmRuntime, 'callHook' | 'callChain'> &
  Partial<Pick<WasmRuntime, 'isLoaded' | 'plugins'>>;

/** A plugin of a chain. */
export interface ChainedPlugin extends PluginLimits {
  plugin: string;
}

/** How a chain ended. */
export interface ChainEnd<I extends object, D> {
  /** How its last plugin that was called ended. */
  readonly last: PluginResult<I, D>;
  /** The context as it now applies; where a plugin did not accept, as that one was given it. */
  readonly context: WholeContext<I, D>;
  /** How many of the plugins were called. */
  readonly called: number;
}

/** The most plugins that travel together. */
export const MAX_CHAIN = 64;

/** Calls a hook of one plugin after the other in one hop, on the same context, until one does not accept. */
export async function callPlugins<I extends object, D>(
  runtime: HookCaller,
  plugins: readonly ChainedPlugin[],
  hook: HookName,
  context: WholeContext<I, D>,
  options: CallOptions,
): Promise<ChainEnd<I, D>> {
  const [only, ...others] = plugins;
  if (only !== undefined && others.length === 0) {
    const { plugin, ...limits } = only;
    const last = await runtime.callHook(plugin, hook, context, { ...options, ...limits });
    return { last, context: last.ok ? last.ctx : context, called: 1 };
  }
  const last = await runtime.callChain(plugins as ChainedPlugin[], hook, context, options);
  return { last, context: last.ctx, called: last.steps.length };
}

/** How the call of the plugin at this place ended, of a chain that called so many. */
export function endOf(index: number, called: number, faulted: boolean): CallEnd {
  if (index >= called) {
    return 'unused';
  }
  return faulted && index === called - 1 ? 'faulted' : 'answered';
}
