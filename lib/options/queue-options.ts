import { libuvThreads } from '../native.js';
import { wholeNumber } from '../values/whole-number.js';
import type { Bounds } from '../values/whole-number.js';

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

/** The name of a queue option. */
export type QueueOptionName = keyof QueueOptions;

/** Every queue option with its value. */
export type QueueSettings = Readonly<Record<QueueOptionName, number>>;

/** The limit on loads in progress. */
export type LoadLimit = 'maxLoads';

/** The limit that leaves no room for one more call to wait. */
export type FullQueue = 'maxQueue' | 'maxQueuePerTenant' | 'maxQueueBytes' | 'maxQueueBytesPerTenant';

/** The default of `maxQueueBytes`, unless four of the longest contexts need more. */
const LEAST_QUEUE_BYTES = 67_108_864;

const bounds = {
  concurrency: { name: 'concurrency', min: 1, max: 1_024 },
  maxQueue: { name: 'maxQueue', min: 0, max: 1_000_000, default: 1_024 },
  queueTimeoutMs: { name: 'queueTimeoutMs', min: 1, max: 3_600_000, default: 5_000 },
  maxConcurrencyPerTenant: { name: 'maxConcurrencyPerTenant', min: 1, max: 1_024 },
  maxQueuePerTenant: { name: 'maxQueuePerTenant', min: 0, max: 1_000_000 },
  maxQueueBytes: { name: 'maxQueueBytes', min: 0, max: Number.MAX_SAFE_INTEGER },
  maxQueueBytesPerTenant: { name: 'maxQueueBytesPerTenant', min: 0, max: Number.MAX_SAFE_INTEGER },
  maxUndeliveredBytes: { name: 'maxUndeliveredBytes', min: 0, max: Number.MAX_SAFE_INTEGER, default: 16_777_216 },
  maxLoads: { name: 'maxLoads', min: 1, max: 1_000_000, default: 64 },
} as const satisfies { [name in QueueOptionName]: Bounds & { name: name } };

/** The names of {@link QueueOptions}. */
export const queueOptionNames = Object.keys(bounds) as QueueOptionName[];

/**
 * Reads the options and fills in the defaults.
 *
 * @param maxContextBytes - the longest context of a call
 */
export function parseQueueOptions(options: QueueOptions = {}, maxContextBytes = 0): QueueSettings {
  const concurrency = read('concurrency', options) ?? Math.max(1, libuvThreads() - 1);
  const maxQueue = read('maxQueue', options) ?? bounds.maxQueue.default;
  // A tenant's share, a quarter, then has room for one context.
  const maxQueueBytes = read('maxQueueBytes', options) ?? Math.max(LEAST_QUEUE_BYTES, 4 * maxContextBytes);
  return {
    concurrency,
    maxQueue,
    queueTimeoutMs: parseQueueTimeout(options) ?? bounds.queueTimeoutMs.default,
    maxConcurrencyPerTenant: read('maxConcurrencyPerTenant', options) ?? Math.max(1, concurrency - 1),
    maxQueuePerTenant: read('maxQueuePerTenant', options) ?? Math.ceil(maxQueue / 4),
    maxQueueBytes,
    maxQueueBytesPerTenant: read('maxQueueBytesPerTenant', options) ?? Math.ceil(maxQueueBytes / 4),
    maxUndeliveredBytes: read('maxUndeliveredBytes', options) ?? bounds.maxUndeliveredBytes.default,
    maxLoads: read('maxLoads', options) ?? bounds.maxLoads.default,
  };
}

/** Reads `queueTimeoutMs`. */
export function parseQueueTimeout(options: Pick<QueueOptions, 'queueTimeoutMs'>): number | undefined {
  return read('queueTimeoutMs', options);
}

function read(name: QueueOptionName, options: QueueOptions): number | undefined {
  const value: unknown = options[name];
  return value === undefined ? undefined : wholeNumber(bounds[name], value);
}
