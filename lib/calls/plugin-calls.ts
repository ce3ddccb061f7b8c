import { emptyChainResult, parseChain, readChainReply } from './chain.js';
import type { ChainedPlugin, ChainResult } from './chain.js';
import { checkContext, encodeContext } from './context.js';
import type { CheckedContext, HookContext } from './context.js';
import { reportFault } from '../diagnostics.js';
import type { Logger } from '../diagnostics.js';
import { HookCalls } from './hook-calls.js';
import { checkHookName } from './hook-name.js';
import type { CallCounts, NativeRuntime } from '../native.js';
import { parseCallOptions } from '../options/call-options.js';
import type { CallOptions, ParsedCallOptions, SyncCallOptions } from '../options/call-options.js';
import { parseCallLimits } from '../options/limits.js';
import { pluginKey } from '../loads/plugin-key.js';
import type { PreparedPlugin } from './prepared-plugin.js';
import { readCallReply } from './result.js';
import type { PluginResult } from './result.js';

/** The calls of one runtime: checks what they are given, has the addon run them, reads their results and logs faults. */
export class PluginCalls {
  readonly #native: NativeRuntime;
  readonly #calls: HookCalls;
  readonly #logger: Logger | undefined;

  constructor(native: NativeRuntime, logger: Logger | undefined) {
    this.#native = native;
    this.#calls = new HookCalls(native);
    this.#logger = logger;
  }

  /** @throws at once if an argument is invalid */
  callHook<I extends object, D>(
    plugin: string | URL,
    hook: string,
    context: HookContext<I, D>,
    options: CallOptions | undefined,
  ): Promise<PluginResult<I, D>> {
    const key = pluginKey(plugin);
    checkHookName(hook);
    const callOptions = parseCallOptions(options);
    return this.runHook(key, hook, checkContext(context), callOptions);
  }

  /** @throws at once if an argument is invalid */
  callChain<I extends object, D>(
    plugins: readonly ChainedPlugin[],
    hook: string,
    context: HookContext<I, D>,
    options: CallOptions | undefined,
  ): Promise<ChainResult<I, D>> {
    const callOptions = parseCallOptions(options);
    const chain = parseChain(plugins, callOptions.limits);
    checkHookName(hook);
    this.#calls.refuseIfClosed();
    const checked = checkContext(context);
    if (chain.length === 0) {
      // An empty chain refuses the same contexts as any other.
      encodeContext(checked);
      return Promise.resolve(emptyChainResult(checked.whole, callOptions));
    }
    return this.runChain(chain, hook, checked, callOptions);
  }

  callHookSync<I extends object, D>(
    plugin: string | URL,
    hook: string,
    context: HookContext<I, D>,
    options: SyncCallOptions | undefined,
  ): PluginResult<I, D> {
    const key = pluginKey(plugin);
    checkHookName(hook);
    const limits = parseCallLimits(options, []);
    const checked = checkContext(context);
    const text = encodeContext(checked);
    this.#calls.refuseIfClosed();
    const result = readCallReply(this.#native.callHookSync(key, hook, text, limits), checked.whole);
    reportFault(this.#logger, key, hook, result);
    return result;
  }

  /** {@link PluginCalls.callHook} for arguments that are already checked. */
  async runHook<I extends object, D>(
    key: string,
    hook: string,
    context: CheckedContext<I, D>,
    options: ParsedCallOptions,
  ): Promise<PluginResult<I, D>> {
    const reply = this.#calls.begin(context, options, (text, number, settings) =>
      this.#native.callHook(number, key, hook, text, settings),
    );
    const result = readCallReply(await reply, context.whole);
    reportFault(this.#logger, key, hook, result);
    return result;
  }

  /** {@link PluginCalls.callChain} for arguments that are already checked. */
  async runChain<I extends object, D>(
    plugins: readonly PreparedPlugin[],
    hook: string,
    context: CheckedContext<I, D>,
    options: ParsedCallOptions,
  ): Promise<ChainResult<I, D>> {
    const chain = `[${plugins.map(({ json }) => json).join()}]`;
    const reply = this.#calls.begin(context, options, (text, number, settings) =>
      this.#native.callChain(number, chain, hook, text, settings),
    );
    const result = readChainReply(await reply, context.whole);
    const last = result.steps.at(-1);
    if (last !== undefined) {
      reportFault(this.#logger, last.plugin, hook, { fault: result.fault, usage: last.usage });
    }
    return result;
  }

  /** How many calls run, and how many wait. */
  counts(): CallCounts {
    return this.#native.calls();
  }

  /** Ends all calls for good, waiting and running ones. */
  interrupt(): void {
    this.#native.cancelAll();
  }

  /** Refuses new calls, and resolves when the addon has no call left. */
  close(): Promise<void> {
    return this.#calls.close();
  }
}
