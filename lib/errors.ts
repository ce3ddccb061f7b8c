import { brand } from './brand.js';
import type { IsolateOptions } from './options/isolate.js';
import type { LimitName } from './options/limits.js';
import type { FullQueue, LoadLimit } from './options/queue-options.js';

/**
 * Every code a {@link HookcellError} carries, with its meaning. A code stays what it is across versions; a message
 * may change its words.
 */
export const errorCodes = {
  ERR_NOT_LOADED: 'No plugin is loaded under that path or name, or it is still loading.',
  ERR_READ: 'The plugin file cannot be read.',
  ERR_COMPILE: 'The bytes are not a WebAssembly module that the sandbox accepts.',
  ERR_ABI: 'Exports that the plugin contract asks for are missing or of the wrong type; the message lists all of them.',
  ERR_IMPORT: 'The module has imports, and a plugin may have none; the message names them.',
  ERR_CACHE_DIR:
    'The directory `cacheDir` cannot be made, or is one that others than you could write; the message says why.',
  ERR_DIGEST: 'The SHA-256 of the bytes is not the one in the `sha256` option.',
  ERR_ISOLATE:
    'The process that `isolate` asks for cannot be started, or failed before it had an answer; the message says why.',
  ERR_LIMIT: 'The module or the context is larger than a limit allows; `limit` names the option.',
  ERR_NO_HOOK: 'The plugin exports no hook of that name.',
  ERR_CONTEXT:
    'The context is not of the shape a hook takes, cannot be written as JSON, or has in it what no result may have.',
  ERR_QUEUE_FULL:
    'As many calls or loads wait for their turn as may, in all or of this tenant; `limit` names the option.',
  ERR_QUEUE_TIMEOUT: 'The call waited for its turn as long as `queueTimeoutMs` allows, and never ran.',
  ERR_CLOSED: 'The runtime is closed, or was closed with `interrupt` before the call had ended.',
  ERR_INTERNAL: 'A fault of hookcell itself or of the machine it runs on, and not of the plugin or the caller.',
} as const;

/** The code of a {@link HookcellError}: a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** Every code a plugin's {@link Fault} carries, with its meaning. */
export const faultCodes = {
  ERR_TRAP: 'The plugin trapped: `unreachable`, an access out of bounds, a division by zero, …',
  ERR_FUEL: 'The plugin used up `maxFuel`.',
  ERR_TIMEOUT: 'The plugin was still running after `timeoutMs`.',
  ERR_MEMORY: 'The plugin wanted more than `maxMemoryPages` or `maxTableElements`, or had no room for the context.',
  ERR_STACK: "The plugin's calls nest too deeply.",
  ERR_ABI: 'The plugin gave a pointer outside its memory, for the context or for its result.',
  ERR_RESULT:
    'The result is longer than `maxResultBytes`, beyond `maxResultValues`, not UTF-8, not JSON, not of the right shape, or makes the context too long for the next plugin of a chain.',
} as const;

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
export class HookcellError extends Error {
  static {
    // On the prototype, since the first line of the stack is written before an instance has fields of its own.
    Object.defineProperty(this.prototype, 'name', { value: 'HookcellError', configurable: true, writable: true });
    brand(this, 'HookcellError');
  }

  /** Stable across versions; {@link errorCodes} explains each. */
  readonly code: ErrorCode;

  /**
   * With `ERR_LIMIT`, the option that was exceeded. With `ERR_QUEUE_FULL`, `maxQueuePerTenant` or
   * `maxQueueBytesPerTenant` where it is this tenant that has too many calls or bytes waiting, `maxQueue` or
   * `maxQueueBytes` where it is all together, and `maxLoads` where it is a load.
   */
  declare readonly limit?: ExceededLimit;

  /**
   * With `ERR_CONTEXT`, where in the context there is a key `__proto__` or nesting more than 128 deep, such as
   * `ctx.input.items[2]`, cut to 200 characters. Under `ctx.input` it is often a client that is at fault, and not the
   * server.
   */
  declare readonly place?: string;

  constructor(code: ErrorCode, message: string, options?: HookcellErrorOptions) {
    super(message, options);
    this.code = code;
    if (options?.limit !== undefined) {
      this.limit = options.limit;
    }
    if (options?.place !== undefined) {
      this.place = options.place;
    }
  }
}

/** How the addon says that it refuses. */
export interface Refusal {
  /** `ERR_CANCELLED` where the call was interrupted. */
  code: ErrorCode | 'ERR_CANCELLED';
  message: string;
  limit?: ExceededLimit;
  place?: string;
}

/** Made here and not in the addon, so that the stack shows the caller and `instanceof` holds in every realm. */
export function refusalError({ code, message, limit, place }: Refusal): HookcellError {
  // Of a call whose signal aborted nobody reads the answer, so whoever does was interrupted by the end of the runtime.
  return code === 'ERR_CANCELLED' ? closedError() : new HookcellError(code, message, { limit, place });
}

/** The runtime takes no calls, or takes none any more to their end. */
export function closedError(): HookcellError {
  return new HookcellError('ERR_CLOSED', 'the runtime is closed');
}

/** Why the addon made no runtime: its errors carry a code of ours, unless it failed. */
export function constructionError(cause: unknown): HookcellError {
  const { code, message } = cause as { code?: unknown; message: string };
  return code === 'ERR_CACHE_DIR' ? new HookcellError(code, message) : internalError(cause);
}

/** The addon itself failed, which it never does by contract: out of memory, or a bug. */
export function internalError(cause: unknown): HookcellError {
  const reason = (cause as Error | null | undefined)?.message ?? String(cause);
  return new HookcellError('ERR_INTERNAL', `the native addon failed: ${reason}`, { cause });
}
