import { isUint8Array } from 'node:util/types';

import { parseCallOptions } from './call-options.js';
import type { CallOptions } from './call-options.js';
import { codeCacheOptionNames, parseCodeCache } from './code-cache.js';
import type { CodeCacheOptions } from './code-cache.js';
import { completeContext, encodeContext } from './context.js';
import type { HookContext, JsonObject } from './context.js';
import { parseLogger, reportFault } from './diagnostics.js';
import type { Logger } from './diagnostics.js';
import { closedError, constructionError } from './errors.js';
import { HookCalls } from './hook-calls.js';
import { parseLimits } from './limits.js';
import type { SandboxLimits } from './limits.js';
import { parseLoadOptions, parsePreInitialize } from './load-options.js';
import type { LoadOptions } from './load-options.js';
import { NativeRuntime } from './native.js';
import { pluginKey } from './plugin-key.js';
import { readPlugins } from './plugin-info.js';
import type { PluginInfo } from './plugin-info.js';
import { PluginLoads } from './plugin-loads.js';
import { interruptAtExit } from './process-exit.js';
import { parseQueueOptions, queueOptionNames } from './queue-options.js';
import type { QueueOptions } from './queue-options.js';
import { readCallReply } from './result.js';
import type { PluginResult } from './result.js';
import { UnderWay } from './under-way.js';
import { kindOf } from './value-kind.js';

/** How a runtime is made: its limits, which every plugin and call starts from, its queue, its code cache, and its log. */
export interface SandboxConfig extends SandboxLimits, QueueOptions, CodeCacheOptions {
  /** Gets one line for each call that ends in a fault. Default `console`; `false` for none. */
  logger?: Logger | false | undefined;

  /** Runs the start-up of plugins when they are loaded, as the option of a load does. Default `true`. */
  preInitialize?: boolean | undefined;
}

/** How a runtime is closed. */
export interface CloseOptions {
  /** Interrupts the calls under way, in place of waiting for them. Default `false`. */
  interrupt?: boolean | undefined;
}

/** The hooks of the plugin contract, or any other export of the same signature. */
export type HookName = 'before_hook' | 'after_hook' | (string & Record<never, never>);

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
  readonly #underWay = new UnderWay();
  readonly #logger: Logger | undefined;
  readonly #preInitialize: boolean;
  #closing: Promise<void> | undefined;

  /**
   * @param config - limits, queue, code cache and log; what is left out has the default that its option documents
   * @throws `TypeError` or `RangeError` that names the option, its value and its bounds
   * @throws {@link HookcellError} `ERR_CACHE_DIR` where compiled code cannot be kept in `cacheDir`, `ERR_INTERNAL` where
   * the machine cannot run WebAssembly
   */
  constructor(config?: SandboxConfig) {
    const limits = parseLimits(config, ['logger', 'preInitialize', ...queueOptionNames, ...codeCacheOptionNames]);
    const queue = parseQueueOptions(config);
    const codeCache = parseCodeCache(config);
    this.#logger = parseLogger(config?.logger);
    this.#preInitialize = parsePreInitialize(config?.preInitialize, true);
    try {
      this.#native = new NativeRuntime(limits, codeCache);
    } catch (cause) {
      throw constructionError(cause);
    }
    this.#calls = new HookCalls(this.#native, queue);
    this.#loads = new PluginLoads(queue.maxLoads);
    interruptAtExit(this.#native);
  }

  /**
   * Reads, checks and compiles a plugin, away from the event loop and from libuv's pool. A second load of the same
   * file neither reads nor compiles, even where the file has changed since (unload it first): it checks the digest,
   * and the limits that it gives apply from then on. That holds for loads of the same file that overlap, too: the limits of
   * the one that was asked for last count most, whichever ends first.
   *
   * @param path - the plugin's file
   * @param options - limits for this plugin, the digest it must have, and where it is compiled
   * @throws {@link HookcellError} `ERR_READ`, `ERR_LIMIT` (the module has more in it than its limits
   * allow), `ERR_DIGEST`, `ERR_COMPILE`, `ERR_ABI`, `ERR_IMPORT`, `ERR_QUEUE_FULL` (`maxLoads` are under way) or
   * `ERR_CLOSED`
   * @throws `TypeError` or `RangeError` where `path` or an option is wrong
   */
  async loadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo> {
    const key = pluginKey(path);
    const settings = parseLoadOptions(options, this.#preInitialize);
    return await this.#load(() => this.#native.loadPlugin(key, settings));
  }

  /**
   * Checks and compiles a plugin that is not in a file, and puts it in the place of what had its name. A call that runs
   * goes on with what it started with; one that still waits for a thread gets the new plugin.
   *
   * Where loads of one name overlap, the plugin that was asked for last stays, whichever load ends first. An earlier one
   * that ends later resolves its own plugin's `PluginInfo` none the less, as if it had been loaded and replaced at once;
   * the same goes for a load that `unloadPlugin` overtakes.
   *
   * @param name - what to call it by
   * @param bytes - the module; copied before this returns
   * @param options - limits for this plugin, the digest it must have, and where it is compiled
   * @throws as {@link WasmRuntime.loadPlugin}, save for `ERR_READ`
   */
  async loadPluginBytes(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo> {
    if (typeof name !== 'string') {
      throw new TypeError(`the name must be a string, got ${kindOf(name)}`);
    }
    const key = pluginKey(name);
    if (!isUint8Array(bytes)) {
      throw new TypeError(`the bytes must be a Uint8Array, got ${kindOf(bytes)}`);
    }
    const settings = parseLoadOptions(options, this.#preInitialize);
    return await this.#load(() => this.#native.loadPluginBytes(key, bytes, settings));
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
    if (typeof hook !== 'string') {
      throw new TypeError(`the hook must be a string, got ${kindOf(hook)}`);
    }
    const callOptions = parseCallOptions(options);
    const whole = completeContext(context);
    const text = encodeContext(whole);
    this.#refuseWhenClosed();
    this.#underWay.begin();
    try {
      const reply = await this.#calls.call({ plugin: key, hook, context: text }, callOptions);
      const result = readCallReply(reply, whole);
      if (result.fault !== undefined) {
        reportFault(this.#logger, key, hook, result);
      }
      return result;
    } finally {
      this.#underWay.end();
    }
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
    return readPlugins(this.#native.plugins());
  }

  /**
   * Takes no more calls and loads (they reject with `ERR_CLOSED`), waits for those under way, and unloads every
   * plugin. With `interrupt`, the calls under way are ended first: those that wait for their turn and those whose plugin
   * runs reject with `ERR_CLOSED`. A load is always waited for.
   *
   * Closing again waits for the same end, and with `interrupt` hastens it.
   *
   * @throws `TypeError` where an option is wrong; the runtime is not closed then
   */
  async close(options?: CloseOptions): Promise<void> {
    const interrupt = parseCloseOptions(options);
    this.#closing ??= this.#shutDown();
    if (interrupt) {
      this.#calls.interrupt();
    }
    await this.#closing;
  }

  /** The same as {@link WasmRuntime.close}, for `await using`: waits for what is under way. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    // A call whose signal has aborted may still hold a thread when its caller is gone.
    await Promise.all([this.#underWay.idle(), this.#calls.idle()]);
    for (const { key } of this.plugins()) {
      this.#native.unloadPlugin(key);
    }
  }

  async #load(start: () => Promise<string>): Promise<PluginInfo> {
    this.#refuseWhenClosed();
    this.#underWay.begin();
    try {
      return await this.#loads.load(start);
    } finally {
      this.#underWay.end();
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) {
      throw closedError();
    }
  }
}

function parseCloseOptions(options: unknown): boolean {
  if (options === undefined) {
    return false;
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`the options must be an object, got ${kindOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (name !== 'interrupt') {
      throw new TypeError(`unknown option '${name}'; the option here is interrupt`);
    }
  }
  const { interrupt = false } = options as { interrupt?: unknown };
  if (typeof interrupt !== 'boolean') {
    throw new TypeError(`interrupt must be true or false, got ${kindOf(interrupt)}`);
  }
  return interrupt;
}
