import { brand } from './brand.js';
import { redacted, redactedJson } from './grants/secrets.js';
import type { IsolateOptions } from './options/isolate.js';
import { shown } from './values/shown-text.js';
import type { LimitName } from './options/limits.js';
import type { FullQueue, LoadLimit } from './options/queue-options.js';

/** Every code of a {@link HookcellError}, with its meaning. Codes stay the same across versions; messages may change. */
export const errorCodes = {
  ERR_NOT_LOADED: 'No plugin is loaded under this path or name, or it is still loading.',
  ERR_READ: 'The plugin file cannot be read.',
  ERR_COMPILE: 'The bytes are not a WebAssembly module that the sandbox accepts.',
  ERR_ABI:
    'The module lacks exports of the plugin contract, or they have the wrong type; the message lists all of them.',
  ERR_IMPORT: 'The module has imports, which a plugin must not have; the message names them.',
  ERR_CACHE_DIR: 'The directory `cacheDir` cannot be created, or other users could write to it; the message says why.',
  ERR_DIGEST: 'The SHA-256 of the bytes differs from the `sha256` option.',
  ERR_ISOLATE:
    'The child process for `isolate` could not be started, or failed before it replied; the message says why.',
  ERR_LIMIT: 'The module or the context exceeds a limit; `limit` names the option.',
  ERR_NO_HOOK: 'The plugin exports no hook of that name.',
  ERR_CONTEXT:
    'The context has the wrong shape, cannot be written as JSON, contains a `__proto__` key, or nests too deeply.',
  ERR_CONFIG:
    'The plugin does not accept its configuration (`details` are its own, and `fault` tells how it failed if it did), or a reference in it names an environment variable that is not set (`path`).',
  ERR_QUEUE_FULL: 'Too many calls or loads are waiting, in total or of this tenant; `limit` names the option.',
  ERR_QUEUE_TIMEOUT: 'The call waited in the queue for `queueTimeoutMs` and never ran.',
  ERR_MANIFEST: 'The manifest of a plugin set is not valid; `path` names the first wrong value.',
  ERR_SIGNATURE:
    'The manifest of a plugin set has no signature of a trusted key, and `require` is `signed`; the message says which check failed.',
  ERR_SOURCE:
    'The option `source` of a plugin set gave no module: it failed, took too long, or gave too much; the message says which.',
  ERR_FIXTURE: 'A plugin of a set did otherwise than a fixture expects, or a fixture cannot be read.',
  ERR_STORE: 'The directory `storeDir` of a plugin set cannot be read or written, or is full; the message says why.',
  ERR_NO_VERSION: 'The plugin set has no such plugin, or keeps no earlier version of it that it could go back to.',
  ERR_CLOSED: 'The runtime or plugin set is closed, or was closed with `interrupt` before the call ended.',
  ERR_INTERNAL: 'The host itself or the machine failed, not the plugin or the caller.',
} as const;

/** The code of a {@link HookcellError}: a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** Every code of a plugin's {@link Fault}, with its meaning. */
export const faultCodes = {
  ERR_TRAP: 'The plugin trapped: `unreachable`, an access out of bounds, a division by zero, and so on.',
  ERR_THROWN:
    'The plugin threw an exception or panicked, and said why: `message` and `backtrace` are its own words, cut and escaped.',
  ERR_FUEL: 'The plugin used up `maxFuel`.',
  ERR_TIMEOUT: 'The plugin was still running after `timeoutMs`.',
  ERR_MEMORY: 'The plugin needed more than `maxMemoryPages` or `maxTableElements`, or had no room for the context.',
  ERR_STACK: "The plugin's calls nest too deeply.",
  ERR_ABI: 'The plugin returned a pointer outside its memory, for the context or for its result.',
  ERR_RESULT:
    'The result exceeds `maxResultBytes` or `maxResultValues`, is not UTF-8, is not JSON, has the wrong shape, has a patch that cannot be applied, or makes the context too long for the next plugin of a chain.',
} as const;

/** The code of a {@link Fault}: a key of {@link faultCodes}. */
export type FaultCode = keyof typeof faultCodes;

/** How a plugin fails. */
export interface Fault {
  code: FaultCode;
  /** What happened, for a log. It can name functions of the plugin, so do not send it to a client. */
  message: string;
  /** The plugin's stack, innermost function first, at most 20 functions. Omitted if it is unknown. */
  backtrace?: string[];
}

/** The option that a refusal names as exceeded. */
export type ExceededLimit = LimitName | FullQueue | LoadLimit | `isolate.${keyof IsolateOptions}`;

/** Further properties of a {@link HookcellError}. */
export interface HookcellErrorOptions extends ErrorOptions {
  /** The option that was exceeded. */
  limit?: ExceededLimit | undefined;
  /** The path of the invalid part of the context, the configuration or the manifest. */
  path?: string | undefined;
  /** What the plugin says about a configuration that it rejects. */
  details?: unknown[] | undefined;
  /** How the plugin failed when it was asked about a configuration. */
  fault?: Fault | undefined;
}

/**
 * The host is misused, or refuses. A promise of this package rejects with nothing else, except a `TypeError` or
 * `RangeError` for an invalid argument. A plugin's own rejection or fault is never an error: see {@link PluginResult}.
 *
 * `instanceof` also works for an error from another copy of this package in the same process.
 */
export class HookcellError extends Error {
  static {
    // On the prototype, because the first line of the stack is written before the instance has fields.
    Object.defineProperty(this.prototype, 'name', { value: 'HookcellError', configurable: true, writable: true });
    brand(this, 'HookcellError');
  }

  /** Stable across versions; {@link errorCodes} explains each. */
  readonly code: ErrorCode;

  /**
   * With `ERR_LIMIT`, the option that was exceeded. With `ERR_QUEUE_FULL`, `maxQueuePerTenant` or
   * `maxQueueBytesPerTenant` if this tenant has too many calls or bytes waiting, `maxQueue` or `maxQueueBytes` if all
   * tenants together have too many, and `maxLoads` for a load.
   */
  declare readonly limit?: ExceededLimit;

  /**
   * With `ERR_CONTEXT`, the path of a `__proto__` key, of nesting more than 128 deep, or of a number that is not finite,
   * such as `ctx.input.items[2]`, cut to 200 characters. Below `ctx.input`, the cause is often a client and not the
   * server. With `ERR_CONFIG`, the path of a reference, such as `config.token`.
   * With `ERR_MANIFEST`, the path of the first wrong value, such as `plugins[2].sha256`.
   */
  declare readonly path?: string;

  /** With `ERR_CONFIG`, the `details` of the plugin that rejects its configuration, if it gives any. */
  declare readonly details?: unknown[];

  /** With `ERR_CONFIG`, how the plugin failed when it was asked about its configuration, if it did. */
  declare readonly fault?: Fault;

  constructor(code: ErrorCode, message: string, options?: HookcellErrorOptions) {
    super(message, options);
    this.code = code;
    if (options?.limit !== undefined) {
      this.limit = options.limit;
    }
    if (options?.path !== undefined) {
      this.path = options.path;
    }
    if (options?.details !== undefined) {
      this.details = options.details;
    }
    if (options?.fault !== undefined) {
      this.fault = options.fault;
    }
  }
}

/** A refusal, as the addon sends it. */
export interface Refusal {
  /** `ERR_CANCELLED` if the call was interrupted. */
  code: ErrorCode | 'ERR_CANCELLED';
  message: string;
  limit?: ExceededLimit;
  path?: string;
  details?: unknown[];
  fault?: Fault;
}

/** Made here instead of in the addon, so that its stack shows the caller and `instanceof` works in every realm. */
export function refusalError({ code, message, ...more }: Refusal): HookcellError {
  // The reply to an aborted call is never read, so a reader of this one was interrupted by `close`.
  if (code === 'ERR_CANCELLED') {
    return closedError();
  }
  // A plugin that is asked about its configuration can repeat the secrets in it, and an error gets into logs.
  return code === 'ERR_CONFIG'
    ? new HookcellError(code, redacted(message), redactedJson(more))
    : new HookcellError(code, message, more);
}

/** The runtime is closed, or was closed with `interrupt` before the call ended. */
export function closedError(): HookcellError {
  return new HookcellError('ERR_CLOSED', 'the runtime is closed');
}

/** A plugin does not accept its configuration: how its call ended. */
export function configError(
  plugin: string,
  { error, details, fault }: { error?: string; details?: unknown[] | undefined; fault?: Fault | undefined },
): HookcellError {
  const reason =
    fault === undefined
      ? (error ?? 'the plugin does not say why')
      : `validate_config failed: ${fault.code} ${fault.message}`;
  const message = `the config of plugin '${shown(plugin)}' is refused: ${shown(redacted(reason))}`;
  return new HookcellError('ERR_CONFIG', message, redactedJson({ details, fault }));
}

/** Why the addon made no runtime. Its refusals carry a code; any other error is a failure of the addon. */
export function constructionError(cause: unknown): HookcellError {
  const { code, message } = cause as { code?: unknown; message: string };
  return code === 'ERR_CACHE_DIR' ? new HookcellError(code, message) : internalError(cause);
}

/** The addon itself failed, because of a bug or a lack of memory. */
export function internalError(cause: unknown): HookcellError {
  const reason = (cause as Error | null | undefined)?.message ?? String(cause);
  return new HookcellError('ERR_INTERNAL', `the native addon failed: ${reason}`, { cause });
}
