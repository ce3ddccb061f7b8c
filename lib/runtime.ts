// oxlint-disable max-lines -- the face of the package: two thirds of it are documentation
import { setImmediate } from 'node:timers/promises';
import { isUint8Array } from 'node:util/types';

import { parseCallOptions } from './options/call-options.js';
import type { CallOptions, ParsedCallOptions, SyncCallOptions } from './options/call-options.js';
import { emptyChainResult, parseChain, readChainReply } from './calls/chain.js';
import type { ChainedPlugin, ChainResult } from './calls/chain.js';
import { parseCloseOptions } from './options/close-options.js';
import type { CloseOptions } from './options/close-options.js';
import { checkContext, encodeContext } from './calls/context.js';
import type { CheckedContext, HookContext, JsonObject } from './calls/context.js';
import { reportAllocation, reportChangedFile, reportFault } from './diagnostics.js';
import type { Logger } from './diagnostics.js';
import { closedError } from './errors.js';
import { HookCalls, makeNative } from './calls/hook-calls.js';
import { checkHookName } from './calls/hook-name.js';
import type { HookName } from './calls/hook-name.js';
import { parseCallLimits } from './options/limits.js';
import { checkModuleBytes, parseLoadOptions } from './options/load-options.js';
import type { LoadDefaults, LoadOptions, LoadSwitches, ParsedLoadOptions } from './options/load-options.js';
import type { NativeRuntime } from './native.js';
import { isOwnModule } from './loads/own-modules.js';
import { pluginKey, pluginName } from './loads/plugin-key.js';
import { readLoadReply } from './loads/plugin-info.js';
import { KnownPlugins } from './loads/known-plugins.js';
import type { PluginInfo } from './loads/plugin-info.js';
import { PluginLoads } from './loads/plugin-loads.js';
import type { StartLoad } from './loads/plugin-loads.js';
import { pluginPath } from './loads/plugin-path.js';
import { interruptAtExit } from './process-exit.js';
import { preparedCalls } from './calls/prepared-calls.js';
import type { PreparedCalls } from './calls/prepared-calls.js';
import type { PreparedPlugin } from './calls/prepared-plugin.js';
import { parseSandboxConfig } from './options/sandbox-config.js';
import type { SandboxConfig } from './options/sandbox-config.js';
import { readCallReply } from './calls/result.js';
import type { PluginResult } from './calls/result.js';

/**
 * Loads plugins, and runs their hooks: each call in a fresh sandbox, on a thread of libuv's pool, with nothing of an
 * earlier call to be seen.
 *
 * ```ts
 * const runtime = new WasmRuntime({ timeoutMs: 100 });
 * await runtime.loadPlugin('./plugins/validate_email.wasm');
 * const result = await runtime.callHook('./plugins/validate_email.wasm', 'before_hook', { input: { email } });
 * if (!result.ok) {
 *   console.log(result.error, result.details);
 * }
 * ```
 *
 * A plugin is named by the path of its file, however spelled: relative, absolute, through a link, as a `file:` URL,
 * with the prefix `wasm:`; or by the name that its bytes were loaded under.
 */
export class WasmRuntime {
  readonly #native: NativeRuntime;
  readonly #calls: HookCalls;
  readonly #loads: PluginLoads;
  readonly #plugins: KnownPlugins;
  readonly #logger: Logger | undefined;
  readonly #loadSwitches: LoadSwitches;
  #closing: Promise<void> | undefined;

  /**
   * @param config - limits, queue, code cache and log; what is left out has the default that its option documents
   * @throws `TypeError` or `RangeError` that names the option, its value and its bounds
   * @throws {@link HookcellError} `ERR_CACHE_DIR` where compiled code cannot be kept in `cacheDir`, `ERR_INTERNAL` where
   * the machine cannot run WebAssembly
   */
  constructor(config?: SandboxConfig) {
    const { limits, queue, codeCache, logger, loadSwitches } = parseSandboxConfig(config);
    this.#logger = logger;
    this.#loadSwitches = loadSwitches;
    this.#native = makeNative(queue, limits, codeCache);
    this.#calls = new HookCalls(this.#native);
    this.#loads = new PluginLoads(this.#native, queue.maxLoads);
    this.#plugins = new KnownPlugins(this.#native);
    interruptAtExit(this.#native);
    reportAllocation(this.#logger, this.pooled);
  }

  /**
   * Reads, checks and compiles a plugin, away from the event loop and from libuv's pool. A file is compiled in this process
   * unless `isolate` says otherwise: whoever may write to your files can do worse.
   *
   * A second load of the same file neither reads nor compiles, even where the file has changed since: then the log says
   * so, and {@link WasmRuntime.reloadPlugin} is what you want. It checks the digest, and the limits that it gives apply from
   * then on. That holds for loads of the same file that overlap, too: the limits of the one that was asked for last count
   * most, whichever ends first.
   *
   * Loads of all runtimes of the process take turns. Two run at a time while they are brief; one that has run for 100 ms
   * holds up no other, until 8 run in all, or 4 of one runtime.
   *
   * @param path - the plugin's file
   * @param options - limits for this plugin, the digest it must have, where it is compiled, and what gives it up
   * @throws {@link HookcellError} `ERR_READ`, `ERR_LIMIT` (the module has more in it than its limits
   * allow), `ERR_DIGEST`, `ERR_COMPILE`, `ERR_ABI`, `ERR_IMPORT`, `ERR_ISOLATE`, `ERR_QUEUE_FULL` (`maxLoads` are under way)
   * or `ERR_CLOSED`
   * @throws the signal's reason where the signal aborts before the plugin is loaded
   * @throws `TypeError` or `RangeError` where `path` or an option is wrong; `path` is no `https:` URL
   */
  async loadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo> {
    return await this.#loadFile(pluginPath(path), parseLoadOptions(options, this.#loadDefaults(false)));
  }

  /**
   * Checks and compiles a plugin that is not in a file, and puts it in the place of what had its name. A call that runs
   * goes on with what it started with; one that still waits for a thread gets the new plugin. Bytes may be anybody's, so
   * they are compiled in a process of their own; `isolate: false` compiles them here.
   *
   * Where loads of one name overlap, the plugin that was asked for last stays, whichever load ends first. An earlier one
   * that ends later resolves its own plugin's `PluginInfo` none the less, as if it had been loaded and replaced at once;
   * the same goes for a load that `unloadPlugin` overtakes. Loads take turns as {@link WasmRuntime.loadPlugin} says.
   *
   * @param name - what to call it by. Where it is a path to the file of a plugin that is loaded, however spelled, it replaces
   * that plugin, whose `key` it gets
   * @param bytes - the module; copied before this returns, unless it is longer than `maxModuleBytes`
   * @param options - limits for this plugin, the digest it must have, where it is compiled, and what gives it up
   * @throws as {@link WasmRuntime.loadPlugin}, save for `ERR_READ`
   */
  async loadPluginBytes(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo> {
    const key = pluginName(name);
    checkModuleBytes(bytes);
    return await this.#loadBytes(key, bytes, parseLoadOptions(options, this.#loadDefaults(!isOwnModule(bytes))));
  }

  /**
   * Loads a plugin anew, and swaps it for what is loaded in one step: each call runs the one or the other, none is lost, and
   * none waits for the load. Where the new one is refused, the old one stays. Limits that were given before hold on, with
   * those of `options` in their place. A plugin that is not loaded is loaded.
   *
   * A file is read anew. Where a link in its path leads to another file by now, as where Kubernetes changes a mounted
   * folder, whatever meant the old file means the new one. Reloads and loads of one plugin take effect in the order they
   * were asked for.
   *
   * @param path - the plugin's file
   * @param options - as for {@link WasmRuntime.loadPlugin}
   * @returns what is loaded now; `sha256` tells whether it is another
   * @throws as {@link WasmRuntime.loadPlugin}; `ERR_READ` also where the plugin was loaded from bytes, and there is no file
   */
  async reloadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo>;

  /**
   * The same for a plugin that is not in a file.
   *
   * @param name - what it is called by
   * @param bytes - the new module; copied before this returns
   * @param options - as for {@link WasmRuntime.loadPluginBytes}
   */
  async reloadPlugin(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo>;

  async reloadPlugin(
    plugin: string | URL,
    second?: Uint8Array | LoadOptions,
    third?: LoadOptions,
  ): Promise<PluginInfo> {
    if (isUint8Array(second)) {
      const parsed = parseLoadOptions(third, this.#loadDefaults(!isOwnModule(second)));
      parsed.settings.reload = true;
      return await this.#loadBytes(pluginName(plugin as string), second, parsed);
    }
    const parsed = parseLoadOptions(second ?? third, this.#loadDefaults(false));
    parsed.settings.reload = true;
    return await this.#loadFile(pluginPath(plugin), parsed);
  }

  /**
   * Runs one hook of a plugin in a fresh sandbox. Whatever the plugin does, the promise resolves: with its yes, its
   * no, or the fault that ended it, which is also logged. It rejects only where the host is misused or refuses.
   *
   * @typeParam I - the shape of `input`, before and after
   * @typeParam D - the shape of `data`, before and after
   * @param plugin - a plugin that is loaded
   * @param hook - the export to call
   * @param context - what the plugin is given, written as JSON before this returns
   * @param options - limits for this call, whose it is, and what ends it
   * @throws {@link HookcellError} `ERR_NOT_LOADED`, `ERR_NO_HOOK`, `ERR_CONTEXT`, `ERR_LIMIT` (the context is larger
   * than `maxContextBytes`), `ERR_QUEUE_FULL`, `ERR_QUEUE_TIMEOUT` or `ERR_CLOSED`
   * @throws the signal's reason where the signal aborts before the call has ended
   * @throws `TypeError` or `RangeError` where `plugin`, `hook` or an option is wrong
   */
  async callHook<I extends object = JsonObject, D = unknown>(
    plugin: string | URL,
    hook: HookName,
    context: HookContext<I, D>,
    options?: CallOptions,
  ): Promise<PluginResult<I, D>> {
    const key = pluginKey(plugin);
    checkHookName(hook);
    const callOptions = parseCallOptions(options);
    this.#refuseWhenClosed();
    return await this.#callHook(key, hook, checkContext(context), callOptions);
  }

  /**
   * Runs a hook of one plugin after the other, on the context as those before have left it: only `input` and `data` are
   * handed on. The first that says no or fails is the last. All of them take one turn and one thread, but each has its
   * own fresh sandbox, limits, fuel and deadline, so a chain may take as long as all of its deadlines together.
   *
   * Every plugin and hook is looked up before the first one runs. A plugin that makes the context longer than the
   * next one's `maxContextBytes` has failed (`ERR_RESULT`).
   *
   * @typeParam I - the shape of `input`, before and after
   * @typeParam D - the shape of `data`, before and after
   * @param plugins - plugins that are loaded, at most 64, with limits of their own where they need any. None at all say
   * yes
   * @param hook - the export to call, the same of each
   * @param context - what the first plugin is given, written as JSON before this returns
   * @param options - limits for every plugin that has none of its own here, whose chain it is, and what ends it
   * @throws as {@link WasmRuntime.callHook}; `ERR_LIMIT` also in the middle, where a plugin's `maxContextBytes` is below
   * what the one before it was given
   */
  async callChain<I extends object = JsonObject, D = unknown>(
    plugins: readonly ChainedPlugin[],
    hook: HookName,
    context: HookContext<I, D>,
    options?: CallOptions,
  ): Promise<ChainResult<I, D>> {
    const callOptions = parseCallOptions(options);
    const chain = parseChain(plugins, callOptions.limits);
    checkHookName(hook);
    this.#refuseWhenClosed();
    const checked = checkContext(context);
    if (chain.length === 0) {
      // What a plugin could not be given is refused here too.
      encodeContext(checked);
      return emptyChainResult(checked.whole, callOptions);
    }
    return await this.#callChain(chain, hook, checked, callOptions);
  }

  /**
   * Runs one hook as {@link WasmRuntime.callHook} does, but on the calling thread, which does nothing else meanwhile:
   * for scripts, tests and command lines, not for servers. It blocks for at most `timeoutMs`. It waits for no turn and
   * counts for no `concurrency`.
   *
   * @typeParam I - the shape of `input`, before and after
   * @typeParam D - the shape of `data`, before and after
   * @param plugin - a plugin that is loaded
   * @param hook - the export to call
   * @param context - what the plugin is given
   * @param options - limits for this call
   * @throws {@link HookcellError} `ERR_NOT_LOADED`, `ERR_NO_HOOK`, `ERR_CONTEXT`, `ERR_LIMIT` (the context is larger
   * than `maxContextBytes`), `ERR_QUEUE_FULL` (16 threads of the process are in such a call already) or `ERR_CLOSED`
   * @throws `TypeError` or `RangeError` where `plugin`, `hook` or an option is wrong
   */
  callHookSync<I extends object = JsonObject, D = unknown>(
    plugin: string | URL,
    hook: HookName,
    context: HookContext<I, D>,
    options?: SyncCallOptions,
  ): PluginResult<I, D> {
    const key = pluginKey(plugin);
    checkHookName(hook);
    const limits = parseCallLimits(options, []);
    const checked = checkContext(context);
    const text = encodeContext(checked);
    this.#refuseWhenClosed();
    const result = readCallReply(this.#native.callHookSync(key, hook, text, limits), checked.whole);
    reportFault(this.#logger, key, hook, result);
    return result;
  }

  /** Whether the plugin is loaded. */
  isLoaded(plugin: string | URL): boolean {
    return this.#native.isLoaded(pluginKey(plugin));
  }

  /**
   * Forgets a plugin, and frees its code when the last call that runs it ends. A call that still waits for a thread is
   * refused with `ERR_NOT_LOADED`, and a load that was asked for before does not bring it back.
   *
   * @returns whether it was loaded
   */
  unloadPlugin(plugin: string | URL): boolean {
    return this.#native.unloadPlugin(pluginKey(plugin));
  }

  /** The plugins that are loaded. */
  plugins(): PluginInfo[] {
    return this.#plugins.list();
  }

  /**
   * Whether the sandboxes of this process come from a pool. Where there is no address space for one (`ulimit -v`), each
   * call maps its own, which takes some 25 µs more; the log says so once.
   */
  get pooled(): boolean {
    return this.#native.isPooled();
  }

  /** Calls that hold one of the `concurrency` slots now. */
  get running(): number {
    return this.#calls.counts().running;
  }

  /** Calls that wait for their turn now, of at most `maxQueue`. */
  get waiting(): number {
    return this.#calls.counts().waiting;
  }

  /**
   * Takes no more calls and loads (they reject with `ERR_CLOSED`), waits for those under way, and unloads every
   * plugin. With `interrupt`, the calls and loads under way are ended first: those that wait for their turn and those that
   * run reject with `ERR_CLOSED`. What compiles in this process goes on unseen until it is done.
   *
   * Closing again waits for the same end, and with `interrupt` hastens it.
   *
   * @throws `TypeError` where an option is wrong; the runtime is not closed then
   */
  async close(options?: CloseOptions): Promise<void> {
    const interrupt = parseCloseOptions(options);
    this.#closing ??= this.#shutDown();
    if (interrupt) {
      this.#loads.interrupt();
      this.#calls.interrupt();
    }
    await this.#closing;
  }

  /** The same as {@link WasmRuntime.close}, for `await using`: waits for what is under way. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    // Of the calls also those whose callers are gone, since their signal has aborted.
    await Promise.all([this.#loads.idle(), this.#calls.idle()]);
    // Callers are told before whoever closes.
    await setImmediate();
    for (const { key } of this.plugins()) {
      this.#native.unloadPlugin(key);
    }
  }

  async #callHook<I extends object, D>(
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

  async #callChain<I extends object, D>(
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

  #loadFile(path: string, { settings, signal }: ParsedLoadOptions): Promise<PluginInfo> {
    return this.#load((number) => this.#native.loadPlugin(number, path, settings), signal);
  }

  #loadBytes(name: string, bytes: Uint8Array, { settings, signal }: ParsedLoadOptions): Promise<PluginInfo> {
    return this.#load((number) => this.#native.loadPluginBytes(number, name, bytes, settings), signal);
  }

  async #load(start: StartLoad, signal: AbortSignal | undefined): Promise<PluginInfo> {
    this.#refuseWhenClosed();
    const { info, fileChanged } = readLoadReply(await this.#loads.load(start, signal));
    if (fileChanged) {
      reportChangedFile(this.#logger, info);
    }
    return this.#plugins.add(info);
  }

  #loadDefaults(isolate: boolean): LoadDefaults {
    return { ...this.#loadSwitches, isolate };
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) {
      throw closedError();
    }
  }

  // The adapters' way in. Not a member of the type, which is public.
  static {
    const { callHook, callChain } = this.prototype;
    const value: PreparedCalls<WasmRuntime> = {
      publicMethods: { callHook, callChain },
      async callHook(runtime, { key, limits }, hook, context, options) {
        runtime.#refuseWhenClosed();
        return await runtime.#callHook(key, hook, context, { ...options, limits });
      },
      async callChain(runtime, plugins, hook, context, options) {
        runtime.#refuseWhenClosed();
        return await runtime.#callChain(plugins, hook, context, options);
      },
    };
    Object.defineProperty(this.prototype, preparedCalls, { value });
  }
}
