import { applyChanges } from './context.js';
import type { ContextChanges, WholeContext } from './context.js';
import type { JsonObject } from '../values/json.js';
import { refusalError } from '../errors.js';
import type { Fault, Refusal } from '../errors.js';
import type { Granted } from '../grants/grants.js';

/** What one call used. */
export interface Usage {
  /** The fuel used, about one unit per instruction; `null` if a trap other than `ERR_FUEL` lost the count. */
  fuel: number | null;
  /** The plugin's largest linear memory, in bytes. */
  memoryBytes: number;
  /** Wall-clock time in the queue, waiting for a slot and a thread of libuv's pool, in milliseconds; 0 for `inline`. */
  queueMs: number;
  /**
   * Wall-clock time on that thread, in milliseconds, bounded by `timeoutMs`. In a stream of brief calls, the sandbox may have been
   * made before; that is not part of it.
   */
  runMs: number;
  /**
   * Where the call ran: `pool` is a thread of libuv's pool, and `inline` is the calling thread (`inlineFuel`,
   * `callHookSync`). All plugins of a chain run in the same place.
   */
  where: 'inline' | 'pool';
}

/** How important a {@link LogLine} is. The plugin chooses it; `info` is the level of a line that does not say its own. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A line that a plugin logged. */
export interface LogLine {
  level: LogLevel;
  /** The text, with control and invisible characters escaped. */
  message: string;
  /** More about it. It is the plugin's JSON, nested at most 128 deep and without a `__proto__` key. */
  fields?: JsonObject;
}

/** What every result of a call has. */
export interface CallRecord {
  usage: Usage;
  /**
   * What the plugin logged, in order, also if it trapped or was stopped. Omitted if it logged nothing, as most do. At most
   * `maxLogBytes` of it are read, and 1,000 lines; a last line from `hookcell:` says if there was more.
   */
  log?: LogLine[];
  /** The time and the seed that the plugin got. Omitted if it got neither. Of a chain, those of its last plugin. */
  granted?: Granted;
}

/** The plugin accepts. */
export interface Accepted<I extends object = JsonObject, D = unknown> extends CallRecord {
  ok: true;
  /**
   * The whole context that now applies. `input` and `data` are the plugin's values if it changed them, and otherwise the
   * objects that you passed, as `user` and `headers` always are: if `result.ctx.input === ctx.input`, the plugin did not
   * change it. A plugin's values are JSON, nested at most 128 deep and without a `__proto__` key. They are not checked to
   * be of type `I` or `D`.
   */
  ctx: WholeContext<I, D>;
  error?: undefined;
  details?: undefined;
  fault?: undefined;
}

/** The plugin rejects, with its own reason. */
export interface Rejected extends CallRecord {
  ok: false;
  /** The reason. */
  error?: string;
  /** Further details that the plugin chose. */
  details?: unknown[];
  fault?: undefined;
}

/** The plugin faults: it traps, exceeds a limit, or breaks the contract. */
export interface Faulted extends CallRecord {
  ok: false;
  /** What happened, for a log. */
  error: string;
  details?: undefined;
  fault: Fault;
}

/**
 * How a call ended. `ok` is `true` if the plugin accepts. If it is `false`, `fault` tells a fault from a rejection.
 *
 * @typeParam I - the shape of `ctx.input`
 * @typeParam D - the shape of `ctx.data`
 */
export type PluginResult<I extends object = JsonObject, D = unknown> = Accepted<I, D> | Rejected | Faulted;

/** The addon's reply to a call. */
export interface CallReply {
  /** The result as JSON, a refusal, or empty if all plugins accept and change nothing. */
  readonly text: string;
  /** What the call used; `undefined` for a refusal. */
  readonly usage: Usage | undefined;
  /** What each plugin of a chain used. */
  readonly steps: Usage[] | undefined;
}

type CallResult = ({ ok: true; ctx?: ContextChanges } & CallRecord) | Rejected | Faulted;

/** Reads a text of the addon, and throws a refusal. */
export function readReply<T>(reply: string): T {
  const parsed = JSON.parse(reply) as (T & { refused?: undefined }) | { refused: Refusal };
  if (parsed.refused !== undefined) {
    throw refusalError(parsed.refused);
  }
  return parsed;
}

/** Reads the addon's reply to a call that was made with `context`. */
export function readCallReply<I extends object, D>(
  { text, usage }: CallReply,
  context: WholeContext<I, D>,
): PluginResult<I, D> {
  if (usage !== undefined && text === '') {
    return { ok: true, ctx: context, usage };
  }
  // Without usage it is a refusal, which this throws.
  const parsed = readReply<CallResult>(text);
  parsed.usage = usage as Usage;
  if (!parsed.ok) {
    return parsed;
  }
  const ctx = parsed.ctx === undefined ? context : applyChanges(context, parsed.ctx);
  const result: Accepted<I, D> = { ok: true, ctx, usage: parsed.usage };
  if (parsed.log !== undefined) {
    result.log = parsed.log;
  }
  if (parsed.granted !== undefined) {
    result.granted = parsed.granted;
  }
  return result;
}
