import type { CallOptions } from '../call-options.js';
import type { WholeContext } from '../context.js';
import type { PluginResult, Usage } from '../result.js';
import type { HookName, WasmRuntime } from '../runtime.js';
import type { PluginLimits } from './hook-step.js';

/** What the adapters need of a runtime. */
export type HookCaller = Pick<WasmRuntime, 'callHook'>;

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

/** Calls a hook of one plugin after the other, on the same context, until one does not accept. */
export async function callPlugins<I extends object, D>(
  runtime: HookCaller,
  plugins: readonly ChainedPlugin[],
  hook: HookName,
  context: WholeContext<I, D>,
  options: CallOptions,
): Promise<ChainEnd<I, D>> {
  let current = context;
  let last: PluginResult<I, D> = { ok: true, ctx: current, usage: nothing };
  let called = 0;
  for (const { plugin, ...limits } of plugins) {
    last = await runtime.callHook(plugin, hook, current, { ...options, ...limits });
    called += 1;
    if (!last.ok) {
      break;
    }
    current = last.ctx;
  }
  return { last, context: current, called };
}

const nothing: Usage = { fuel: 0, memoryBytes: 0, queueMs: 0, runMs: 0 };
