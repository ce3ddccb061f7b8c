import type { ParsedCallOptions, SyncCallOptions } from '../options/call-options.js';
import { applyChanges } from './context.js';
import type { ContextChanges, JsonObject, WholeContext } from './context.js';
import { parseCallLimits } from '../options/limits.js';
import type { LimitOptions } from '../native.js';
import { pluginKey } from '../loads/plugin-key.js';
import { PreparedPlugin } from './prepared-plugin.js';
import { readReply } from './result.js';
import type { Accepted, Faulted, Rejected, Usage } from './result.js';
import { kindOf } from '../values/value-kind.js';

/** A plugin of a chain: its path or name, and where it needs any, limits that go before those of the whole call. */
export type ChainedPlugin = string | URL | ({ plugin: string | URL } & SyncCallOptions);

/** A plugin of a chain that was called. */
export interface ChainStep {
  /** The path or name it was called by. */
  plugin: string;
  /** Did it say yes? Of all steps only the last can have said no, or have failed. */
  ok: boolean;
  /** What it used. `queueMs` is 0, since it is the chain that waits. */
  usage: Usage;
}

interface Steps {
  /** One for each plugin that was called, in order: the last is the one that ended the chain. */
  steps: ChainStep[];
  /**
   * Of all steps: the sums of `fuel` and `runMs`, the largest `memoryBytes`, and the time that the chain waited. `fuel` is
   * `null` where that of any step is.
   */
  usage: Usage;
}

interface StoppedSteps<I extends object, D> extends Steps {
  /** The context as the plugins before have left it. */
  ctx: WholeContext<I, D>;
}

/** Every plugin of a chain says yes. */
export type ChainAccepted<I extends object = JsonObject, D = unknown> = Accepted<I, D> & Steps;

/** A plugin of a chain says no. */
export type ChainRejected<I extends object = JsonObject, D = unknown> = Rejected & StoppedSteps<I, D>;

/** A plugin of a chain failed. */
export type ChainFaulted<I extends object = JsonObject, D = unknown> = Faulted & StoppedSteps<I, D>;

/**
 * How a chain ended: as the result of the plugin that ended it, with the context as it now applies in every case.
 *
 * @typeParam I - the shape of `ctx.input`
 * @typeParam D - the shape of `ctx.data`
 */
export type ChainResult<I extends object = JsonObject, D = unknown> =
  | ChainAccepted<I, D>
  | ChainRejected<I, D>
  | ChainFaulted<I, D>;

/** The most plugins of a chain, which holds its thread until the last one has ended. */
export const MAX_CHAIN = 64;

/** Reads the plugins of a chain. The limits of one go before `limits`, those of the call. */
export function parseChain(plugins: unknown, limits: LimitOptions | undefined): PreparedPlugin[] {
  if (!Array.isArray(plugins)) {
    throw new TypeError(`the plugins must be an array, got ${kindOf(plugins)}`);
  }
  // Read once, and not by the array's own iterator: what is checked is what is called.
  const { length } = plugins;
  if (length > MAX_CHAIN) {
    throw new RangeError(`a chain has at most ${MAX_CHAIN} plugins, got ${length}`);
  }
  // A hole in the array is a plugin that is missing, and `map` passes over it.
  return Array.from({ length }, (_, index) =>
    parseChained(`plugins[${index}]: a plugin`, plugins[index] as unknown, limits),
  );
}

function parseChained(what: string, chained: unknown, limits: LimitOptions | undefined): PreparedPlugin {
  if (typeof chained !== 'object' || chained === null || !('plugin' in chained)) {
    return new PreparedPlugin(pluginKey(chained as string | URL, what), limits);
  }
  const own = parseCallLimits(chained, ['plugin']);
  const key = pluginKey(chained.plugin as string | URL, what);
  return new PreparedPlugin(key, own === undefined ? limits : { ...limits, ...own });
}

type ChainReply = ({ ok: true } | Rejected | Faulted) & Steps & { ctx?: ContextChanges };

/** Reads how the addon answers a chain that was called with `context`. */
export function readChainReply<I extends object, D>(reply: string, context: WholeContext<I, D>): ChainResult<I, D> {
  const parsed = readReply<ChainReply>(reply);
  // In place: a copy would cost as much as a hook.
  return Object.assign(parsed, { ctx: applyChanges(context, parsed.ctx ?? {}) });
}

/** What comes of a chain without plugins, which takes no turn. */
export function emptyChainResult<I extends object, D>(
  context: WholeContext<I, D>,
  { signal }: ParsedCallOptions,
): ChainResult<I, D> {
  if (signal?.aborted) {
    throw signal.reason;
  }
  return { ok: true, ctx: context, steps: [], usage: { fuel: 0, memoryBytes: 0, queueMs: 0, runMs: 0 } };
}
