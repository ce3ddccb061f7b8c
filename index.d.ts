// Rolled up from lib/ by `npm run setup`. Edit there.

/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  [key: string]: JsonValue;
}
/** Who makes the request. */
export interface HookUser {
  id: string;
  role: string;
}
/**
 * What a hook is given. The keys are those that the plugin reads, and there are no others.
 *
 * @typeParam I - the shape of `input`
 * @typeParam D - the shape of `data`
 */
export interface HookContext<I extends object = JsonObject, D = unknown> {
  /** What the operation was asked to do: an object, often the body of a request. A plugin may change it. */
  input: I;
  /** What the operation gave, for a hook that runs after it. A plugin may change it. Default `null`. */
  data?: D | null | undefined;
  /** Who makes the request. Only `id` and `role` reach the plugin, whatever else the object has. Default `null`. */
  user?: HookUser | null | undefined;
  /**
   * The headers that the plugin may see. Default `{}`. Choose them: a plugin that is not trusted has no business with
   * `cookie` or `authorization`.
   */
  headers?: Record<string, string> | null | undefined;
  /** Whose request it is, where one server serves many. Default `null`. */
  tenant_id?: string | null | undefined;
}
/**
 * A context with all of its keys: what a plugin sees, and what comes back as `ctx`, with the plugin's changes. It can
 * be handed to the next hook as it is.
 */
export interface WholeContext<I extends object = JsonObject, D = unknown> {
  input: I;
  data: D | null;
  user: HookUser | null;
  headers: Record<string, string>;
  tenant_id: string | null;
}
/**
 * What a plugin may use. Every value is a whole number; one below or above its bounds is a `RangeError`, and one of
 * another type a `TypeError`, that names the option. The most specific value counts: of the call, else of the plugin,
 * else of the runtime, else the default.
 */
export interface SandboxLimits {
  /**
   * The most linear memory a plugin may have, in WebAssembly pages of 64 KiB. Default 256 (16 MiB), 1 to 65,536
   * (4 GiB). The load of a module that starts with more is refused with `ERR_LIMIT`; one that asks for more while it
   * runs is refused it, and faults with `ERR_MEMORY` if it then traps.
   */
  maxMemoryPages?: number | undefined;
  /**
   * The most fuel one call may use, start section included: one unit is about one WebAssembly instruction, and bulk
   * memory operations use one per byte. 1 to 2^53 - 1. Exact where it is set; where it is left out everywhere,
   * 1,000,000 and 1,000 more for each byte of context, since a plugin that reads JSON works in proportion to it.
   * Beyond it the call faults with `ERR_FUEL`.
   */
  maxFuel?: number | undefined;
  /**
   * The most wall-clock time one call may take, in milliseconds, from the start section to the result; time spent
   * waiting for a thread does not count. Default 1,000, 1 to 3,600,000 (an hour). Beyond it the call faults with
   * `ERR_TIMEOUT`.
   */
  timeoutMs?: number | undefined;
  /**
   * The largest context, in bytes of JSON as UTF-8. Default 1,048,576 (1 MiB), 1 to 268,435,456 (256 MiB). A larger
   * one is refused with `ERR_LIMIT` before the plugin runs.
   */
  maxContextBytes?: number | undefined;
  /**
   * The largest result, in bytes of JSON as UTF-8. Default 1,048,576 (1 MiB), 1 to 268,435,456 (256 MiB). A larger
   * one is a fault, `ERR_RESULT`.
   */
  maxResultBytes?: number | undefined;
  /**
   * The largest module, in bytes of WebAssembly. Default 4,194,304 (4 MiB), 8 to 268,435,456 (256 MiB). The load of
   * a larger one is refused with `ERR_LIMIT`. Compiling takes time and memory in proportion.
   */
  maxModuleBytes?: number | undefined;
  /**
   * The most elements a plugin's table may have. Default 10,000, 1 to 1,000,000. More is refused as for
   * `maxMemoryPages`.
   */
  maxTableElements?: number | undefined;
}
/** The name of a limit. */
export type LimitName = keyof SandboxLimits;
/**
 * Every code a {@link HookcellError} carries, with its meaning. A code stays what it is across versions; a message
 * may change its words.
 */
export declare const errorCodes: {
  readonly ERR_NOT_LOADED: 'No plugin is loaded under that path or name.';
  readonly ERR_READ: 'The plugin file cannot be read.';
  readonly ERR_COMPILE: 'The bytes are not a WebAssembly module that the sandbox accepts.';
  readonly ERR_ABI: 'Exports that the plugin contract asks for are missing or of the wrong type; the message lists all of them.';
  readonly ERR_IMPORT: 'The module has imports, and a plugin may have none; the message names them.';
  readonly ERR_DIGEST: 'The SHA-256 of the bytes is not the one in the `sha256` option.';
  readonly ERR_LIMIT: 'The module or the context is larger than a limit allows; `limit` names the option.';
  readonly ERR_NO_HOOK: 'The plugin exports no hook of that name.';
  readonly ERR_CONTEXT: 'The context is not of the shape a hook takes, or cannot be written as JSON.';
  readonly ERR_QUEUE_FULL: 'More calls are under way than the host has room for; later there will be.';
  readonly ERR_CLOSED: 'The runtime is closed.';
  readonly ERR_INTERNAL: 'A fault of hookcell itself or of the machine it runs on, and not of the plugin or the caller.';
};
/** The code of a {@link HookcellError}: a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;
/** Every code a plugin's {@link Fault} carries, with its meaning. */
export declare const faultCodes: {
  readonly ERR_TRAP: 'The plugin trapped: `unreachable`, an access out of bounds, a division by zero, \u2026';
  readonly ERR_FUEL: 'The plugin used up `maxFuel`.';
  readonly ERR_TIMEOUT: 'The plugin was still running after `timeoutMs`.';
  readonly ERR_MEMORY: 'The plugin wanted more than `maxMemoryPages` or `maxTableElements`, or had no room for the context.';
  readonly ERR_STACK: "The plugin's calls nest too deeply.";
  readonly ERR_ABI: 'The plugin gave a pointer outside its memory, for the context or for its result.';
  readonly ERR_RESULT: 'The result is longer than `maxResultBytes`, not UTF-8, not JSON, or not of the right shape.';
};
/** The code of a {@link Fault}: a key of {@link faultCodes}. */
export type FaultCode = keyof typeof faultCodes;
/** What a {@link HookcellError} carries beside its code and message. */
export interface HookcellErrorOptions extends ErrorOptions {
  /** The option that was exceeded. */
  limit?: LimitName | undefined;
}
/**
 * The host was misused, or refuses. A promise of this package rejects with nothing else, save for a `TypeError` or
 * `RangeError` where an argument itself is wrong. What a plugin does never ends here: see {@link PluginResult}.
 */
export declare class HookcellError extends Error {
  /** Stable across versions; {@link errorCodes} explains each. */
  readonly code: ErrorCode;
  /** With `ERR_LIMIT`, the option that was exceeded. */
  readonly limit?: LimitName;
  constructor(code: ErrorCode, message: string, options?: HookcellErrorOptions);
}
/** What one call used. */
export interface Usage {
  /** Fuel used, about one unit for each instruction; `null` where a trap other than `ERR_FUEL` lost the count. */
  fuel: number | null;
  /** Linear memory of the plugin at its largest, in bytes. */
  memoryBytes: number;
  /** Wall-clock time from the call to its start on a worker thread, in milliseconds. */
  queueMs: number;
  /** Wall-clock time on the worker thread, in milliseconds. */
  runMs: number;
}
/** How a plugin failed. */
export interface Fault {
  code: FaultCode;
  /** What happened, for a log: it can name functions of the plugin, so it is not for the client of a server. */
  message: string;
  /** The plugin's functions under way, the innermost first, where they are known. At most 20. */
  backtrace?: string[];
}
/** The plugin says yes. */
export interface Accepted<I extends object = JsonObject, D = unknown> {
  ok: true;
  /**
   * The whole context as it now applies. `input` and `data` are the plugin's where it changed them, and otherwise the
   * very objects of the call, as `user` and `headers` always are: `result.ctx.input === ctx.input` tells that the
   * plugin left it alone. What a plugin sends is JSON, nested at most 128 deep and without a key `__proto__`; that it
   * is of the type `I` or `D` is what the caller says, and is not checked.
   */
  ctx: WholeContext<I, D>;
  error?: undefined;
  details?: undefined;
  fault?: undefined;
  usage: Usage;
}
/** The plugin says no, in its own words. */
export interface Rejected {
  ok: false;
  /** Why. */
  error?: string;
  /** More about it, as the plugin chose. */
  details?: unknown[];
  fault?: undefined;
  usage: Usage;
}
/** The plugin failed: it trapped, went over a limit, or broke the contract. */
export interface Faulted {
  ok: false;
  /** What happened, for a log. */
  error: string;
  details?: undefined;
  fault: Fault;
  usage: Usage;
}
/**
 * How a call ended: `ok` tells yes from no, and `fault` a plugin that says no from one that failed.
 *
 * @typeParam I - the shape of `ctx.input`
 * @typeParam D - the shape of `ctx.data`
 */
export type PluginResult<I extends object = JsonObject, D = unknown> = Accepted<I, D> | Rejected | Faulted;
/** Where warnings go: `console`, or most logging libraries as they are. */
export interface Logger {
  /** Takes one line without a line break. What it throws is dropped, since a log must not break a call. */
  warn(message: string): void;
}
/** What is published on the diagnostics channel `hookcell:fault`, for each call that ends in a {@link Fault}. */
export interface FaultMessage {
  /** The plugin, by the path or name it was called by. */
  plugin: string;
  /** The hook that was called. */
  hook: string;
  fault: Fault;
  usage: Usage;
}
/** A plugin that is loaded. */
export interface PluginInfo {
  /** What the plugin is known by: the path of its file with links resolved, or the name it was given. */
  key: string;
  /** SHA-256 of the module, as 64 hexadecimal digits in lower case. */
  sha256: string;
  /** Size of the module, in bytes. */
  bytes: number;
  /** The exports that can be called as hooks. */
  hooks: string[];
  /** The linear memory that the module declares. */
  memory: PluginMemory;
  /** How long reading, checking and compiling took, in milliseconds. */
  loadedInMs: number;
}
/** The linear memory that a module declares, in pages of 64 KiB. */
export interface PluginMemory {
  /** What it starts with. */
  minPages: number;
  /** What it can grow to; left out where the module sets no such bound. `maxMemoryPages` bounds it in any case. */
  maxPages?: number;
}
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
export declare class WasmRuntime {
  #private;
  /**
   * @param config - limits and log; what is left out has the default that its option documents
   * @throws `TypeError` or `RangeError` that names the option, its value and its bounds
   * @throws {@link HookcellError} `ERR_INTERNAL` where the machine cannot run WebAssembly
   */
  constructor(config?: SandboxConfig);
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
  loadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo>;
  /**
   * Checks and compiles a plugin that is not in a file, and puts it in the place of what had its name. A call that runs
   * goes on with what it started with; one that still waits for a thread gets the new plugin.
   *
   * @param name - what to call it by
   * @param bytes - the module; copied before this returns
   * @param options - limits for this plugin, and the digest it must have
   * @throws as {@link WasmRuntime.loadPlugin}, save for `ERR_READ`
   */
  loadPluginBytes(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo>;
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
  callHook<I extends object = JsonObject, D = unknown>(
    plugin: string | URL,
    hook: HookName,
    context: HookContext<I, D>,
    options?: CallOptions,
  ): Promise<PluginResult<I, D>>;
  /** Whether the plugin is loaded. */
  isLoaded(plugin: string | URL): boolean;
  /**
   * Forgets a plugin, and frees its code when the last call that runs it ends. A call that still waits for a thread is
   * refused with `ERR_NOT_LOADED`.
   *
   * @returns whether it was loaded
   */
  unloadPlugin(plugin: string | URL): boolean;
  /** The plugins that are loaded. */
  plugins(): PluginInfo[];
  /**
   * Takes no more calls and loads (they reject with `ERR_CLOSED`), waits for those under way, and unloads every
   * plugin. Closing again waits for the same end.
   */
  close(): Promise<void>;
  /** The same as {@link WasmRuntime.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export {};
