import type { CallLimits, ParsedCallOptions } from '../options/call-options.js';
import { grantNames, parseGrants } from '../grants/grants.js';
import type { Granted, GrantOptions } from '../grants/grants.js';
import { applyChanges } from './context.js';
import type { ContextChanges, WholeContext } from './context.js';
import type { JsonObject } from '../values/json.js';
import { parseCallLimits } from '../options/limits.js';
import { MAX_CHAIN } from '../native.js';
import type { LimitOptions } from '../native.js';
import { pluginKey } from '../loads/plugin-key.js';
import type { PreparedChains } from './prepared/prepared-chains.js';
import { PreparedPlugin } from './prepared/prepared-plugin.js';
import { readReply } from './result.js';
import type { Accepted, CallReply, Faulted, LogLine, Rejected, Usage } from './result.js';
import { kindOf } from '../values/value-kind.js';

/** A plugin of a chain: its path or name, optionally with limits and grants that replace those of the whole call. */
export type ChainedPlugin = string | URL | ({ plugin: string | URL } & CallLimits & GrantOptions);

/** A plugin of a chain that was called. */
export interface ChainStep {
  /** The path or name that it was called by. */
  plugin: string;
  /** Did it accept? Only the last step can have rejected or faulted. */
  ok: boolean;
  /** What it used. `queueMs` is 0, because the chain waits as a whole. */
  usage: Usage;
  /** What it logged. Omitted if that is nothing. */
  log?: LogLine[];
  /** The time and the seed that it got. Omitted if it got neither. */
  granted?: Granted;
}

interface Steps {
  /** The plugins that were called, in order. The last one ended the chain, and its `log` is that of the whole result. */
  steps: ChainStep[];
  /**
   * The sums of `fuel` and `runMs` of all steps, the largest `memoryBytes`, and the time that the chain waited. `fuel` is
   * `null` if it is `null` for any step.
   */
  usage: Usage;
}

interface StoppedSteps<I extends object, D> extends Steps {
  /** The context as the plugins before this one left it. */
  ctx: WholeContext<I, D>;
}

/** Every plugin of the chain accepted. */
export type ChainAccepted<I extends object = JsonObject, D = unknown> = Accepted<I, D> & Steps;

/** A plugin of the chain rejected. */
export type ChainRejected<I extends object = JsonObject, D = unknown> = Rejected & StoppedSteps<I, D>;

/** A plugin of the chain faulted. */
export type ChainFaulted<I extends object = JsonObject, D = unknown> = Faulted & StoppedSteps<I, D>;

/**
 * How a chain ended: the result of the plugin that ended it, always with the context that now applies.
 *
 * @typeParam I - the shape of `ctx.input`
 * @typeParam D - the shape of `ctx.data`
 */
export type ChainResult<I extends object = JsonObject, D = unknown> =
  | ChainAccepted<I, D>
  | ChainRejected<I, D>
  | ChainFaulted<I, D>;

/**
 * Reads the plugins of a chain. A plugin's own limits replace `limits`, those of the call.
 *
 * @param chains - remembers plugins
 */
export function parseChain(
  plugins: unknown,
  limits: LimitOptions | undefined,
  chains: PreparedChains,
): PreparedPlugin[] {
  if (!Array.isArray(plugins)) {
    throw new TypeError(`the plugins must be an array, got ${kindOf(plugins)}`);
  }
  // Read once, and not with the array's own iterator: the plugins that are checked are the ones that are called.
  const { length } = plugins;
  if (length > MAX_CHAIN) {
    throw new RangeError(`a chain has at most ${MAX_CHAIN} plugins, got ${length}`);
  }
  // `map` would skip a hole in the array, which is a missing plugin.
  const parsed: PreparedPlugin[] = [];
  for (let index = 0; index < length; index += 1) {
    const chained: unknown = plugins[index];
    const known = limits === undefined ? chains.plugin(chained) : undefined;
    parsed.push(known ?? parseChained(`plugins[${index}]: a plugin`, chained, limits, chains));
  }
  return parsed;
}

function parseChained(
  what: string,
  chained: unknown,
  limits: LimitOptions | undefined,
  chains: PreparedChains,
): PreparedPlugin {
  if (typeof chained !== 'object' || chained === null || !('plugin' in chained)) {
    const plugin = new PreparedPlugin(pluginKey(chained as string | URL, what), limits);
    if (limits === undefined) {
      chains.rememberPlugin(chained, plugin);
    }
    return plugin;
  }
  const own = parseCallLimits(chained, ['plugin', ...grantNames]);
  const grants = parseGrants(chained as GrantOptions);
  const key = pluginKey(chained.plugin as string | URL, what);
  return new PreparedPlugin(key, own === undefined ? limits : { ...limits, ...own }, grants);
}

type ChainReply = ({ ok: true; log?: LogLine[]; granted?: Granted } | Rejected | Faulted) & {
  ctx?: ContextChanges;
  logs?: LogLine[][];
};

/** Reads the addon's reply to a chain of these plugins that was called with `context`. */
export function readChainReply<I extends object, D>(
  { text, usage, steps: used = [] }: CallReply,
  plugins: readonly PreparedPlugin[],
  context: WholeContext<I, D>,
): ChainResult<I, D> {
  // Without usage it is a refusal, which this throws.
  const parsed: ChainReply = usage !== undefined && text === '' ? { ok: true } : readReply<ChainReply>(text);
  const last = used.length - 1;
  const steps = used.map((each, index): ChainStep => ({
    plugin: (plugins[index] as PreparedPlugin).key,
    ok: parsed.ok || index < last,
    usage: each,
  }));
  takeLogs(parsed, steps);
  takeGranted(parsed, steps);
  // This changes `parsed` itself: a copy would cost as much as a hook.
  return Object.assign(parsed, {
    ctx: parsed.ctx === undefined ? context : applyChanges(context, parsed.ctx),
    steps,
    usage: usage as Usage,
  });
}

/** The logs of the steps come together, and only if there are any. */
function takeLogs(parsed: ChainReply, steps: readonly ChainStep[]): void {
  const { logs } = parsed;
  if (logs === undefined) {
    return;
  }
  delete parsed.logs;
  for (const [index, log] of logs.entries()) {
    if (log.length > 0) {
      (steps[index] as ChainStep).log = log;
    }
  }
  const log = steps.at(-1)?.log;
  if (log !== undefined) {
    parsed.log = log;
  }
}

/** What the steps were granted comes together, and only if there is any. */
function takeGranted(parsed: ChainReply, steps: readonly ChainStep[]): void {
  const { granted } = parsed;
  if (granted === undefined) {
    return;
  }
  delete parsed.granted;
  for (const [index, each] of (granted as unknown as Granted[]).entries()) {
    if (each.now !== undefined || each.seed !== undefined) {
      (steps[index] as ChainStep).granted = each;
    }
  }
  const last = steps.at(-1)?.granted;
  if (last !== undefined) {
    parsed.granted = last;
  }
}

/** The result of an empty chain, which does not wait in the queue. */
export function emptyChainResult<I extends object, D>(
  context: WholeContext<I, D>,
  { signal }: ParsedCallOptions,
): ChainResult<I, D> {
  if (signal?.aborted) {
    throw signal.reason;
  }
  return {
    ok: true,
    ctx: context,
    steps: [],
    usage: { fuel: 0, memoryBytes: 0, queueMs: 0, runMs: 0, where: 'inline' },
  };
}
