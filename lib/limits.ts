import { limitBounds } from './native.js';
import type { LimitBounds, LimitOptions } from './native.js';
import { kindOf } from './value-kind.js';

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

// The addon owns the bounds, so that there is one table of them.
const boundsByName: ReadonlyMap<string, LimitBounds> = new Map(limitBounds().map((bounds) => [bounds.name, bounds]));

const limitNames = [...boundsByName.keys()];
const callLimitNames: readonly LimitName[] = ['maxFuel', 'maxMemoryPages', 'timeoutMs'];

/**
 * Reads the limits of a runtime or of a plugin. A name in `others` belongs to the caller and is passed over; any
 * other name that is not a limit is a `TypeError`, so that a misspelt limit cannot leave a sandbox wider than was
 * meant.
 */
export function parseLimits(options: unknown, others: readonly string[]): LimitOptions | undefined {
  return read(options, limitNames, others);
}

/** Reads the limits of one call. */
export function parseCallLimits(options: unknown): LimitOptions | undefined {
  return read(options, callLimitNames, []);
}

function read(options: unknown, names: readonly string[], others: readonly string[]): LimitOptions | undefined {
  if (options === undefined) {
    return undefined;
  }
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new TypeError(`the options must be an object, got ${kindOf(options)}`);
  }
  const limits: Record<string, number> = {};
  for (const [name, value] of Object.entries(options)) {
    const bounds = names.includes(name) ? boundsByName.get(name) : undefined;
    if (bounds !== undefined) {
      if (value !== undefined) {
        limits[name] = checked(bounds, value);
      }
    } else if (!others.includes(name)) {
      throw new TypeError(`unknown option '${name}'; the options here are ${[...others, ...names].join(', ')}`);
    }
  }
  return limits;
}

function checked({ name, min, max }: LimitBounds, value: unknown): number {
  if (typeof value !== 'number') {
    const shown = typeof value === 'string' ? `the string ${JSON.stringify(value)}` : kindOf(value);
    throw new TypeError(`${name} must be a whole number from ${min} to ${max}, got ${shown}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, got ${value}`);
  }
  return value;
}
