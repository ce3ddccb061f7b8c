import { emptyChainResult, parseChain, readChainReply } from './chain.js';
import type { ChainedPlugin, ChainFaulted, ChainResult } from './chain.js';
import { checkContext, encodeContext } from './context.js';
import type { CheckedContext, HookContext } from './context.js';
import type { JsonValue } from '../values/json.js';
import { configError, HookcellError } from '../errors.js';
import { pluginKey } from '../loads/plugin-key.js';
import { callChannel, chainChannel, traced, tracedSync } from '../telemetry/channels.js';
import type { CallMessage } from '../telemetry/channels.js';
import type { PluginLog } from '../telemetry/plugin-log.js';
import { HookCalls } from './queue/hook-calls.js';
import { checkHookName } from './hook-name.js';
import { PreparedChains } from './prepared/prepared-chains.js';
import { PreparedHooks } from './prepared/prepared-hooks.js';
import type { PreparedHook } from './prepared/prepared-hook.js';
import { BATCH_HEAD } from '../native.js';
import type { CallCounts, NativeRuntime } from '../native.js';
import { parseCallOptions, parseRequestId, syncNames } from '../options/call-options.js';
import type { CallOptions, ParsedCallOptions, SyncCallOptions } from '../options/call-options.js';
import { parseGrants } from '../grants/grants.js';
import type { ParsedGrants } from '../grants/grants.js';
import { parseSyncLimits } from '../options/limits.js';
import type { PreparedPlugin } from './prepared/prepared-plugin.js';
import type { Recorder } from '../record/recorder.js';
import type { Recording } from '../record/recording.js';
import { replyAt, replyNumbers } from './queue/reply-numbers.js';
import { readCallReply } from './result.js';
import type { CallReply, PluginResult } from './result.js';

/** The optional export that a plugin is asked with about its configuration. */
const VALIDATE_CONFIG = 'validate_config';

/** The calls of one runtime: checks what they are given, has the addon run them, reads their results and logs faults. */
export class PluginCalls {
  readonly #native: NativeRuntime;
  readonly #calls: HookCalls;
  readonly #chains: PreparedChains;
  readonly #hooks: PreparedHooks;
  readonly #log: PluginLog;
  /** The runtime, for the messages of the tracing channels. */
  readonly #owner: object;
  readonly #recorder: Recorder | undefined;

  constructor(owner: object, native: NativeRuntime, log: PluginLog, recorder: Recorder | undefined) {
    this.#owner = owner;
    this.#native = native;
    this.#calls = new HookCalls(native);
    this.#chains = new PreparedChains(native);
    this.#hooks = new PreparedHooks(native);
    this.#log = log;
    this.#recorder = recorder;
  }

  /** Rejects if an argument is invalid. An async function would make a second promise, which a brief call can feel. */
  callHook<I extends object, D>(
    plugin: string | URL,
    hook: string,
    context: HookContext<I, D>,
    options: CallOptions | undefined,
  ): Promise<PluginResult<I, D>> {
    try {
      const prepared = this.#hooks.get(plugin, hook);
      const callOptions = parseCallOptions(options);
      return this.#traced(prepared, checkContext(context), callOptions);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** Rejects if an argument is invalid. */
  callChain<I extends object, D>(
    plugins: readonly ChainedPlugin[],
    hook: string,
    context: HookContext<I, D>,
    options: CallOptions | undefined,
  ): Promise<ChainResult<I, D>> {
    try {
      const callOptions = parseCallOptions(options);
      refuseSharedConfig(callOptions);
      const chain = parseChain(plugins, callOptions.limits, this.#chains);
      checkHookName(hook);
      this.#calls.refuseIfClosed();
      const checked = checkContext(context);
      if (chain.length === 0) {
        // An empty chain refuses the same contexts as any other.
        encodeContext(checked);
        return Promise.resolve(emptyChainResult(checked.whole, callOptions));
      }
      return this.runChain(chain, hook, checked, callOptions);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  callHookSync<I extends object, D>(
    plugin: string | URL,
    hook: string,
    context: HookContext<I, D>,
    options: SyncCallOptions | undefined,
  ): PluginResult<I, D> {
    const prepared = this.#hooks.get(plugin, hook);
    const requestId = parseRequestId(options?.requestId);
    const parsed = { limits: parseSyncLimits(options, syncNames), grants: parseGrants(options), requestId };
    const checked = checkContext(context);
    const run = () => this.#runSync(prepared, checked, parsed);
    return tracedSync(callChannel, () => this.#callMessage(prepared, parsed), run);
  }

  #runSync<I extends object, D>(
    prepared: PreparedHook,
    checked: CheckedContext<I, D>,
    parsed: Pick<ParsedCallOptions, 'limits' | 'grants' | 'requestId'>,
  ): PluginResult<I, D> {
    const { limits, grants } = parsed;
    const text = encodeContext(checked);
    this.#calls.refuseIfClosed();
    const recording = this.#recorder?.begin(prepared.key, prepared.hook, limits, grants, checked);
    recording?.keep(text);
    const reply = prepared.runSync(text, limits, replyNumbers, grants?.settings);
    const result = readCallReply(replyAt(BATCH_HEAD, reply, 'inline'), checked.whole);
    this.#report(prepared, parsed, result, recording);
    return result;
  }

  /** @throws {@link HookcellError} `ERR_CONFIG` if the plugin does not accept the configuration */
  async validateConfig(plugin: string | URL, config: JsonValue, options: CallOptions | undefined): Promise<boolean> {
    let result: PluginResult<object>;
    try {
      result = await this.callHook(
        plugin,
        VALIDATE_CONFIG,
        { input: {} },
        { ...options, config, now: false, seed: false },
      );
    } catch (error) {
      if (error instanceof HookcellError && error.code === 'ERR_NO_HOOK') {
        return false;
      }
      throw error;
    }
    if (result.ok) {
      return true;
    }
    throw configError(pluginKey(plugin), result);
  }

  #report(
    { key, hook }: PreparedHook,
    { tenant, requestId, logger }: ParsedCallOptions,
    result: PluginResult<object>,
    recording: Recording | undefined,
  ): void {
    if (result.log !== undefined || result.fault !== undefined) {
      this.#log.write({ plugin: key, hook, tenant, requestId, logger }, result);
    }
    if (recording !== undefined) {
      this.#recorder?.end(recording, result);
    }
  }

  /**
   * {@link PluginCalls.callHook} for arguments that are already checked.
   *
   * @throws at once if the runtime is closed
   */
  runHook<I extends object, D>(
    key: string,
    hook: string,
    context: CheckedContext<I, D>,
    options: ParsedCallOptions,
  ): Promise<PluginResult<I, D>> {
    return this.#traced(this.#hooks.get(key, hook), context, options);
  }

  #traced<I extends object, D>(
    prepared: PreparedHook,
    context: CheckedContext<I, D>,
    options: ParsedCallOptions,
  ): Promise<PluginResult<I, D>> {
    if (!callChannel.hasSubscribers) {
      return this.#run(prepared, context, options);
    }
    const message = () => this.#callMessage(prepared, options);
    return traced(callChannel, message, () => this.#run(prepared, context, options));
  }

  #callMessage({ key, hook }: PreparedHook, { tenant, requestId }: ParsedCallOptions): CallMessage {
    return { runtime: this.#owner, plugin: key, hook, tenant, requestId };
  }

  #run<I extends object, D>(
    prepared: PreparedHook,
    context: CheckedContext<I, D>,
    options: ParsedCallOptions,
  ): Promise<PluginResult<I, D>> {
    const { key, hook, submit } = prepared;
    const recording = this.#recorder?.begin(key, hook, options.limits, options.grants, context);
    const read = (reply: CallReply) => {
      const result = readCallReply(reply, context.whole);
      this.#report(prepared, options, result, recording);
      return result;
    };
    return this.#calls.begin(context, options, submit, read, recording?.keep);
  }

  /**
   * {@link PluginCalls.callChain} for arguments that are already checked.
   *
   * @throws at once if the runtime is closed
   */
  runChain<I extends object, D>(
    plugins: readonly PreparedPlugin[],
    hook: string,
    context: CheckedContext<I, D>,
    options: ParsedCallOptions,
  ): Promise<ChainResult<I, D>> {
    if (!chainChannel.hasSubscribers) {
      return this.#runChain(plugins, hook, context, options);
    }
    const { tenant, requestId } = options;
    const keys = plugins.map(({ key }) => key);
    const message = () => ({ runtime: this.#owner, plugins: keys, hook, tenant, requestId });
    return traced(chainChannel, message, () => this.#runChain(plugins, hook, context, options));
  }

  #runChain<I extends object, D>(
    plugins: readonly PreparedPlugin[],
    hook: string,
    context: CheckedContext<I, D>,
    options: ParsedCallOptions,
  ): Promise<ChainResult<I, D>> {
    let text = '';
    const keep = this.#recorder && ((first: string) => void (text = first));
    const read = (reply: CallReply) => {
      const result = readChainReply(reply, plugins, context.whole);
      const last = result.steps.length - 1;
      result.steps.forEach(({ plugin, log, usage }, index) => {
        const fault = index === last ? result.fault : undefined;
        if (log !== undefined || fault !== undefined) {
          const { tenant, requestId, logger } = options;
          this.#log.write({ plugin, hook, tenant, requestId, logger }, { log, fault, usage });
        }
      });
      if (result.fault !== undefined) {
        this.#recordLast(result, plugins, hook, context, text);
      }
      return result;
    };
    return this.#calls.begin(context, options, this.#chains.get(plugins, hook), read, keep);
  }

  /** Records the plugin that ended a chain, with the context that it got. `text` is that of the first plugin. */
  #recordLast(
    result: ChainFaulted<object>,
    plugins: readonly PreparedPlugin[],
    hook: string,
    { callerText }: CheckedContext<object, unknown>,
    text: string,
  ): void {
    const last = plugins[result.steps.length - 1];
    if (last === undefined || this.#recorder === undefined) {
      return;
    }
    const context = { whole: result.ctx, callerText };
    const recording = this.#recorder.begin(last.key, hook, last.limits, last.grants, context);
    try {
      recording.keep(result.steps.length === 1 ? text : encodeContext(context));
    } catch {
      // An object of the server's own that is JSON no longer: there is nothing to record.
      return;
    }
    this.#recorder.end(recording, result);
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
    return this.#recorder === undefined
      ? this.#calls.close()
      : this.#calls.close().then(() => this.#recorder?.settled());
  }
}

/** Each plugin of a chain has a configuration of its own: it may hold secrets that the others must not see. */
function refuseSharedConfig({ grants }: { grants?: ParsedGrants | undefined }): void {
  if (grants?.settings.config !== undefined) {
    throw new TypeError('config is of one plugin: give it in the chain, as { plugin, config }');
  }
}
