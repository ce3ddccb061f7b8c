import type { HookContext, WholeContext } from '../calls/context.js';
import { parseDirectory } from './directory.js';
import { isRecord, kindOf } from '../values/value-kind.js';
import { wholeNumber } from '../values/whole-number.js';

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

/** Checked options of a recorder. */
export interface ParsedRecordOptions {
  readonly directory: string;
  /** The share of calls without a fault that is recorded. */
  readonly share: number;
  readonly redact: RecordOptions['redact'];
  readonly maxFiles: number;
  readonly maxBytes: number;
}

const files = { name: 'record.maxFiles', min: 1, max: 10_000, default: 100 };
const bytes = { name: 'record.maxBytes', min: 4_096, max: Number.MAX_SAFE_INTEGER, default: 16_777_216 };

const names = ['dir', 'when', 'redact', 'maxFiles', 'maxBytes'] as const satisfies (keyof RecordOptions)[];

/** Reads the option `record`. */
export function parseRecordOptions(option: unknown): ParsedRecordOptions | undefined {
  if (option === undefined) {
    return undefined;
  }
  if (!isRecord(option)) {
    throw new TypeError(`record must be an object, got ${kindOf(option)}`);
  }
  const unknown = Object.keys(option).find((name) => !(names as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`unknown option 'record.${unknown}'; the options here are ${names.join(', ')}`);
  }
  const { dir, when = 'fault', redact, maxFiles, maxBytes } = option as RecordOptions;
  if (redact !== undefined && typeof redact !== 'function') {
    throw new TypeError(`record.redact must be a function, got ${kindOf(redact)}`);
  }
  return {
    directory: parseDirectory('record.dir', dir),
    share: parseShare(when),
    redact,
    maxFiles: wholeNumber(files, maxFiles ?? files.default),
    maxBytes: wholeNumber(bytes, maxBytes ?? bytes.default),
  };
}

function parseShare(when: unknown): number {
  const share = when === 'fault' ? 0 : when === 'all' ? 1 : when;
  const expected = "record.when must be 'fault', 'all' or a number from 0 to 1";
  if (typeof share !== 'number') {
    throw new TypeError(`${expected}, got ${typeof when === 'string' ? 'another string' : kindOf(when)}`);
  }
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(`${expected}, got ${share}`);
  }
  return share;
}
