import { applyChanges } from './context.js';
import type { ContextChanges, JsonObject, WholeContext } from './context.js';
import { refusalError } from '../errors.js';
import type { FaultCode, Refusal } from '../errors.js';

/** What one call used. */
export interface Usage {
  /** Fuel used, about one unit for each instruction; `null` where a trap other than `ERR_FUEL` lost the count. */
  fuel: number | null;
  /** Linear memory of the plugin at its largest, in bytes. */
  memoryBytes: number;
  /** Wall-clock time the call waited, for its turn and then for a thread of libuv's pool, in milliseconds. */
  queueMs: number;
  /** Wall-clock time on that thread, in milliseconds; `timeoutMs` bounds it. */
  runMs: number;
}

/** How a plugin failed. */
export interface Fault {
  code: FaultCode;
  /** What happened, for a log: it can name functions of the plugin, so it is not for the client of a server. */
  message: string;
  /** The plugin's functions under way, the innermost first, where they are known. At most 20. */
  backtrace?: string[];
}

/** The plugin says yes. */
export interface Accepted<I extends object = JsonObject, D = unknown> {
  ok: true;
  /**
   * The whole context as it now applies. `input` and `data` are the plugin's where it changed them, and otherwise the
   * very objects of the call, as `user` and `headers` always are: `result.ctx.input === ctx.input` tells that the
   * plugin left it alone. What a plugin sends is JSON, nested at most 128 deep and without a key `__proto__`; that it
   * is of the type `I` or `D` is what the caller says, and is not checked.
   */
  ctx: WholeContext<I, D>;
  error?: undefined;
  details?: undefined;
  fault?: undefined;
  usage: Usage;
}

/** The plugin says no, in its own words. */
export interface Rejected {
  ok: false;
  /** Why. */
  error?: string;
  /** More about it, as the plugin chose. */
  details?: unknown[];
  fault?: undefined;
  usage: Usage;
}

/** The plugin failed: it trapped, went over a limit, or broke the contract. */
export interface Faulted {
  ok: false;
  /** What happened, for a log. */
  error: string;
  details?: undefined;
  fault: Fault;
  usage: Usage;
}

/**
 * How a call ended: `ok` tells yes from no, and `fault` a plugin that says no from one that failed.
 *
 * @typeParam I - the shape of `ctx.input`
 * @typeParam D - the shape of `ctx.data`
 */
export type PluginResult<I extends object = JsonObject, D = unknown> = Accepted<I, D> | Rejected | Faulted;

type CallReply = { ok: true; ctx?: ContextChanges; usage: Usage } | Rejected | Faulted;

/** Reads what the addon replies; a refusal is thrown. */
export function readReply<T>(reply: string): T {
  const parsed = JSON.parse(reply) as (T & { refused?: undefined }) | { refused: Refusal };
  if (parsed.refused !== undefined) {
    throw refusalError(parsed.refused);
  }
  return parsed;
}

/** Reads how the addon answers a call that was made with `context`. */
export function readCallReply<I extends object, D>(reply: string, context: WholeContext<I, D>): PluginResult<I, D> {
  const parsed = readReply<CallReply>(reply);
  if (!parsed.ok) {
    return parsed;
  }
  const ctx = parsed.ctx === undefined ? context : applyChanges(context, parsed.ctx);
  return { ok: true, ctx, usage: parsed.usage };
}
