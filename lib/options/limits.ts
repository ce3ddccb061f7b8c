import { wantInline } from '../calls/inline-turn.js';
import { limitBounds } from '../native.js';
import type { LimitBounds, LimitOptions } from '../native.js';
import { shown } from '../values/shown-text.js';
import { isRecord, kindOf } from '../values/value-kind.js';
import { wholeNumber } from '../values/whole-number.js';

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

// The addon has the only table of bounds.
const boundsByName: ReadonlyMap<string, LimitBounds> = new Map(limitBounds().map((bounds) => [bounds.name, bounds]));

const limitNames = [...boundsByName.keys()];

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
export const limitDescriptions: readonly LimitDescription[] = Object.freeze(
  [...boundsByName.values()].map((bounds) => Object.freeze(bounds as LimitBounds & LimitDescription)),
);

/** The limits that a single call can set. */
export const callLimitNames = [...boundsByName.values()].filter(({ perCall }) => perCall).map(({ name }) => name);

const syncLimitNames = callLimitNames.filter((name) => name !== 'inlineFuel');

/**
 * Reads the limits of a runtime or of a plugin. Names in `others` are skipped. Any other name that is not a limit is a
 * `TypeError`, so that a misspelled limit cannot leave a sandbox with more than was meant.
 */
export function parseLimits(options: unknown, others: readonly string[]): LimitOptions | undefined {
  return read(options, limitNames, others);
}

/** Reads the limits of one call, as {@link parseLimits} does for a runtime. */
export function parseCallLimits(options: unknown, others: readonly string[]): LimitOptions | undefined {
  return read(options, callLimitNames, others);
}

/** Reads the limits of a blocking call, which always runs on the calling thread. */
export function parseSyncLimits(options: unknown, others: readonly string[]): LimitOptions | undefined {
  return read(options, syncLimitNames, others);
}

function read(options: unknown, names: readonly string[], others: readonly string[]): LimitOptions | undefined {
  if (options === undefined) {
    return undefined;
  }
  if (!isRecord(options)) {
    throw new TypeError(`the options must be an object, got ${kindOf(options)}`);
  }
  let limits: Record<string, number> | undefined;
  for (const [name, value] of Object.entries(options)) {
    const bounds = names.includes(name) ? boundsByName.get(name) : undefined;
    if (bounds !== undefined) {
      if (value !== undefined) {
        limits ??= {};
        limits[name] = wholeNumber(bounds, value);
        if (name === 'inlineFuel' && limits[name] > 0) {
          wantInline();
        }
      }
    } else if (!others.includes(name)) {
      throw new TypeError(`unknown option '${shown(name)}'; the options here are ${[...others, ...names].join(', ')}`);
    }
  }
  return limits;
}
