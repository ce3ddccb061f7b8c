// Rolled up from lib/ by `npm run setup`. Edit there.

/** Who makes the request. */
export interface HookUser {
  id: string;
  role: string;
}
/** Bounds of the child process that compiles a plugin. */
export interface IsolateOptions {
  /**
   * The most time the process may take, in milliseconds. After that it is killed, and the load is refused with
   * `ERR_LIMIT`. Default 10,000, 100 to 600,000 (ten minutes). Starting a process takes about 60 ms of it.
   */
  timeoutMs?: number | undefined;
  /**
   * The most memory it may take in addition to what it starts with, in bytes. Beyond that the load is refused with
   * `ERR_LIMIT`. Default 536,870,912 (512 MiB), 16,777,216 (16 MiB) to 2^53 - 1. Only Linux enforces it; on other systems
   * only `timeoutMs` bounds the process.
   */
  maxMemoryBytes?: number | undefined;
}
/**
 * What a plugin may use. Every value is a whole number. A value outside its bounds is a `RangeError`, and a value of
 * another type is a `TypeError`; both name the option. The most specific value applies: the call's, then the plugin's,
 * then the runtime's, then the default.
 */
export interface SandboxLimits {
  /**
   * The most linear memory of a plugin, in WebAssembly pages of 64 KiB. Default 256 (16 MiB), 1 to 65,536 (4 GiB). The
   * load of a module that starts with more is refused with `ERR_LIMIT`. A running plugin that asks for more does not get
   * it; if it then traps, the fault is `ERR_MEMORY`.
   */
  maxMemoryPages?: number | undefined;
  /**
   * The most fuel of one call, including its start-up. One unit is about one WebAssembly instruction; bulk memory
   * operations use one per byte. Default 1,000,000 and 1,000 more for each byte of context, since the work of reading
   * JSON grows with its length; 1 to 2^53 - 1. A value that you set is exact: nothing is added for the context. A call
   * that uses it up faults with `ERR_FUEL`.
   */
  maxFuel?: number | undefined;
  /**
   * The most wall-clock time of one call, in milliseconds, from its start-up to the result. Time in the queue does not
   * count: `queueTimeoutMs` bounds that. Default 1,000, 1 to 3,600,000 (an hour). A call that takes longer faults with
   * `ERR_TIMEOUT`.
   */
  timeoutMs?: number | undefined;
  /**
   * Fuel for a first run of a call on the event loop's own thread, which saves a brief hook the way to another thread and
   * back. Default 0, 0 to 100,000. With 0, every call runs on a thread of libuv's pool. A plugin that needs more fuel, more
   * than about a millisecond, or more than 2 MiB of memory is stopped, and its call runs again from the start on a thread of
   * the pool, with its full limits and the same result. `usage.where` tells where a call ran. The plugins of a chain share
   * the smallest `inlineFuel` among them. See [when inline pays](performance.md#when-inline-pays).
   */
  inlineFuel?: number | undefined;
  /**
   * The largest context, in bytes of JSON as UTF-8. Default 1,048,576 (1 MiB), 1 to 268,435,456 (256 MiB). A larger
   * context is refused with `ERR_LIMIT` before the plugin runs.
   */
  maxContextBytes?: number | undefined;
  /**
   * The longest `config` of a plugin, in bytes of JSON as UTF-8, with references resolved. Default 65,536 (64 KiB), 1 to
   * 16,777,216. A longer one is refused with `ERR_LIMIT`, at load if the load sets it. It does not count for `maxContextBytes`, and
   * a call gets fuel for it as for its context.
   */
  maxConfigBytes?: number | undefined;
  /**
   * The largest result, in bytes of JSON as UTF-8. Default 1,048,576 (1 MiB), 1 to 268,435,456 (256 MiB). A larger
   * result is the fault `ERR_RESULT`. If a plugin answers with a patch, the limit holds for the patch, and for the input
   * and the data that the patch changes, as they are then.
   */
  maxResultBytes?: number | undefined;
  /**
   * The most that `ctx`, `error` and `details` of a result may cost to parse, because parsing blocks the event loop. A
   * number, a long string or a repeated key costs 1, a new string of at most ten characters 11, an array or object 8, and
   * a key that is new after the keys before it 40. A repeated key costs 6 after 64 other keys of its object, and 20 after
   * 1,000. Default 1,000,000, 1 to 2^53 - 1. A result of 100 KB never reaches the default, and 1 MiB of table rows does
   * not. A result that is built to be slow blocks the event loop for 20 to 25 ms at the default; 1 MiB without this limit
   * could block it for 170 ms. A higher cost is the fault `ERR_RESULT`.
   */
  maxResultValues?: number | undefined;
  /**
   * The most operations of a patch that a plugin answers with. Default 1,000, 1 to 1,000,000. More are the fault
   * `ERR_RESULT`. The input and the data that a patch makes are a result like any other: `maxResultBytes` and
   * `maxResultValues` hold for them, and `timeoutMs` includes the time to apply the patch.
   */
  maxPatchOperations?: number | undefined;
  /**
   * The most that is read of what a plugin logs in one call, in bytes. Default 16,384 (16 KiB), 0 to 1,048,576 (1 MiB). More
   * is cut, and the log says so; a call never fails because of its log. With 0, no log is read.
   */
  maxLogBytes?: number | undefined;
  /**
   * The largest module, in bytes of WebAssembly. Default 16,777,216 (16 MiB), 8 to 268,435,456 (256 MiB). The load of a
   * larger one is refused with `ERR_LIMIT`. This limit and those below on a module's parts bound the cost of compiling.
   * They are checked before anything is compiled, and a single call cannot set them.
   */
  maxModuleBytes?: number | undefined;
  /** The most functions of a module. Default 20,000, 1 to 1,000,000. More is refused at load with `ERR_LIMIT`. */
  maxFunctions?: number | undefined;
  /**
   * The longest code of one function, in bytes: the time to compile a function can grow with the square of its length.
   * Default 131,072 (128 KiB), 16 to 7,654,321. More is refused at load with `ERR_LIMIT`.
   */
  maxFunctionBytes?: number | undefined;
  /** The most local variables of one function. Default 2,000, 1 to 50,000. More is refused at load with `ERR_LIMIT`. */
  maxLocals?: number | undefined;
  /**
   * The deepest nesting of blocks in one function (LLVM nests one for each case of a `switch`). Default 5,000, 1 to
   * 1,000,000. More is refused at load with `ERR_LIMIT`.
   */
  maxNesting?: number | undefined;
  /**
   * The deepest nesting of loops in one function: the time to compile grows faster than their number. Default 128, 1 to
   * 1,000,000. More is refused at load with `ERR_LIMIT`.
   */
  maxLoopNesting?: number | undefined;
  /**
   * The most that compiling a module may cost above the normal cost of code of its length, which is 300 for each byte. Of a module
   * of more than 4 MiB, only 4 MiB count for that, unless `maxModuleBytes` is set.
   * One unit is about 10 ns of one core, or 2 bytes of memory. The cost is estimated from the operators, and from the
   * values that are live at each branch and call. One function may use half of it. Default 40,000,000 (real modules,
   * including all of Postgres, need less), 1,000 to 2^53 - 1. More is refused at load with `ERR_LIMIT`.
   */
  maxCompileWork?: number | undefined;
  /**
   * The longest machine code that a module may compile to, in bytes, including its tables. The machine code of real
   * modules is 2 to 6 times as long as the module. Default 50,331,648 (48 MiB), 65,536 to 4,294,967,296. More is refused
   * at load with `ERR_LIMIT`.
   */
  maxCodeBytes?: number | undefined;
  /** The most targets of one `br_table`. Default 4,096, 1 to 65,520. More is refused at load with `ERR_LIMIT`. */
  maxBrTableTargets?: number | undefined;
  /**
   * The most parameters and results of one function type, together: checking a call or a branch takes a step for each.
   * Default 64 (all of Postgres has 34 at most), 3 to 2,000. More is refused at load with `ERR_LIMIT`.
   */
  maxSignatureValues?: number | undefined;
  /**
   * The most entries of each other section of a module: types, imports, globals, exports, element and data segments.
   * Default 10,000, 1 to 1,000,000. More is refused at load with `ERR_LIMIT`.
   */
  maxSectionItems?: number | undefined;
  /**
   * The longest name of an import or export, in bytes. Default 1,024, 16 to 100,000. A longer one is refused at load
   * with `ERR_LIMIT`.
   */
  maxNameBytes?: number | undefined;
  /**
   * The most elements of a plugin's table. Default 10,000, 1 to 1,000,000. More is refused in the same way as for
   * `maxMemoryPages`.
   */
  maxTableElements?: number | undefined;
}
/** The name of a limit. */
export type LimitName = keyof SandboxLimits;
/** One limit of {@link SandboxLimits}. */
export interface LimitDescription {
  readonly name: LimitName;
  readonly default: number;
  /** The least value. */
  readonly min: number;
  /** The largest value. */
  readonly max: number;
  /** Can a single call set it? */
  readonly perCall: boolean;
}
/** Every limit with its default and bounds, for tools that show or offer limits. */
export declare const limitDescriptions: readonly LimitDescription[];
/**
 * How many hooks a runtime runs and how many plugins it loads at once, and how many calls wait and for how long. Every
 * value is a whole number. A value outside its bounds is a `RangeError`, and a value of another type is a `TypeError`;
 * both name the option.
 */
export interface QueueOptions {
  /**
   * The most hooks that run at once, each on a thread of libuv's pool. 1 to 1,024. Default one less than the threads of
   * the pool (`UV_THREADPOOL_SIZE`, 4 if unset), and at least 1, so that a thread is left for files, DNS and `crypto`. All
   * runtimes of a process share the pool, including those in worker threads, and each counts only its own hooks. If you
   * have several runtimes, keep the sum below the size of the pool.
   */
  concurrency?: number | undefined;
  /**
   * The most calls that wait in the queue. Default 1,024, 0 (no call waits) to 1,000,000. Further calls are refused at
   * once with `ERR_QUEUE_FULL`.
   */
  maxQueue?: number | undefined;
  /**
   * The most time that a call waits for a slot and a thread, in milliseconds. Default 5,000, 1 to 3,600,000 (an hour). A
   * call that waits longer is refused with `ERR_QUEUE_TIMEOUT` and never runs.
   */
  queueTimeoutMs?: number | undefined;
  /**
   * The most slots of `concurrency` that one `tenant` takes. Default one less than `concurrency`, and at least 1, so that
   * a flood from one tenant leaves a slot for the others; 1 to 1,024. Calls without a tenant can take all slots.
   */
  maxConcurrencyPerTenant?: number | undefined;
  /**
   * The most calls of one `tenant` that wait in the queue. Default a quarter of `maxQueue`, rounded up, so that a flood
   * from one tenant leaves room for the others; 0 to 1,000,000. Further calls of the tenant are refused at once with
   * `ERR_QUEUE_FULL`. Calls without a tenant can take all of `maxQueue`.
   */
  maxQueuePerTenant?: number | undefined;
  /**
   * The most bytes that waiting calls hold: their contexts as UTF-8 JSON, their names, and 40 bytes for each plugin of a
   * chain. Default 67,108,864 (64 MiB), or four times `maxContextBytes` if that is more; 0 to 2^53 - 1. Further calls are
   * refused at once with `ERR_QUEUE_FULL`.
   */
  maxQueueBytes?: number | undefined;
  /**
   * The most bytes that waiting calls of one `tenant` hold. Default a quarter of `maxQueueBytes`, rounded up; 0 to
   * 2^53 - 1. Further calls of the tenant are refused at once with `ERR_QUEUE_FULL`. Calls without a tenant can hold all
   * of `maxQueueBytes`.
   */
  maxQueueBytesPerTenant?: number | undefined;
  /**
   * The most bytes of results that wait for the event loop, which takes a few on each turn, with the contexts of up to
   * 4 KiB that are freed with them. Default 16,777,216 (16 MiB), 0 to 2^53 - 1. While more bytes wait, no further call
   * starts, but no call is refused. The most that can wait is this and the results of `concurrency` calls.
   */
  maxUndeliveredBytes?: number | undefined;
  /**
   * The most loads in progress, including those that wait for their turn. Default 64, 1 to 1,000,000. Further loads are
   * refused at once with `ERR_QUEUE_FULL`. Each load holds a copy of its bytes.
   */
  maxLoads?: number | undefined;
}
type LoadLimit = 'maxLoads';
type FullQueue = 'maxQueue' | 'maxQueuePerTenant' | 'maxQueueBytes' | 'maxQueueBytesPerTenant';
/** Every code of a {@link HookcellError}, with its meaning. Codes stay the same across versions; messages may change. */
export declare const errorCodes: {
  readonly ERR_NOT_LOADED: 'No plugin is loaded under this path or name, or it is still loading.';
  readonly ERR_READ: 'The plugin file cannot be read.';
  readonly ERR_COMPILE: 'The bytes are not a WebAssembly module that the sandbox accepts.';
  readonly ERR_ABI: 'The module lacks exports of the plugin contract, or they have the wrong type; the message lists all of them.';
  readonly ERR_IMPORT: 'The module has imports, which a plugin must not have; the message names them.';
  readonly ERR_CACHE_DIR: 'The directory `cacheDir` cannot be created, or other users could write to it; the message says why.';
  readonly ERR_DIGEST: 'The SHA-256 of the bytes differs from the `sha256` option.';
  readonly ERR_ISOLATE: 'The child process for `isolate` could not be started, or failed before it replied; the message says why.';
  readonly ERR_LIMIT: 'The module or the context exceeds a limit; `limit` names the option.';
  readonly ERR_NO_HOOK: 'The plugin exports no hook of that name.';
  readonly ERR_CONTEXT: 'The context has the wrong shape, cannot be written as JSON, contains a `__proto__` key, or nests too deeply.';
  readonly ERR_CONFIG: 'The plugin does not accept its configuration (`details` are its own, and `fault` tells how it failed if it did), or a reference in it names an environment variable that is not set (`path`).';
  readonly ERR_QUEUE_FULL: 'Too many calls or loads are waiting, in total or of this tenant; `limit` names the option.';
  readonly ERR_QUEUE_TIMEOUT: 'The call waited in the queue for `queueTimeoutMs` and never ran.';
  readonly ERR_MANIFEST: 'The manifest of a plugin set is not valid; `path` names the first wrong value.';
  readonly ERR_SIGNATURE: 'The manifest of a plugin set has no signature of a trusted key, and `require` is `signed`; the message says which check failed.';
  readonly ERR_SOURCE: 'The option `source` of a plugin set gave no module: it failed, took too long, or gave too much; the message says which.';
  readonly ERR_FIXTURE: 'A plugin of a set did otherwise than a fixture expects, or a fixture cannot be read.';
  readonly ERR_STORE: 'The directory `storeDir` of a plugin set cannot be read or written, or is full; the message says why.';
  readonly ERR_NO_VERSION: 'The plugin set has no such plugin, or keeps no earlier version of it that it could go back to.';
  readonly ERR_CLOSED: 'The runtime or plugin set is closed, or was closed with `interrupt` before the call ended.';
  readonly ERR_INTERNAL: 'The host itself or the machine failed, not the plugin or the caller.';
};
/** The code of a {@link HookcellError}: a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;
/** Every code of a plugin's {@link Fault}, with its meaning. */
export declare const faultCodes: {
  readonly ERR_TRAP: 'The plugin trapped: `unreachable`, an access out of bounds, a division by zero, and so on.';
  readonly ERR_THROWN: 'The plugin threw an exception or panicked, and said why: `message` and `backtrace` are its own words, cut and escaped.';
  readonly ERR_FUEL: 'The plugin used up `maxFuel`.';
  readonly ERR_TIMEOUT: 'The plugin was still running after `timeoutMs`.';
  readonly ERR_MEMORY: 'The plugin needed more than `maxMemoryPages` or `maxTableElements`, or had no room for the context.';
  readonly ERR_STACK: "The plugin's calls nest too deeply.";
  readonly ERR_ABI: 'The plugin returned a pointer outside its memory, for the context or for its result.';
  readonly ERR_RESULT: 'The result exceeds `maxResultBytes` or `maxResultValues`, is not UTF-8, is not JSON, has the wrong shape, has a patch that cannot be applied, or makes the context too long for the next plugin of a chain.';
};
/** The code of a {@link Fault}: a key of {@link faultCodes}. */
export type FaultCode = keyof typeof faultCodes;
/** How a plugin fails. */
export interface Fault {
  code: FaultCode;
  /** What happened, for a log. It can name functions of the plugin, so do not send it to a client. */
  message: string;
  /** The plugin's stack, innermost function first, at most 20 functions. Omitted if it is unknown. */
  backtrace?: string[];
}
/** The option that a refusal names as exceeded. */
export type ExceededLimit = LimitName | FullQueue | LoadLimit | `isolate.${keyof IsolateOptions}`;
/** Further properties of a {@link HookcellError}. */
export interface HookcellErrorOptions extends ErrorOptions {
  /** The option that was exceeded. */
  limit?: ExceededLimit | undefined;
  /** The path of the invalid part of the context, the configuration or the manifest. */
  path?: string | undefined;
  /** What the plugin says about a configuration that it rejects. */
  details?: unknown[] | undefined;
  /** How the plugin failed when it was asked about a configuration. */
  fault?: Fault | undefined;
}
/**
 * The host is misused, or refuses. A promise of this package rejects with nothing else, except a `TypeError` or
 * `RangeError` for an invalid argument. A plugin's own rejection or fault is never an error: see {@link PluginResult}.
 *
 * `instanceof` also works for an error from another copy of this package in the same process.
 */
export declare class HookcellError extends Error {
  /** Stable across versions; {@link errorCodes} explains each. */
  readonly code: ErrorCode;
  /**
   * With `ERR_LIMIT`, the option that was exceeded. With `ERR_QUEUE_FULL`, `maxQueuePerTenant` or
   * `maxQueueBytesPerTenant` if this tenant has too many calls or bytes waiting, `maxQueue` or `maxQueueBytes` if all
   * tenants together have too many, and `maxLoads` for a load.
   */
  readonly limit?: ExceededLimit;
  /**
   * With `ERR_CONTEXT`, the path of a `__proto__` key, of nesting more than 128 deep, or of a number that is not finite,
   * such as `ctx.input.items[2]`, cut to 200 characters. Below `ctx.input`, the cause is often a client and not the
   * server. With `ERR_CONFIG`, the path of a reference, such as `config.token`.
   * With `ERR_MANIFEST`, the path of the first wrong value, such as `plugins[2].sha256`.
   */
  readonly path?: string;
  /** With `ERR_CONFIG`, the `details` of the plugin that rejects its configuration, if it gives any. */
  readonly details?: unknown[];
  /** With `ERR_CONFIG`, how the plugin failed when it was asked about its configuration, if it did. */
  readonly fault?: Fault;
  constructor(code: ErrorCode, message: string, options?: HookcellErrorOptions);
}
/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  [key: string]: JsonValue;
}
/**
 * What a hook gets. The keys are the ones that the plugin reads; no others are allowed.
 *
 * @typeParam I - the shape of `input`
 * @typeParam D - the shape of `data`
 */
export interface HookContext<I extends object = JsonObject, D = unknown> {
  /** What the operation is asked to do: an object, often the body of a request. A plugin can change it. */
  input: I;
  /** What the operation returned, for a hook that runs after it. A plugin can change it. Default `null`. */
  data?: D | null | undefined;
  /** Who makes the request. Only `id` and `role` of the object reach the plugin. Default `null`. */
  user?: HookUser | null | undefined;
  /**
   * The headers that the plugin can see. Default `{}`. Choose them: an untrusted plugin must not see `cookie` or
   * `authorization`.
   */
  headers?: Record<string, string> | null | undefined;
  /** The tenant on whose behalf the request is made: at most 256 characters. Default `null`. */
  tenant_id?: string | null | undefined;
}
/**
 * A context with all of its keys: what a plugin sees, and what a call returns as `ctx`, with the plugin's changes. You can
 * pass it to the next hook as it is.
 */
export interface WholeContext<I extends object = JsonObject, D = unknown> {
  input: I;
  data: D | null;
  user: HookUser | null;
  headers: Record<string, string>;
  tenant_id: string | null;
}
/** A time, as a plugin gets it. */
export interface GrantedTime {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** The same as RFC 3339, in UTC: `2026-05-28T20:26:40.000Z`. */
  readonly iso: string;
}
/** The time and the seed that a call got. With the same, and the same context, it ends alike. */
export interface Granted {
  /** Omitted if no time was granted. */
  readonly now?: GrantedTime;
  /** Omitted if no seed was granted. */
  readonly seed?: number | string;
}
/**
 * What a plugin gets beside the request. Each is a member of its context, and is absent unless it is set. Those of a call are
 * over those of the load.
 */
export interface GrantOptions {
  /**
   * The plugin's configuration: JSON of at most `maxConfigBytes`, which the plugin reads as `config`. An object whose only key is
   * `env`, such as `{ "env": "API_TOKEN" }`, is replaced by that environment variable of the server; if it is not set, the
   * refusal is `ERR_CONFIG`. Secrets that come from a variable are not in logs and recordings. A plugin with an export
   * `validate_config` is asked when a load sets its configuration. Default none.
   */
  config?: JsonValue | undefined;
  /**
   * The time, which the plugin reads as `now`: `{ "ms": 1780000000000, "iso": "2026-05-28T20:26:40.000Z" }`. `true` is the time at
   * which the call begins to run, and the same for all plugins of a chain. A `Date`, or whole milliseconds since 1970, is that
   * time in every call. Default `false`: none.
   */
  now?: boolean | number | Date | GrantedTime | undefined;
  /**
   * A seed for random numbers, which the plugin reads as `seed`. `true` is a new one for each call and plugin, of 32 hexadecimal
   * digits; a string of at most 256 characters or a number is the same in every call. Default `false`: none.
   */
  seed?: boolean | number | string | undefined;
}
/** What one call used. */
export interface Usage {
  /** The fuel used, about one unit per instruction; `null` if a trap other than `ERR_FUEL` lost the count. */
  fuel: number | null;
  /** The plugin's largest linear memory, in bytes. */
  memoryBytes: number;
  /** Wall-clock time in the queue, waiting for a slot and a thread of libuv's pool, in milliseconds; 0 for `inline`. */
  queueMs: number;
  /**
   * Wall-clock time on that thread, in milliseconds, bounded by `timeoutMs`. In a stream of brief calls, the sandbox may have been
   * made before; that is not part of it.
   */
  runMs: number;
  /**
   * Where the call ran: `pool` is a thread of libuv's pool, and `inline` is the calling thread (`inlineFuel`,
   * `callHookSync`). All plugins of a chain run in the same place.
   */
  where: 'inline' | 'pool';
}
/** How important a {@link LogLine} is. The plugin chooses it; `info` is the level of a line that does not say its own. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** A line that a plugin logged. */
export interface LogLine {
  level: LogLevel;
  /** The text, with control and invisible characters escaped. */
  message: string;
  /** More about it. It is the plugin's JSON, nested at most 128 deep and without a `__proto__` key. */
  fields?: JsonObject;
}
/** What every result of a call has. */
export interface CallRecord {
  usage: Usage;
  /**
   * What the plugin logged, in order, also if it trapped or was stopped. Omitted if it logged nothing, as most do. At most
   * `maxLogBytes` of it are read, and 1,000 lines; a last line from `hookcell:` says if there was more.
   */
  log?: LogLine[];
  /** The time and the seed that the plugin got. Omitted if it got neither. Of a chain, those of its last plugin. */
  granted?: Granted;
}
/** The plugin accepts. */
export interface Accepted<I extends object = JsonObject, D = unknown> extends CallRecord {
  ok: true;
  /**
   * The whole context that now applies. `input` and `data` are the plugin's values if it changed them, and otherwise the
   * objects that you passed, as `user` and `headers` always are: if `result.ctx.input === ctx.input`, the plugin did not
   * change it. A plugin's values are JSON, nested at most 128 deep and without a `__proto__` key. They are not checked to
   * be of type `I` or `D`.
   */
  ctx: WholeContext<I, D>;
  error?: undefined;
  details?: undefined;
  fault?: undefined;
}
/** The plugin rejects, with its own reason. */
export interface Rejected extends CallRecord {
  ok: false;
  /** The reason. */
  error?: string;
  /** Further details that the plugin chose. */
  details?: unknown[];
  fault?: undefined;
}
/** The plugin faults: it traps, exceeds a limit, or breaks the contract. */
export interface Faulted extends CallRecord {
  ok: false;
  /** What happened, for a log. */
  error: string;
  details?: undefined;
  fault: Fault;
}
/**
 * How a call ended. `ok` is `true` if the plugin accepts. If it is `false`, `fault` tells a fault from a rejection.
 *
 * @typeParam I - the shape of `ctx.input`
 * @typeParam D - the shape of `ctx.data`
 */
export type PluginResult<I extends object = JsonObject, D = unknown> = Accepted<I, D> | Rejected | Faulted;
/** Where warnings go: `console`, or the logger of most logging libraries. */
export interface Logger {
  /** Takes one line without a line break. If it throws, the error is dropped, because a log must not fail a call. */
  warn(message: string): void;
  /** Takes what a plugin logs at this level; `warn` takes it if there is no such method. */
  error?(message: string): void;
  /** Like `error`. */
  info?(message: string): void;
  /** Takes the level `info` if there is no `info`, as in NestJS. */
  log?(...line: any[]): void;
  /** Like `error`. */
  debug?(message: string): void;
  /**
   * Makes a logger whose lines have these members as well, as of pino, winston and Fastify. If there is one, lines about a plugin get
   * `{ hookcell: { plugin, hook, sha256, tenant, requestId } }`; otherwise these are part of the text.
   */
  child?(members: object): Logger;
}
/** The message on the diagnostics channel `hookcell:fault`, for each call that ends in a {@link Fault}. */
export interface FaultMessage {
  /** The path or name that the plugin was called by. */
  plugin: string;
  /** The hook that was called. */
  hook: string;
  /** As the plugin caused it: the message may repeat a secret of its configuration. */
  fault: Fault;
  /** What this plugin used; in a chain, without the other plugins. */
  usage: Usage;
  /** The option `tenant` of the call. */
  tenant?: string | undefined;
  /** The option `requestId` of the call. */
  requestId?: string | undefined;
}
type BlockingLimits = Pick<SandboxLimits, 'maxFuel' | 'maxMemoryPages' | 'timeoutMs'>;
interface RequestOption {
  /**
   * The request that the call is made for: any text of at most 128 characters. It is on log lines about the call and on messages of
   * the diagnostics channels. The plugin does not see it. Default none.
   */
  requestId?: string | undefined;
}
/** Options of a blocking call: limits that replace the plugin's, lower or higher; what the plugin is granted; and its request. */
export interface SyncCallOptions extends BlockingLimits, GrantOptions, RequestOption {}
type CallLimits = BlockingLimits & Pick<SandboxLimits, 'inlineFuel'>;
/**
 * Options of one call: limits that replace the plugin's, lower or higher; what the plugin is granted; its tenant; and a signal that
 * ends it.
 */
export interface CallOptions extends CallLimits, GrantOptions, RequestOption, Pick<QueueOptions, 'queueTimeoutMs'> {
  /**
   * Ends the call, which then rejects at once with the signal's reason. A waiting call never runs, and a running plugin is
   * interrupted; its thread is free a moment later, at the plugin's next loop or function call. One signal can serve any
   * number of calls.
   */
  signal?: AbortSignal | undefined;
  /**
   * The tenant on whose behalf the call is made: any well-formed string of at most 256 characters. Waiting tenants take turns, and each takes at
   * most `maxConcurrencyPerTenant` and `maxQueuePerTenant`. Calls without a tenant (or with `null`) take turns as one
   * tenant without these limits. The plugin does not see this value: it sees `tenant_id` of its context.
   */
  tenant?: string | null | undefined;
}
/** A plugin of a chain: its path or name, optionally with limits and grants that replace those of the whole call. */
export type ChainedPlugin =
  | string
  | URL
  | ({
      plugin: string | URL;
    } & CallLimits &
      GrantOptions);
/** A plugin of a chain that was called. */
export interface ChainStep {
  /** The path or name that it was called by. */
  plugin: string;
  /** Did it accept? Only the last step can have rejected or faulted. */
  ok: boolean;
  /** What it used. `queueMs` is 0, because the chain waits as a whole. */
  usage: Usage;
  /** What it logged. Omitted if that is nothing. */
  log?: LogLine[];
  /** The time and the seed that it got. Omitted if it got neither. */
  granted?: Granted;
}
interface Steps {
  /** The plugins that were called, in order. The last one ended the chain, and its `log` is that of the whole result. */
  steps: ChainStep[];
  /**
   * The sums of `fuel` and `runMs` of all steps, the largest `memoryBytes`, and the time that the chain waited. `fuel` is
   * `null` if it is `null` for any step.
   */
  usage: Usage;
}
interface StoppedSteps<I extends object, D> extends Steps {
  /** The context as the plugins before this one left it. */
  ctx: WholeContext<I, D>;
}
/** Every plugin of the chain accepted. */
export type ChainAccepted<I extends object = JsonObject, D = unknown> = Accepted<I, D> & Steps;
/** A plugin of the chain rejected. */
export type ChainRejected<I extends object = JsonObject, D = unknown> = Rejected & StoppedSteps<I, D>;
/** A plugin of the chain faulted. */
export type ChainFaulted<I extends object = JsonObject, D = unknown> = Faulted & StoppedSteps<I, D>;
/**
 * How a chain ended: the result of the plugin that ended it, always with the context that now applies.
 *
 * @typeParam I - the shape of `ctx.input`
 * @typeParam D - the shape of `ctx.data`
 */
export type ChainResult<I extends object = JsonObject, D = unknown> =
  | ChainAccepted<I, D>
  | ChainRejected<I, D>
  | ChainFaulted<I, D>;
/** Options of `close`. */
export interface CloseOptions {
  /** Interrupts calls and loads in progress instead of waiting for them. Default `false`. */
  interrupt?: boolean | undefined;
}
/** The hooks of the plugin contract, or any other export of the same signature. */
export type HookName = 'before_hook' | 'after_hook' | (string & Record<never, never>);
/**
 * Options of a load: limits that replace the runtime's, what every call of the plugin is granted, the expected digest, and where
 * the plugin is compiled.
 */
export interface LoadOptions extends SandboxLimits, GrantOptions {
  /** The expected SHA-256 of the module, as 64 hexadecimal digits. A load of other bytes is refused with `ERR_DIGEST`. */
  sha256?: string | undefined;
  /**
   * Compiles in a child process, which is killed if it takes too much time or memory, or if the server ends. Default
   * `true` (with default bounds) for bytes, which can come from anywhere, and `false` for a file. `false` compiles in this
   * process, on a thread that cannot be interrupted. A small load takes about 5 ms longer in a process that is already
   * running, and about 100 ms longer if the process must start first. The process stays for 60 seconds after a load and
   * holds about 50 MB. `isolate` of `PluginInfo` says what a load took. A plugin that is already loaded or in `cacheDir`
   * needs no process. If a process cannot be started, the load is refused with `ERR_ISOLATE`.
   */
  isolate?: boolean | IsolateOptions | undefined;
  /**
   * Cancels the load when it aborts: the promise rejects at once with the signal's reason, the plugin is not loaded, and
   * its compiler process is ended. A module that is compiling in this process still compiles to its end, without effect.
   */
  signal?: AbortSignal | undefined;
  /**
   * Runs the plugin's start-up (its start section and `_initialize`) once at load instead of on every call. Each call
   * still gets a fresh sandbox, which starts from the snapshot that the start-up left. Default: the runtime's option. A
   * plugin that could behave differently starts up on every call: see `preInitialized` of `PluginInfo`.
   */
  preInitialize?: boolean | undefined;
  /**
   * Keeps the debug information of the module (DWARF) and its source map, so that the backtrace of a fault names files and
   * lines. They take as much memory as they have bytes in the module; debug information of more than 8 MiB and a source map
   * of more than 4 MiB are not kept. With `false`, a backtrace has function names
   * and offsets in the module. Default: the runtime's option.
   */
  sourceLocations?: boolean | undefined;
}
/** A loaded plugin. The object is frozen, and stays the same object while the plugin is loaded. */
export interface PluginInfo {
  /** The path of the plugin's file with links resolved, or the name that its bytes were loaded under. */
  readonly key: string;
  /** SHA-256 of the module, as 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** Size of the module, in bytes. */
  readonly bytes: number;
  /** The exports that you can call as hooks. */
  readonly hooks: readonly string[];
  /** The linear memory that the module declares. */
  readonly memory: PluginMemory;
  /** Where the machine code came from. */
  readonly codeFrom: CodeFrom;
  /** What compiling it in child processes cost, if `codeFrom` is `isolate`. */
  readonly isolate?: IsolateCost;
  /**
   * The memory of the machine code and its tables, in bytes. Plugins of the same module share it. If there is `dataBytes`, all
   * plugins with the same code share it, such as those that were built with the same JavaScript engine.
   */
  readonly codeBytes: number;
  /**
   * The memory of the plugin's own data, in bytes, if its data and its code are compiled apart. hookcell does that for plugins
   * with 128 KiB of code or more. Without it, the data is part of `codeBytes`.
   */
  readonly dataBytes?: number;
  /**
   * Whether the plugin's start-up ran at load, so that calls start from its snapshot. It is `false` if the plugin has
   * neither a start section nor an export `_initialize`, if `preInitialize` is off, or if calls could then behave
   * differently: the start-up fails, is refused memory, exceeds a limit or leaves a snapshot of more than 1 MiB, or the
   * plugin changes its table.
   */
  readonly preInitialized: boolean;
  /**
   * The memory of the module's debug information and source map, in bytes, which backtraces need. Omitted if it has none, or with
   * `sourceLocations: false`.
   */
  readonly sourceBytes?: number;
  /** The limits that the module declares for itself. Omitted if it declares none. */
  readonly declaredLimits?: DeclaredLimits;
  /**
   * What the module says about itself in its custom section `hookcell.meta`, such as `name`, `version` and `configSchema`; `hookcell
   * annotate` of `@hookcell/cli` writes it. Anyone can write it: show it, escaped, and do not trust it. It is a JSON object of at
   * most 64 KiB, nested at most 128 deep and without a `__proto__` key, and is omitted if the section is anything else.
   */
  readonly metadata?: JsonObject;
  /** How long reading, checking and compiling took, in milliseconds. */
  readonly loadedInMs: number;
}
/**
 * The limits that a module declares in its custom section `hookcell.limits`. Each applies where neither the runtime nor the load
 * nor the call sets that limit, instead of the default.
 */
export interface DeclaredLimits {
  /** Fuel of a call, 1 to 1,000,000,000, instead of the default's 1,000,000; fuel for each byte of context is added. */
  readonly maxFuel?: number;
  /** Fuel of a call for each byte of its context, 0 to 10,000, instead of the default's 1,000. */
  readonly fuelPerContextByte?: number;
  /** Linear memory in pages of 64 KiB, 1 to 1,024 (64 MiB). */
  readonly maxMemoryPages?: number;
  /** The most wall-clock time of a call in milliseconds, 1 to 1,000. A module can only shorten the default. */
  readonly timeoutMs?: number;
}
/** What compiling in a child process cost. A pre-initialized plugin takes two or three processes, one after the other. */
export interface IsolateCost {
  /** The time from asking for a process to its reply, in milliseconds, added up over all processes. */
  readonly ms: number;
  /**
   * The most resident memory of one process, in bytes, including Node.js and the compiler: about 60 MB for a small module.
   * 0 on systems other than Linux, which do not report it.
   */
  readonly peakBytes: number;
}
/** The linear memory that a module declares, in pages of 64 KiB. */
export interface PluginMemory {
  /** The pages that it starts with. */
  readonly minPages: number;
  /** The pages that it can grow to, if the module declares a bound. `maxMemoryPages` bounds it in any case. */
  readonly maxPages?: number;
}
/**
 * Where a plugin's machine code came from: `compiler` (this load compiled it in this process), `isolate` (this load
 * compiled it in a child process), `cache` (it was in `cacheDir`), or `memory` (a loaded plugin of the same module, or
 * of the same code, shares it).
 */
export type CodeFrom = 'compiler' | 'isolate' | 'cache' | 'memory';
/** Where compiled code is kept, so that a plugin is compiled once instead of at every start of the server. */
export interface CodeCacheOptions {
  /**
   * A directory for compiled code: a path or a `file:` URL. Default none. A missing directory is created for its user
   * only (mode 0700). Runtimes and processes can share it, even with different versions of hookcell.
   *
   * The code in it is executed. The constructor therefore refuses, with `ERR_CACHE_DIR`, a directory that is a link,
   * belongs to another user, or can be written by others; on Windows, one that is a link or outside the user's profile.
   * Every file is sealed with a secret that is stored in the directory. A file that is damaged, cut short or not sealed
   * with it is not used: the plugin is compiled again, and the file replaced. This does not protect against a program
   * that can write files with your rights.
   */
  cacheDir?: string | URL | undefined;
  /**
   * The most bytes that the files in `cacheDir` take; the least recently used files are removed. Default 1,073,741,824
   * (1 GiB), 1,048,576 (1 MiB) to 2^53 - 1. Each process that writes there can exceed it by a 16th.
   */
  maxCacheBytes?: number | undefined;
}
/** How much memory the cells of the process keep while no call uses them. */
export interface IdleMemoryOptions {
  /**
   * The most bytes of memory that unused cells keep for later calls, so that a plugin need not get it from the system in
   * every call. Default 67,108,864 (64 MiB), 0 to 2^53 - 1. All runtimes of the process share the cells, and the last
   * runtime that sets it decides. A cell that was not used for a second keeps nothing. Nothing is counted where the system
   * cannot tell which memory a call wrote to (Linux before 6.7, macOS, Windows); there, a cell keeps at most 256 KiB.
   */
  maxIdleMemoryBytes?: number | undefined;
}
/** Which calls a runtime records, and where. */
export interface RecordOptions {
  /**
   * The directory for recorded calls, one file for each: a path or a `file:` URL. A missing directory is created for its user
   * only (mode 0700), and so are the files (0600). The newest recordings replace the oldest.
   */
  dir: string | URL;
  /**
   * Which calls are recorded: `fault` (those that end in a fault), `all`, or a share of all calls between 0 and 1 besides those
   * that end in a fault. Default `fault`. Of a chain, only a plugin that faults is recorded. A refused call is never recorded.
   */
  when?: 'fault' | 'all' | number | undefined;
  /**
   * Takes out of a context what must not be in a file. It gets a copy, and returns what is recorded instead, or `undefined` to
   * record nothing. If it throws, nothing is recorded. Default: the context is recorded as the plugin got it.
   */
  redact?: ((context: WholeContext) => HookContext | undefined) | undefined;
  /** The most recordings in `dir`. Default 100, 1 to 10,000. */
  maxFiles?: number | undefined;
  /**
   * The most bytes of the recordings in `dir`. Default 16,777,216 (16 MiB), 4,096 to 2^53 - 1. A call that would take more is not
   * recorded.
   */
  maxBytes?: number | undefined;
}
/** Options of a runtime: its limits, which apply to every plugin and call, its queue, its code cache, idle memory and its log. */
export interface SandboxConfig extends SandboxLimits, QueueOptions, CodeCacheOptions, IdleMemoryOptions {
  /**
   * Gets one line for each call that faults, and what plugins log. Default `console`, or in Fastify and NestJS the framework's own
   * log; `false` turns the log off.
   */
  logger?: Logger | false | undefined;
  /**
   * The most lines in a second that plugins cause in the log: what they log, and their faults. Default 1,000, 0 to 1,000,000. More
   * are dropped, and a line says how many. Results still have them.
   */
  maxLogLinesPerSecond?: number | undefined;
  /**
   * Records calls as files: those that fault, or a share of all. `hookcell replay` and `hookcell test` of `@hookcell/cli` make them
   * again. Default: no call is recorded.
   */
  record?: RecordOptions | undefined;
  /** The default of the load option `preInitialize`: runs a plugin's start-up once at load. Default `true`. */
  preInitialize?: boolean | undefined;
  /** The default of the load option `sourceLocations`: keeps a plugin's debug information. Default `true`. */
  sourceLocations?: boolean | undefined;
}
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
export declare class WasmRuntime {
  #private;
  /**
   * @param config - limits, queue, code cache and log; each option documents its default
   * @throws `TypeError` or `RangeError` that names the option, its value and its bounds
   * @throws {@link HookcellError} `ERR_CACHE_DIR` if compiled code cannot be kept in `cacheDir`, `ERR_INTERNAL` if the
   * machine cannot run WebAssembly
   */
  constructor(config?: SandboxConfig);
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
  loadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo>;
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
  loadPluginBytes(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo>;
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
  reloadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo>;
  /**
   * The same for a plugin that is loaded from bytes.
   *
   * @param name - the name it is called by
   * @param bytes - the new module; copied before this returns
   * @param options - as for {@link WasmRuntime.loadPluginBytes}
   */
  reloadPlugin(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo>;
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
  ): Promise<PluginResult<I, D>>;
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
  ): Promise<ChainResult<I, D>>;
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
  ): PluginResult<I, D>;
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
  validateConfig(plugin: string | URL, config: JsonValue, options?: CallOptions): Promise<boolean>;
  /** Whether the plugin is loaded. */
  isLoaded(plugin: string | URL): boolean;
  /**
   * Unloads a plugin, and frees its code when the last running call of it ends. A call that is still waiting for a thread
   * is refused with `ERR_NOT_LOADED`. A load that was requested earlier does not bring the plugin back.
   *
   * @returns whether it was loaded
   */
  unloadPlugin(plugin: string | URL): boolean;
  /** The loaded plugins. */
  plugins(): PluginInfo[];
  /**
   * Whether the sandboxes of this process come from a pool. Without address space for one (`ulimit -v`), each call maps its own
   * memory, which takes about 25 µs longer; the log says so once.
   */
  get pooled(): boolean;
  /** The option `concurrency`. */
  get slots(): number;
  /** Whether a call would be taken now: the runtime is not closed, and its queue is not full. It says nothing of plugins. */
  ready(): boolean;
  /** The number of calls that hold a `concurrency` slot now. */
  get running(): number;
  /** The number of calls that wait in the queue now, of at most `maxQueue`. */
  get waiting(): number;
  /**
   * Refuses new calls and loads with `ERR_CLOSED`, waits for those in progress, and unloads every plugin. With
   * `interrupt`, waiting and running calls and loads are ended first and reject with `ERR_CLOSED`; a module that is
   * compiling in this process still compiles to its end, without effect.
   *
   * A second `close` waits for the same end, and with `interrupt` speeds it up.
   *
   * @throws `TypeError` if an option is invalid; the runtime then stays open
   */
  close(options?: CloseOptions): Promise<void>;
  /** The same as {@link WasmRuntime.close}, for `await using`: waits for calls and loads in progress. */
  [Symbol.asyncDispose](): Promise<void>;
}
interface TracedMessage<T> {
  /** The runtime. */
  readonly runtime: object;
  /** How it ended. Set before `asyncEnd`, or before `end` of a blocking call. */
  result?: T;
  /** Why it did not end with a result: a refusal of the host, the reason of a signal, or a mistake. Set before `error`. */
  error?: unknown;
}
interface TracedCall {
  /** The hook that is called. */
  readonly hook: string;
  /** The option `tenant` of the call. */
  readonly tenant?: string | undefined;
  /** The option `requestId` of the call. */
  readonly requestId?: string | undefined;
}
/** A message of the tracing channel `hookcell:call`: one for each call of a hook outside a chain. */
export interface CallMessage extends TracedMessage<PluginResult<object>>, TracedCall {
  /** The path or name that the plugin is called by. */
  readonly plugin: string;
}
/** A message of the tracing channel `hookcell:chain`: one for each chain. */
export interface ChainMessage extends TracedMessage<ChainResult<object>>, TracedCall {
  /** The paths or names that the plugins are called by, in order. `result.steps` are those that were called. */
  readonly plugins: readonly string[];
}
/** A message of the tracing channels `hookcell:load` and `hookcell:reload`. */
export interface LoadMessage extends TracedMessage<PluginInfo> {
  /** The path or name in the request. */
  readonly plugin: string;
}

export {};
