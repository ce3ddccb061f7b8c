import { isRecord, kindOf } from '../../values/value-kind.js';
import { wholeNumber } from '../../values/whole-number.js';

/** How a set watches its manifest or folder. */
export interface WatchOptions {
  /**
   * How long nothing must change before the set looks, in milliseconds, because files are often written in pieces. Default 100, 10 to
   * 60,000.
   */
  debounceMs?: number | undefined;

  /**
   * How often the set looks without being told of a change, in milliseconds. Default 30,000, 100 to 3,600,000. A network file system
   * tells of no changes that other machines make: choose a second or so there.
   */
  pollMs?: number | undefined;
}

/** Checked options of a watch. */
export type WatchSettings = Readonly<Record<keyof WatchOptions, number>>;

const debounceMs = { name: 'watch.debounceMs', min: 10, max: 60_000, default: 100 };
const pollMs = { name: 'watch.pollMs', min: 100, max: 3_600_000, default: 30_000 };

/** Reads the option `watch`. */
export function parseWatch(value: unknown): WatchSettings | undefined {
  if (value === undefined || value === false) {
    return undefined;
  }
  if (value !== true && !isRecord(value)) {
    throw new TypeError(`watch must be true, false or an object, got ${kindOf(value)}`);
  }
  const { debounceMs: debounce, pollMs: poll, ...others } = (value === true ? {} : value) as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`unknown option 'watch.${unknown}'; the options here are debounceMs, pollMs`);
  }
  return {
    debounceMs: wholeNumber(debounceMs, debounce ?? debounceMs.default),
    pollMs: wholeNumber(pollMs, poll ?? pollMs.default),
  };
}
