import { isUint8Array } from 'node:util/types';

import type { CallOptions, SyncCallOptions } from './options/call-options.js';
import type { ChainedPlugin, ChainResult } from './calls/chain.js';
import type { CloseOptions } from './options/close-options.js';
import type { HookContext } from './calls/context.js';
import type { JsonObject, JsonValue } from './values/json.js';
import type { HookName } from './calls/hook-name.js';
import type { LoadOptions } from './options/load-options.js';
import type { NativeRuntime } from './native.js';
import type { PluginCalls } from './calls/plugin-calls.js';
import { pluginKey } from './loads/plugin-key.js';
import { tellUnload } from './loads/unloads.js';
import type { PluginInfo } from './loads/plugin-info.js';
import type { PluginLoads } from './loads/plugin-loads.js';
import { preparedCalls } from './calls/prepared/prepared-calls.js';
import type { PreparedCalls } from './calls/prepared/prepared-calls.js';
import { RuntimeParts } from './runtime-parts.js';
import type { SandboxConfig } from './options/sandbox-config.js';
import type { PluginResult } from './calls/result.js';

/**
 * Loads plugins and runs their hooks. Each call gets a fresh sandbox on a thread of libuv's pool and sees nothing of an
 * earlier call.
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
 * You name a plugin by the path of its file, in any spelling (relative, absolute, through a link, as a `file:` URL, with
 * the prefix `wasm:`), or by the name that its bytes were loaded under.
 */
export class WasmRuntime {
  readonly #native: NativeRuntime;
  readonly #calls: PluginCalls;
  readonly #loads: PluginLoads;
  readonly #parts: RuntimeParts;

  /**
   * @param config - limits, queue, code cache and log; each option documents its default
   * @throws `TypeError` or `RangeError` that names the option, its value and its bounds
   * @throws {@link HookcellError} `ERR_CACHE_DIR` if compiled code cannot be kept in `cacheDir`, `ERR_INTERNAL` if the
   * machine cannot run WebAssembly
   */
  constructor(config?: SandboxConfig) {
    this.#parts = new RuntimeParts(this, config);
    ({ native: this.#native, calls: this.#calls, loads: this.#loads } = this.#parts);
  }

  /**
   * Reads, checks and compiles a plugin, off the event loop and outside libuv's pool. A file is compiled in this process
   * unless you set `isolate`: anyone who can write your files can already do worse.
   *
   * A second load of the same file neither reads nor compiles it again, even if the file has changed; the log then tells
   * you to use {@link WasmRuntime.reloadPlugin}. A second load does check the digest, and its limits replace the earlier
   * ones. If loads of one file overlap, the limits of the last one that was requested win, in whatever order they end.
   *
   * The loads of all runtimes of the process take turns. Two short loads run at a time. A load that takes longer than
   * 100 ms no longer blocks the others, until 8 run in total, or 4 of one runtime.
   *
   * @param path - the plugin's file
   * @param options - limits for this plugin, its expected digest, where it is compiled, and a signal that cancels the load
   * @throws {@link HookcellError} `ERR_READ`, `ERR_LIMIT` (the module exceeds a limit), `ERR_DIGEST`, `ERR_COMPILE`,
   * `ERR_ABI`, `ERR_IMPORT`, `ERR_ISOLATE`, `ERR_QUEUE_FULL` (`maxLoads` are in progress) or `ERR_CLOSED`
   * @throws the signal's reason if the signal aborts before the plugin is loaded
   * @throws `TypeError` or `RangeError` if `path` or an option is invalid; an `https:` URL is not a valid `path`
   */
  async loadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo> {
    return await this.#loads.loadFile(path, options);
  }

  /**
   * Checks and compiles a plugin from its bytes, and replaces the plugin of that name if there is one. A running call
   * finishes with the old plugin; a call that is still waiting for a thread gets the new one. Bytes can come from
   * anywhere, so they are compiled in a separate process; `isolate: false` compiles them here.
   *
   * If loads of one name overlap, the plugin that was requested last stays, in whatever order the loads end. An earlier
   * load that ends later still resolves with its own `PluginInfo`, as if it had been loaded and replaced at once. The
   * same is true of a load that `unloadPlugin` overtakes. Loads take turns as in {@link WasmRuntime.loadPlugin}.
   *
   * @param name - the name to call it by. If it is a path to the file of a loaded plugin, in any spelling, the bytes
   * replace that plugin and keep its `key`
   * @param bytes - the module; copied before this returns, unless it is longer than `maxModuleBytes`
   * @param options - limits for this plugin, its expected digest, where it is compiled, and a signal that cancels the load
   * @throws as {@link WasmRuntime.loadPlugin}, except `ERR_READ`
   */
  async loadPluginBytes(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo> {
    return await this.#loads.loadBytes(name, bytes, options);
  }

  /**
   * Loads a plugin again, and replaces the loaded one in one step: each call runs either the old or the new one, no call
   * is lost, and no call waits for the load. If the new plugin is refused, the old one stays. Earlier limits still apply,
   * unless `options` sets them. A plugin that is not loaded is loaded.
   *
   * The file is read again. If a link in its path now leads to another file, as when Kubernetes changes a mounted folder,
   * every name that led to the old file now leads to the new one. Reloads and loads of one plugin take effect in the
   * order in which they were requested.
   *
   * @param path - the plugin's file
   * @param options - as for {@link WasmRuntime.loadPlugin}
   * @returns the plugin that is loaded now; `sha256` tells whether it is a different one
   * @throws as {@link WasmRuntime.loadPlugin}; also `ERR_READ` if the plugin was loaded from bytes and there is no file
   */
  async reloadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo>;

  /**
   * The same for a plugin that is loaded from bytes.
   *
   * @param name - the name it is called by
   * @param bytes - the new module; copied before this returns
   * @param options - as for {@link WasmRuntime.loadPluginBytes}
   */
  async reloadPlugin(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo>;

  async reloadPlugin(
    plugin: string | URL,
    second?: Uint8Array | LoadOptions,
    third?: LoadOptions,
  ): Promise<PluginInfo> {
    return await (isUint8Array(second)
      ? this.#loads.loadBytes(plugin as string, second, third, 'reload')
      : this.#loads.loadFile(plugin, second ?? third, 'reload'));
  }

  /**
   * Runs one hook of a plugin in a fresh sandbox. Whatever the plugin does, the promise resolves: with its acceptance, its
   * rejection, or the fault that ended it, which is also logged. It rejects only if the host is misused or refuses.
   *
   * @typeParam I - the shape of `input`, before and after
   * @typeParam D - the shape of `data`, before and after
   * @param plugin - a loaded plugin
   * @param hook - the export to call
   * @param context - what the plugin gets, written as JSON before this returns
   * @param options - limits for this call, its tenant, and a signal that ends it
   * @throws {@link HookcellError} `ERR_NOT_LOADED`, `ERR_NO_HOOK`, `ERR_CONTEXT`, `ERR_LIMIT` (the context is larger
   * than `maxContextBytes`), `ERR_QUEUE_FULL`, `ERR_QUEUE_TIMEOUT` or `ERR_CLOSED`
   * @throws the signal's reason if the signal aborts before the call ends
   * @throws `TypeError` or `RangeError` if `plugin`, `hook` or an option is invalid
   */
  callHook<I extends object = JsonObject, D = unknown>(
    plugin: string | URL,
    hook: HookName,
    context: HookContext<I, D>,
    options?: CallOptions,
  ): Promise<PluginResult<I, D>> {
    return this.#calls.callHook(plugin, hook, context, options);
  }

  /**
   * Runs a hook of several plugins in order. Each gets the context as the plugins before it left it; only `input` and
   * `data` can change. The chain stops at the first plugin that rejects or faults. The whole chain waits in the queue
   * once and runs on one thread, but each plugin has its own fresh sandbox, limits, fuel and deadline, so a chain may
   * take as long as all its deadlines together.
   *
   * Every plugin and hook is looked up before the first one runs. A plugin that makes the context longer than the next
   * one's `maxContextBytes` faults (`ERR_RESULT`).
   *
   * @typeParam I - the shape of `input`, before and after
   * @typeParam D - the shape of `data`, before and after
   * @param plugins - loaded plugins, at most 64, each with its own limits if it needs them. An empty chain accepts
   * @param hook - the export to call, the same for all plugins
   * @param context - what the first plugin gets, written as JSON before this returns
   * @param options - limits for every plugin without its own, the chain's tenant, and a signal that ends it
   * @throws as {@link WasmRuntime.callHook}; also `ERR_LIMIT` in the middle of a chain, if a plugin's `maxContextBytes`
   * is smaller than the context that the plugin before it got
   */
  callChain<I extends object = JsonObject, D = unknown>(
    plugins: readonly ChainedPlugin[],
    hook: HookName,
    context: HookContext<I, D>,
    options?: CallOptions,
  ): Promise<ChainResult<I, D>> {
    return this.#calls.callChain(plugins, hook, context, options);
  }

  /**
   * Runs one hook as {@link WasmRuntime.callHook} does, but blocks the calling thread until it ends, for at most
   * `timeoutMs`. It is for scripts, tests and command lines, not for servers. It does not wait in the queue and takes no
   * `concurrency` slot.
   *
   * @typeParam I - the shape of `input`, before and after
   * @typeParam D - the shape of `data`, before and after
   * @param plugin - a loaded plugin
   * @param hook - the export to call
   * @param context - what the plugin gets
   * @param options - limits for this call
   * @throws {@link HookcellError} `ERR_NOT_LOADED`, `ERR_NO_HOOK`, `ERR_CONTEXT`, `ERR_LIMIT` (the context is larger
   * than `maxContextBytes`), `ERR_QUEUE_FULL` (16 threads of the process are in such a call already) or `ERR_CLOSED`
   * @throws `TypeError` or `RangeError` if `plugin`, `hook` or an option is invalid
   */
  callHookSync<I extends object = JsonObject, D = unknown>(
    plugin: string | URL,
    hook: HookName,
    context: HookContext<I, D>,
    options?: SyncCallOptions,
  ): PluginResult<I, D> {
    return this.#calls.callHookSync(plugin, hook, context, options);
  }

  /**
   * Asks a loaded plugin whether it accepts a configuration, before calls or a chain use it: its export `validate_config` is called
   * as a hook, with this `config` and an empty input. A load with a `config` does so by itself.
   *
   * @param config - as the option of that name
   * @param options - as for {@link WasmRuntime.callHook}
   * @returns `true` if the plugin accepts it, and `false` if it has no such export
   * @throws {@link HookcellError} `ERR_CONFIG` with the plugin's own `details` if it rejects the configuration, or with its `fault`;
   * otherwise as {@link WasmRuntime.callHook}
   */
  async validateConfig(plugin: string | URL, config: JsonValue, options?: CallOptions): Promise<boolean> {
    return await this.#calls.validateConfig(plugin, config, options);
  }

  /** Whether the plugin is loaded. */
  isLoaded(plugin: string | URL): boolean {
    return this.#native.isLoaded(pluginKey(plugin));
  }

  /**
   * Unloads a plugin, and frees its code when the last running call of it ends. A call that is still waiting for a thread
   * is refused with `ERR_NOT_LOADED`. A load that was requested earlier does not bring the plugin back.
   *
   * @returns whether it was loaded
   */
  unloadPlugin(plugin: string | URL): boolean {
    const key = pluginKey(plugin);
    const wasLoaded = this.#native.unloadPlugin(key);
    tellUnload(this, key);
    return wasLoaded;
  }

  /** The loaded plugins. */
  plugins(): PluginInfo[] {
    return this.#loads.plugins();
  }

  /**
   * Whether the sandboxes of this process come from a pool. Without address space for one (`ulimit -v`), each call maps its own
   * memory, which takes about 25 µs longer; the log says so once.
   */
  get pooled(): boolean {
    return this.#native.isPooled();
  }

  /** The option `concurrency`. */
  get slots(): number {
    return this.#parts.slots;
  }

  /** Whether a call would be taken now: the runtime is not closed, and its queue is not full. It says nothing of plugins. */
  ready(): boolean {
    return this.#parts.isReady;
  }

  /** The number of calls that hold a `concurrency` slot now. */
  get running(): number {
    return this.#calls.counts().running;
  }

  /** The number of calls that wait in the queue now, of at most `maxQueue`. */
  get waiting(): number {
    return this.#calls.counts().waiting;
  }

  /**
   * Refuses new calls and loads with `ERR_CLOSED`, waits for those in progress, and unloads every plugin. With
   * `interrupt`, waiting and running calls and loads are ended first and reject with `ERR_CLOSED`; a module that is
   * compiling in this process still compiles to its end, without effect.
   *
   * A second `close` waits for the same end, and with `interrupt` speeds it up.
   *
   * @throws `TypeError` if an option is invalid; the runtime then stays open
   */
  async close(options?: CloseOptions): Promise<void> {
    await this.#parts.close(options);
  }

  /** The same as {@link WasmRuntime.close}, for `await using`: waits for calls and loads in progress. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // The adapters' entry point. It is not a member of the type, which is public.
  static {
    const { callHook, callChain } = this.prototype;
    const value: PreparedCalls<WasmRuntime> = {
      publicMethods: { callHook, callChain },
      callHook: (runtime, { key, limits, grants }, hook, context, options) =>
        runtime.#calls.runHook(key, hook, context, { ...options, limits, grants }),
      callChain: (runtime, plugins, hook, context, options) => runtime.#calls.runChain(plugins, hook, context, options),
    };
    Object.defineProperty(this.prototype, preparedCalls, { value });
  }
}
