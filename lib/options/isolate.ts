import { kindOf } from '../values/value-kind.js';
import { wholeNumber } from '../values/whole-number.js';

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

const timeout = { name: 'isolate.timeoutMs', min: 100, max: 600_000, default: 10_000 };
const memory = {
  name: 'isolate.maxMemoryBytes',
  min: 16_777_216,
  max: Number.MAX_SAFE_INTEGER,
  default: 536_870_912,
};

/** The bounds of a compiler process, with their defaults. */
export type IsolateBounds = Readonly<Record<keyof IsolateOptions, number>>;

/** Reads the option `isolate`; its default is `otherwise`. */
export function parseIsolate(option: unknown, otherwise: boolean): IsolateBounds | undefined {
  const value = option === undefined ? otherwise : option;
  if (value === false) {
    return undefined;
  }
  if (value !== true && (value === null || typeof value !== 'object' || Array.isArray(value))) {
    throw new TypeError(`isolate must be true, false or an object, got ${kindOf(value)}`);
  }
  const { timeoutMs, maxMemoryBytes, ...others } = (value === true ? {} : value) as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`unknown option 'isolate.${unknown}'; the options here are timeoutMs, maxMemoryBytes`);
  }
  return {
    timeoutMs: wholeNumber(timeout, timeoutMs ?? timeout.default),
    maxMemoryBytes: wholeNumber(memory, maxMemoryBytes ?? memory.default),
  };
}
