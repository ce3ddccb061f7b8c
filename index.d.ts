// Rolled up from lib/ by `npm run setup`. Edit there.

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
   * The most fuel one call may use, start-up included: one unit is about one WebAssembly instruction, and bulk
   * memory operations use one per byte. Default 1,000,000 and 1,000 more for each byte of context, since a plugin that
   * reads JSON works in proportion to it; 1 to 2^53 - 1. A value that you set is exact: nothing is added for the context.
   * Beyond it the call faults with `ERR_FUEL`.
   */
  maxFuel?: number | undefined;
  /**
   * The most wall-clock time one call may take, in milliseconds, from its start-up to the result. Time spent
   * waiting for a turn does not count: `queueTimeoutMs` bounds that. Default 1,000, 1 to 3,600,000 (an hour). Beyond
   * it the call faults with `ERR_TIMEOUT`.
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
   * The most that the parts of a result that you get may cost JavaScript to parse, since that holds up the event loop: a
   * number, a long string or a key that comes again counts as 1, a new string of at most ten characters as 11, an array
   * or object as 8, and a key that is new behind the keys before it as 40; one that comes again counts as 6 behind 64 others of its object, and
   * as 20 behind 1,000. Default 1,000,000, 1 to 2^53 - 1. Results of
   * 100 KB never reach the default, and 1 MiB of a table's rows does not; made to be slow, a result at the default
   * holds the event loop for 20 to 25 ms, where 1 MiB could hold it for 170. More is a fault, `ERR_RESULT`.
   */
  maxResultValues?: number | undefined;
  /**
   * The largest module, in bytes of WebAssembly. Default 4,194,304 (4 MiB), 8 to 268,435,456 (256 MiB). The load of
   * a larger one is refused with `ERR_LIMIT`. This and the limits on a module's parts below bound what compiling it may
   * cost; they are looked at before anything is compiled, and mean nothing for a single call.
   */
  maxModuleBytes?: number | undefined;
  /** The most functions of a module. Default 20,000, 1 to 1,000,000. More is refused at load with `ERR_LIMIT`. */
  maxFunctions?: number | undefined;
  /**
   * The longest code of one function, in bytes: compiling a function may take time in the square of its length. Default
   * 131,072 (128 KiB), 16 to 7,654,321. More is refused at load with `ERR_LIMIT`.
   */
  maxFunctionBytes?: number | undefined;
  /** The most local variables of one function. Default 2,000, 1 to 50,000. More is refused at load with `ERR_LIMIT`. */
  maxLocals?: number | undefined;
  /**
   * The most blocks inside one another in one function (LLVM nests one for every case of a `switch`). Default 5,000, 1
   * to 1,000,000. More is refused at load with `ERR_LIMIT`.
   */
  maxNesting?: number | undefined;
  /**
   * The most loops inside one another in one function: the compiler's time grows faster than their number. Default 128,
   * 1 to 1,000,000. More is refused at load with `ERR_LIMIT`.
   */
  maxLoopNesting?: number | undefined;
  /**
   * The most that compiling a module may cost beyond what code of its length should, which is 300 for each of its bytes.
   * The unit is about 10 ns of one core, or 2 bytes of memory. The cost is estimated from the operators, and from the
   * values that are live at each branch and call; one function may have half. Default 40,000,000 (real modules, among
   * them all of Postgres, need less), 1,000 to 2^53 - 1. More is refused at load with `ERR_LIMIT`.
   */
  maxCompileWork?: number | undefined;
  /**
   * The longest machine code that a module may become, in bytes, with the tables that belong to it. Real modules become
   * 2 to 6 times as long. Default 50,331,648 (48 MiB), 65,536 to 4,294,967,296. More is refused at load with `ERR_LIMIT`.
   */
  maxCodeBytes?: number | undefined;
  /** The most targets of one `br_table`. Default 4,096, 1 to 65,520. More is refused at load with `ERR_LIMIT`. */
  maxBrTableTargets?: number | undefined;
  /**
   * The most parameters and results of one function's type, together: whoever checks a call or a branch looks at each.
   * Default 64 (all of Postgres has 34 at most), 3 to 2,000. More is refused at load with `ERR_LIMIT`.
   */
  maxSignatureValues?: number | undefined;
  /**
   * The most entries of any one other section of a module: types, imports, globals, exports, element and data segments.
   * Default 10,000, 1 to 1,000,000. More is refused at load with `ERR_LIMIT`.
   */
  maxSectionItems?: number | undefined;
  /**
   * The longest name of an import or export, in bytes. Default 1,024, 16 to 100,000. A longer one is refused at load
   * with `ERR_LIMIT`.
   */
  maxNameBytes?: number | undefined;
  /**
   * The most elements a plugin's table may have. Default 10,000, 1 to 1,000,000. More is refused as for
   * `maxMemoryPages`.
   */
  maxTableElements?: number | undefined;
}
/** The name of a limit. */
export type LimitName = keyof SandboxLimits;
/**
 * How many hooks a runtime runs and how many plugins it loads at once, and how many calls wait and for how long. Every
 * value is a whole number; one below or above its bounds is a `RangeError`, and one of another type a `TypeError`, that
 * names the option.
 */
export interface QueueOptions {
  /**
   * The most hooks that run at once, each on a thread of libuv's pool. 1 to 1,024. Default one less than the pool has
   * threads (`UV_THREADPOOL_SIZE`, else 4), and at least 1, so that files, name look-ups and `crypto` always find one.
   * Every runtime counts its own: those of a process share the pool, worker threads' as well, so where there are
   * several, let the sum stay below its size.
   */
  concurrency?: number | undefined;
  /**
   * The most calls that wait for their turn. Default 1,024, 0 (none waits) to 1,000,000. Past it a call is refused at
   * once, with `ERR_QUEUE_FULL`.
   */
  maxQueue?: number | undefined;
  /**
   * The most time a call waits for its turn and a thread, in milliseconds. Default 5,000, 1 to 3,600,000 (an hour). Past
   * it the call is refused, with `ERR_QUEUE_TIMEOUT`, and never runs.
   */
  queueTimeoutMs?: number | undefined;
  /**
   * Of `concurrency`, the most that the calls of one `tenant` take. Default one less than `concurrency`, and at least 1,
   * so that one tenant's flood leaves the others a place to run; 1 to 1,024. Calls that name no tenant may take all of
   * it.
   */
  maxConcurrencyPerTenant?: number | undefined;
  /**
   * Of `maxQueue`, the most that the calls of one `tenant` take. Default a quarter of `maxQueue`, rounded up, so that
   * one tenant's flood leaves the others room to wait; 0 to 1,000,000. Past it the tenant's call is refused at once, with
   * `ERR_QUEUE_FULL`. Calls that name no tenant may take all of it.
   */
  maxQueuePerTenant?: number | undefined;
  /**
   * The most bytes that the calls hold which wait for their turn: their contexts, as JSON in UTF-8, and the names with
   * them. Default 67,108,864 (64 MiB), or four times `maxContextBytes` where that is more; 0 to 2^53 - 1. Past it a call
   * is refused at once, with `ERR_QUEUE_FULL`.
   */
  maxQueueBytes?: number | undefined;
  /**
   * Of `maxQueueBytes`, the most that the calls of one `tenant` hold. Default a quarter of `maxQueueBytes`, rounded up; 0
   * to 2^53 - 1. Past it the tenant's call is refused at once, with `ERR_QUEUE_FULL`. Calls that name no tenant may hold
   * all of it.
   */
  maxQueueBytesPerTenant?: number | undefined;
  /**
   * The most bytes of results that wait for the event loop, which takes a few at each turn. Default 16,777,216 (16 MiB), 0
   * to 2^53 - 1. While there are more, no further call starts; so they are at most this and the results of `concurrency`
   * calls. Nothing is refused for it.
   */
  maxUndeliveredBytes?: number | undefined;
  /**
   * The most plugins that load at once, counting those that wait for their turn. Default 64, 1 to
   * 1,000,000. Past it a load is refused at once, with `ERR_QUEUE_FULL`. Each holds a copy of its bytes.
   */
  maxLoads?: number | undefined;
}
type LoadLimit = 'maxLoads';
type FullQueue = 'maxQueue' | 'maxQueuePerTenant' | 'maxQueueBytes' | 'maxQueueBytesPerTenant';
/** How a call is made that its thread waits for: limits in place of its plugin's, tighter or wider. */
export type SyncCallOptions = Pick<SandboxLimits, 'maxFuel' | 'maxMemoryPages' | 'timeoutMs'>;
/** How one call is made: limits in place of its plugin's, tighter or wider; whose it is; and what ends it. */
export interface CallOptions extends SyncCallOptions, Pick<QueueOptions, 'queueTimeoutMs'> {
  /**
   * Ends the call, which then rejects at once with the signal's reason: one that waits for its turn never runs, and a
   * plugin that runs is interrupted. Its thread is free a moment later, when the plugin has come to its next loop or
   * function call. One signal may serve any number of calls.
   */
  signal?: AbortSignal | undefined;
  /**
   * Whose call it is, in any well-formed string, where one server serves many: tenants that wait get their turns in rotation, and
   * none takes more than `maxConcurrencyPerTenant` and `maxQueuePerTenant`. All calls without a tenant, or with `null`,
   * rotate as one, and take as much as there is. The plugin is not told: see `tenant_id` of its context.
   */
  tenant?: string | null | undefined;
}
/** Who makes the request. */
export interface HookUser {
  id: string;
  role: string;
}
/** The bounds of the process that a plugin is compiled in, where it is not compiled in the server's own. */
export interface IsolateOptions {
  /**
   * The most time the process may take, in milliseconds, after which it is killed and the load refused with `ERR_LIMIT`.
   * Default 10,000, 100 to 600,000 (ten minutes). Where no process waits, starting one takes about 60 ms of that.
   */
  timeoutMs?: number | undefined;
  /**
   * The most memory it may take beyond what it starts with, in bytes; the load is then refused with `ERR_LIMIT`. Default
   * 536,870,912 (512 MiB), 16,777,216 (16 MiB) to 2^53 - 1. The operating system enforces it on Linux; elsewhere there is
   * no such limit, and time alone is bounded.
   */
  maxMemoryBytes?: number | undefined;
}
/**
 * Every code a {@link HookcellError} carries, with its meaning. A code stays what it is across versions; a message
 * may change its words.
 */
export declare const errorCodes: {
  readonly ERR_NOT_LOADED: 'No plugin is loaded under that path or name, or it is still loading.';
  readonly ERR_READ: 'The plugin file cannot be read.';
  readonly ERR_COMPILE: 'The bytes are not a WebAssembly module that the sandbox accepts.';
  readonly ERR_ABI: 'Exports that the plugin contract asks for are missing or of the wrong type; the message lists all of them.';
  readonly ERR_IMPORT: 'The module has imports, and a plugin may have none; the message names them.';
  readonly ERR_CACHE_DIR: 'The directory `cacheDir` cannot be made, or is one that others than you could write; the message says why.';
  readonly ERR_DIGEST: 'The SHA-256 of the bytes is not the one in the `sha256` option.';
  readonly ERR_ISOLATE: 'The process that `isolate` asks for cannot be started, or failed before it had an answer; the message says why.';
  readonly ERR_LIMIT: 'The module or the context is larger than a limit allows; `limit` names the option.';
  readonly ERR_NO_HOOK: 'The plugin exports no hook of that name.';
  readonly ERR_CONTEXT: 'The context is not of the shape a hook takes, cannot be written as JSON, or has in it what no result may have.';
  readonly ERR_QUEUE_FULL: 'As many calls or loads wait for their turn as may, in all or of this tenant; `limit` names the option.';
  readonly ERR_QUEUE_TIMEOUT: 'The call waited for its turn as long as `queueTimeoutMs` allows, and never ran.';
  readonly ERR_CLOSED: 'The runtime is closed, or was closed with `interrupt` before the call had ended.';
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
  readonly ERR_RESULT: 'The result is longer than `maxResultBytes`, beyond `maxResultValues`, not UTF-8, not JSON, not of the right shape, or makes the context too long for the next plugin of a chain.';
};
/** The code of a {@link Fault}: a key of {@link faultCodes}. */
export type FaultCode = keyof typeof faultCodes;
/** The name of an option that can be exceeded. */
export type ExceededLimit = LimitName | FullQueue | LoadLimit | `isolate.${keyof IsolateOptions}`;
/** What a {@link HookcellError} carries beside its code and message. */
export interface HookcellErrorOptions extends ErrorOptions {
  /** The option that was exceeded. */
  limit?: ExceededLimit | undefined;
  /** The part of the context that is at fault. */
  place?: string | undefined;
}
/**
 * The host was misused, or refuses. A promise of this package rejects with nothing else, save for a `TypeError` or
 * `RangeError` where an argument itself is wrong. What a plugin does never ends here: see {@link PluginResult}.
 *
 * `instanceof` holds for an error of any copy of this package that the process has loaded.
 */
export declare class HookcellError extends Error {
  /** Stable across versions; {@link errorCodes} explains each. */
  readonly code: ErrorCode;
  /**
   * With `ERR_LIMIT`, the option that was exceeded. With `ERR_QUEUE_FULL`, `maxQueuePerTenant` or
   * `maxQueueBytesPerTenant` where it is this tenant that has too many calls or bytes waiting, `maxQueue` or
   * `maxQueueBytes` where it is all together, and `maxLoads` where it is a load.
   */
  readonly limit?: ExceededLimit;
  /**
   * With `ERR_CONTEXT`, where in the context there is a key `__proto__` or nesting more than 128 deep, such as
   * `ctx.input.items[2]`, cut to 200 characters. Under `ctx.input` it is often a client that is at fault, and not the
   * server.
   */
  readonly place?: string;
  constructor(code: ErrorCode, message: string, options?: HookcellErrorOptions);
}
/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  [key: string]: JsonValue;
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
/** What one call used. */
export interface Usage {
  /** Fuel used, about one unit for each instruction; `null` where a trap other than `ERR_FUEL` lost the count. */
  fuel: number | null;
  /** Linear memory of the plugin at its largest, in bytes. */
  memoryBytes: number;
  /** Wall-clock time the call waited, for its turn and then for a thread of libuv's pool, in milliseconds. */
  queueMs: number;
  /** Wall-clock time on that thread, in milliseconds; `timeoutMs` bounds it. */
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
/** A plugin of a chain: its path or name, and where it needs any, limits that go before those of the whole call. */
export type ChainedPlugin =
  | string
  | URL
  | ({
      plugin: string | URL;
    } & SyncCallOptions);
/** A plugin of a chain that was called. */
export interface ChainStep {
  /** The path or name it was called by. */
  plugin: string;
  /** Did it say yes? Of all steps only the last can have said no, or have failed. */
  ok: boolean;
  /** What it used. `queueMs` is 0, since it is the chain that waits. */
  usage: Usage;
}
interface Steps {
  /** One for each plugin that was called, in order: the last is the one that ended the chain. */
  steps: ChainStep[];
  /**
   * Of all steps: the sums of `fuel` and `runMs`, the largest `memoryBytes`, and the time that the chain waited. `fuel` is
   * `null` where that of any step is.
   */
  usage: Usage;
}
interface StoppedSteps<I extends object, D> extends Steps {
  /** The context as the plugins before have left it. */
  ctx: WholeContext<I, D>;
}
/** Every plugin of a chain says yes. */
export type ChainAccepted<I extends object = JsonObject, D = unknown> = Accepted<I, D> & Steps;
/** A plugin of a chain says no. */
export type ChainRejected<I extends object = JsonObject, D = unknown> = Rejected & StoppedSteps<I, D>;
/** A plugin of a chain failed. */
export type ChainFaulted<I extends object = JsonObject, D = unknown> = Faulted & StoppedSteps<I, D>;
/**
 * How a chain ended: as the result of the plugin that ended it, with the context as it now applies in every case.
 *
 * @typeParam I - the shape of `ctx.input`
 * @typeParam D - the shape of `ctx.data`
 */
export type ChainResult<I extends object = JsonObject, D = unknown> =
  | ChainAccepted<I, D>
  | ChainRejected<I, D>
  | ChainFaulted<I, D>;
/** How a runtime is closed. */
export interface CloseOptions {
  /** Interrupts the calls under way, in place of waiting for them. Default `false`. */
  interrupt?: boolean | undefined;
}
/** The hooks of the plugin contract, or any other export of the same signature. */
export type HookName = 'before_hook' | 'after_hook' | (string & Record<never, never>);
/** How a plugin is loaded: limits in place of the runtime's, the digest it must have, and where it is compiled. */
export interface LoadOptions extends SandboxLimits {
  /** SHA-256 of the module as 64 hexadecimal digits. Where it differs, the load is refused with `ERR_DIGEST`. */
  sha256?: string | undefined;
  /**
   * Compiles in a child process, which is killed when it takes too much time or memory, and with the server. Default
   * `true` (with default bounds) for bytes, which may be anybody's, and `false` for a file. `false` compiles in this
   * process, on a thread that nothing interrupts. A process that waits warm takes a small load some 5 ms more than that;
   * one that has to be started first about 100. It waits for 60 seconds after a load, and holds some 50 MB meanwhile. What
   * a load took is in `isolate` of its `PluginInfo`. No process is needed for what is loaded already or lies in `cacheDir`.
   * Where none can be started, the load is refused with `ERR_ISOLATE`.
   */
  isolate?: boolean | IsolateOptions | undefined;
  /**
   * Gives the load up when it aborts: the promise rejects with the signal's reason at once, the plugin is not loaded, and
   * its compiler process is ended. What compiles in this process goes on unseen until it is done.
   */
  signal?: AbortSignal | undefined;
  /**
   * Runs the plugin's start-up (its start section, its `_initialize`) once, now, in place of in every call: each call begins in a fresh
   * sandbox with what the start-up has left behind. Default: as the runtime says. A plugin for which it could make a
   * difference is used as it is, see `preInitialized` of its `PluginInfo`.
   */
  preInitialize?: boolean | undefined;
  /**
   * Keeps the debug information of the module (DWARF), so that the backtrace of a fault names files and lines. It takes as
   * much memory as it has bytes in the module; more than 8 MiB are not kept. `false` keeps none: a backtrace has names and
   * offsets in the module. Default: as the runtime says.
   */
  sourceLocations?: boolean | undefined;
}
/** A plugin that is loaded. The object is frozen, and the same one as long as the plugin stays loaded. */
export interface PluginInfo {
  /** What the plugin is known by: the path of its file with links resolved, or the name it was given. */
  readonly key: string;
  /** SHA-256 of the module, as 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** Size of the module, in bytes. */
  readonly bytes: number;
  /** The exports that can be called as hooks. */
  readonly hooks: readonly string[];
  /** The linear memory that the module declares. */
  readonly memory: PluginMemory;
  /** Where the machine code came from. */
  readonly codeFrom: CodeFrom;
  /** What compiling it in processes of its own cost, where `codeFrom` is `isolate`. */
  readonly isolate?: IsolateCost;
  /**
   * The memory that the machine code takes, with the tables that belong to it, in bytes. Plugins of the same module share
   * it.
   */
  readonly codeBytes: number;
  /**
   * Whether its start-up was run when it was loaded, so that calls begin from what that has left behind. `false` where it
   * has neither a start section nor an export `_initialize`, where that was not asked for, and where it could make a difference: the start-up fails, is
   * refused memory, takes more than the limits allow or leaves more than 1 MiB behind, or the plugin changes its table.
   */
  readonly preInitialized: boolean;
  /** How long reading, checking and compiling took, in milliseconds. */
  readonly loadedInMs: number;
}
/** What compiling in a process of its own cost. A plugin that is pre-initialised takes two or three, one after the other. */
export interface IsolateCost {
  /** From asking for the process to its answer, in milliseconds, of all of them together. */
  readonly ms: number;
  /**
   * The most memory that one of them had resident, in bytes, Node.js and the compiler included: some 60 MB for a small
   * module. 0 where the operating system does not say, which it does on Linux.
   */
  readonly peakBytes: number;
}
/** The linear memory that a module declares, in pages of 64 KiB. */
export interface PluginMemory {
  /** What it starts with. */
  readonly minPages: number;
  /** What it can grow to; left out where the module sets no such bound. `maxMemoryPages` bounds it in any case. */
  readonly maxPages?: number;
}
/**
 * Where a plugin's machine code came from: `compiler`, compiled for this load in this process; `isolate`, compiled for it
 * in a child process; `cache`, found in `cacheDir`; `memory`, shared with a plugin of the same module that was loaded
 * already.
 */
export type CodeFrom = 'compiler' | 'isolate' | 'cache' | 'memory';
/** Where compiled code is kept, so that a plugin compiles once and not at every start of the server. */
export interface CodeCacheOptions {
  /**
   * A directory for compiled code: a path or a `file:` URL. Default none. It is made where it is missing, for its user
   * alone (mode 0700), and may be shared by runtimes and processes, of other versions as well.
   *
   * Code that is loaded is run, so the constructor refuses, with `ERR_CACHE_DIR`, a directory that is a link, belongs to
   * another user, or can be written by others; on Windows, one that is a link or outside the user's profile. Every file
   * is sealed with a secret that lies in the directory. One that is damaged, cut short or not sealed by it is not used:
   * the plugin is compiled, and the file replaced. Nobody is held off who can write files with your rights.
   */
  cacheDir?: string | URL | undefined;
  /**
   * The most that the files in `cacheDir` take, in bytes; those that were not used for longest are removed. Default
   * 1,073,741,824 (1 GiB), 1,048,576 (1 MiB) to 2^53 - 1. Every process that writes there may go a 16th beyond.
   */
  maxCacheBytes?: number | undefined;
}
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
  /** What this plugin used, and in a chain no other. */
  usage: Usage;
}
/** How a runtime is made: its limits, which every plugin and call starts from, its queue, its code cache, and its log. */
export interface SandboxConfig extends SandboxLimits, QueueOptions, CodeCacheOptions {
  /** Gets one line for each call that ends in a fault. Default `console`; `false` for none. */
  logger?: Logger | false | undefined;
  /** Runs the start-up of plugins when they are loaded, as the option of a load does. Default `true`. */
  preInitialize?: boolean | undefined;
  /** Keeps the debug information of plugins, as the option of a load does. Default `true`. */
  sourceLocations?: boolean | undefined;
}
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
   * @param config - limits, queue, code cache and log; what is left out has the default that its option documents
   * @throws `TypeError` or `RangeError` that names the option, its value and its bounds
   * @throws {@link HookcellError} `ERR_CACHE_DIR` where compiled code cannot be kept in `cacheDir`, `ERR_INTERNAL` where
   * the machine cannot run WebAssembly
   */
  constructor(config?: SandboxConfig);
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
  loadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo>;
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
  loadPluginBytes(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo>;
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
  reloadPlugin(path: string | URL, options?: LoadOptions): Promise<PluginInfo>;
  /**
   * The same for a plugin that is not in a file.
   *
   * @param name - what it is called by
   * @param bytes - the new module; copied before this returns
   * @param options - as for {@link WasmRuntime.loadPluginBytes}
   */
  reloadPlugin(name: string, bytes: Uint8Array, options?: LoadOptions): Promise<PluginInfo>;
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
  callHook<I extends object = JsonObject, D = unknown>(
    plugin: string | URL,
    hook: HookName,
    context: HookContext<I, D>,
    options?: CallOptions,
  ): Promise<PluginResult<I, D>>;
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
  callChain<I extends object = JsonObject, D = unknown>(
    plugins: readonly ChainedPlugin[],
    hook: HookName,
    context: HookContext<I, D>,
    options?: CallOptions,
  ): Promise<ChainResult<I, D>>;
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
  ): PluginResult<I, D>;
  /** Whether the plugin is loaded. */
  isLoaded(plugin: string | URL): boolean;
  /**
   * Forgets a plugin, and frees its code when the last call that runs it ends. A call that still waits for a thread is
   * refused with `ERR_NOT_LOADED`, and a load that was asked for before does not bring it back.
   *
   * @returns whether it was loaded
   */
  unloadPlugin(plugin: string | URL): boolean;
  /** The plugins that are loaded. */
  plugins(): PluginInfo[];
  /**
   * Whether the sandboxes of this process come from a pool. Where there is no address space for one (`ulimit -v`), each
   * call maps its own, which takes some 25 µs more; the log says so once.
   */
  get pooled(): boolean;
  /** Calls that hold one of the `concurrency` slots now. */
  get running(): number;
  /** Calls that wait for their turn now, of at most `maxQueue`. */
  get waiting(): number;
  /**
   * Takes no more calls and loads (they reject with `ERR_CLOSED`), waits for those under way, and unloads every
   * plugin. With `interrupt`, the calls and loads under way are ended first: those that wait for their turn and those that
   * run reject with `ERR_CLOSED`. What compiles in this process goes on unseen until it is done.
   *
   * Closing again waits for the same end, and with `interrupt` hastens it.
   *
   * @throws `TypeError` where an option is wrong; the runtime is not closed then
   */
  close(options?: CloseOptions): Promise<void>;
  /** The same as {@link WasmRuntime.close}, for `await using`: waits for what is under way. */
  [Symbol.asyncDispose](): Promise<void>;
}

export {};
