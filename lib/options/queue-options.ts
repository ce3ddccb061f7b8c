import { libuvThreads } from '../native.js';
import { wholeNumber } from '../values/whole-number.js';
import type { Bounds } from '../values/whole-number.js';

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

/** The name of an option of the queue. */
export type QueueOptionName = keyof QueueOptions;

/** The queue's options with their defaults. */
export type QueueSettings = Readonly<Record<QueueOptionName, number>>;

/** The limit on loads under way. */
export type LoadLimit = 'maxLoads';

/** The limit that leaves no room for one more call to wait. */
export type FullQueue = 'maxQueue' | 'maxQueuePerTenant' | 'maxQueueBytes' | 'maxQueueBytesPerTenant';

/** The default of `maxQueueBytes`, where contexts are not so long that it is more. */
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
 * Reads the options, and gives those that are left out their defaults.
 *
 * @param maxContextBytes - the longest context of a call
 */
export function parseQueueOptions(options: QueueOptions = {}, maxContextBytes = 0): QueueSettings {
  const concurrency = read('concurrency', options) ?? Math.max(1, libuvThreads() - 1);
  const maxQueue = read('maxQueue', options) ?? bounds.maxQueue.default;
  // So that a tenant's share has room for one context.
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
