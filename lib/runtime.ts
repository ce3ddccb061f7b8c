import { isUint8Array } from 'node:util/types';

import { completeContext, encodeContext } from './context.js';
import type { HookContext, JsonObject } from './context.js';
import { parseLogger, reportFault } from './diagnostics.js';
import type { Logger } from './diagnostics.js';
import { HookcellError, internalError } from './errors.js';
import { parseCallLimits, parseLimits } from './limits.js';
import type { SandboxLimits } from './limits.js';
import { NativeRuntime } from './native.js';
import { pluginKey } from './plugin-key.js';
import { readLoadReply, readPlugins } from './plugin-info.js';
import type { PluginInfo } from './plugin-info.js';
import { readCallReply } from './result.js';
import type { PluginResult } from './result.js';
import { UnderWay } from './under-way.js';
import { kindOf } from './value-kind.js';

/** How a runtime is made: its limits, which every plugin and call starts from, and its log. */
export interface SandboxConfig extends SandboxLimits {
  /** Gets one line for each call that ends in a fault. Default `console`; `false` for none. */
  logger?: Logger | false | undefined;
}

/** How a plugin is loaded: limits in place of the runtime's, and the digest it must have. */
export interface LoadOptions extends SandboxLimits {
  /** SHA-256 of the module as 64 hexadecimal digits. Where it differs, the load is refused with `ERR_DIGEST`. */
  sha256?: string | undefined;
}

/** How one call is made: limits in place of its plugin's, tighter or wider. */
export interface CallOptions extends Pick<SandboxLimits, 'maxFuel' | 'maxMemoryPages' | 'timeoutMs'> {}

/** The hooks of the plugin contract, or any other export of the same signature. */
export type HookName = 'before_hook' | 'after_hook' | (string & Record<never, never>);

const SHA256 = /^[0-9a-f]{64}$/i;

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
  readonly #logger: Logger | undefined;
  readonly #underWay = new UnderWay();
  #closing: Promise<void> | undefined;

  /**
   * @param config - limits and log; what is left out has the default that its option documents
   * @throws `TypeError` or `RangeError` that names the option, its value and its bounds
   * @throws {@link HookcellError} `ERR_INTERNAL` where the machine cannot run WebAssembly
   */
  constructor(config?: SandboxConfig) {
    const limits = parseLimits(config, ['logger']);
    this.#logger = parseLogger(config?.logger);
    try {
      this.#native = new NativeRuntime(limits);
    } catch (cause) {
      throw internalError(cause);
    }
  }

  /**
   * Reads, checks and compiles a plugin, away from the event loop and from libuv's pool. A second load of the same
   * file neither reads nor compiles, even where the file has changed since (unload it first): it checks the digest,
   * and the limits that it gives apply from then on.
   *
   * @param path - the plugin's file
   * @param options - limits for this plugin, and the digest it must have
   * @throws {@link HookcellError} `ERR_READ`, `ERR_LIMIT` (the module is larger, or starts with more, than its
   * limits allow), `ERR_DIGEST`, `ERR_COMPILE`, `ERR_ABI`, `ERR_IMPORT` or `ERR_CLOSED`
   * @throws `TypeError` or `RangeError` where `path` or an option is wrong
   */
  async loadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo> {
    const key = pluginKey(path);
    const { sha256, limits } = parseLoadOptions(options);
    return await this.#load(() => this.#native.loadPlugin(key, sha256, limits));
  }

  /**
   * Checks and compiles a plugin that is not in a file, and puts it in the place of what had its name. A call that runs
   * goes on with what it started with; one that still waits for a thread gets the new plugin.
   *
   * @param name - what to call it by
   * @param bytes - the module; copied before this returns
   * @param options - limits for this plugin, and the digest it must have
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
    const { sha256, limits } = parseLoadOptions(options);
    return await this.#load(() => this.#native.loadPluginBytes(key, bytes, sha256, limits));
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
   * @param options - limits for this call
   * @throws {@link HookcellError} `ERR_NOT_LOADED`, `ERR_NO_HOOK`, `ERR_CONTEXT`, `ERR_LIMIT` (the context is larger
   * than `maxContextBytes`), `ERR_QUEUE_FULL` or `ERR_CLOSED`
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
    const limits = options === undefined ? undefined : parseCallLimits(options);
    const whole = completeContext(context);
    const text = encodeContext(whole);

    this.#refuseWhenClosed();
    this.#underWay.begin();
    let reply: string;
    try {
      reply = await this.#native.callHook(key, hook, text, limits);
    } catch (cause) {
      throw internalError(cause);
    } finally {
      this.#underWay.end();
    }
    const result = readCallReply(reply, whole);
    if (result.fault !== undefined) {
      reportFault(this.#logger, key, hook, result);
    }
    return result;
  }

  /** Whether the plugin is loaded. */
  isLoaded(plugin: string | URL): boolean {
    return this.#native.isLoaded(pluginKey(plugin));
  }

  /**
   * Forgets a plugin, and frees its code when the last call that runs it ends. A call that still waits for a thread is
   * refused with `ERR_NOT_LOADED`.
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
   * plugin. Closing again waits for the same end.
   */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  /** The same as {@link WasmRuntime.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    await this.#underWay.idle();
    for (const { key } of this.plugins()) {
      this.#native.unloadPlugin(key);
    }
  }

  async #load(start: () => Promise<string>): Promise<PluginInfo> {
    this.#refuseWhenClosed();
    this.#underWay.begin();
    let reply: string;
    try {
      reply = await start();
    } catch (cause) {
      throw internalError(cause);
    } finally {
      this.#underWay.end();
    }
    return readLoadReply(reply);
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) {
      throw new HookcellError('ERR_CLOSED', 'the runtime is closed');
    }
  }
}

function parseLoadOptions(options: LoadOptions | undefined) {
  const limits = parseLimits(options, ['sha256']);
  const sha256: unknown = options?.sha256;
  if (sha256 === undefined) {
    return { sha256, limits };
  }
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) {
    const shown = typeof sha256 === 'string' ? `the string ${JSON.stringify(sha256)}` : kindOf(sha256);
    throw new TypeError(`sha256 must be 64 hexadecimal digits, got ${shown}`);
  }
  return { sha256: sha256.toLowerCase(), limits };
}
