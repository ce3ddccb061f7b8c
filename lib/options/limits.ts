import { limitBounds } from '../native.js';
import type { LimitBounds, LimitOptions } from '../native.js';
import { shown } from '../values/shown-text.js';
import { kindOf } from '../values/value-kind.js';
import { wholeNumber } from '../values/whole-number.js';

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

// The addon owns the bounds, so that there is one table of them.
const boundsByName: ReadonlyMap<string, LimitBounds> = new Map(limitBounds().map((bounds) => [bounds.name, bounds]));

const limitNames = [...boundsByName.keys()];
/** The limits that one call may have of its own. */
export const callLimitNames: readonly LimitName[] = ['maxFuel', 'maxMemoryPages', 'timeoutMs'];

/**
 * Reads the limits of a runtime or of a plugin. A name in `others` belongs to the caller and is passed over; any
 * other name that is not a limit is a `TypeError`, so that a misspelt limit cannot leave a sandbox wider than was
 * meant.
 */
export function parseLimits(options: unknown, others: readonly string[]): LimitOptions | undefined {
  return read(options, limitNames, others);
}

/** Reads the limits of one call, as {@link parseLimits} those of a runtime. */
export function parseCallLimits(options: unknown, others: readonly string[]): LimitOptions | undefined {
  return read(options, callLimitNames, others);
}

function read(options: unknown, names: readonly string[], others: readonly string[]): LimitOptions | undefined {
  if (options === undefined) {
    return undefined;
  }
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new TypeError(`the options must be an object, got ${kindOf(options)}`);
  }
  let limits: Record<string, number> | undefined;
  for (const [name, value] of Object.entries(options)) {
    const bounds = names.includes(name) ? boundsByName.get(name) : undefined;
    if (bounds !== undefined) {
      if (value !== undefined) {
        limits ??= {};
        limits[name] = wholeNumber(bounds, value);
      }
    } else if (!others.includes(name)) {
      throw new TypeError(`unknown option '${shown(name)}'; the options here are ${[...others, ...names].join(', ')}`);
    }
  }
  return limits;
}
