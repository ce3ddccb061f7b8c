import { HookcellError, limitDescriptions } from 'hookcell';
import type { LimitName, LoadOptions, PluginInfo, WasmRuntime } from 'hookcell';

import type { ChosenLimits } from '../input/limit-flags.js';

/** A limit that must be higher for the plugin to load. */
export interface NeededLimit {
  readonly limit: LimitName;
  /** The value that it has now. */
  readonly now: number;
  /** The least doubling of it with which the plugin loads. */
  readonly needed: number;
  /** What the host said. */
  readonly message: string;
}

/** What the host says about a plugin. */
export interface Verdict {
  /** The loaded plugin, with {@link needed} if there are any. */
  readonly info?: PluginInfo;
  readonly refusal?: HookcellError;
  readonly needed: readonly NeededLimit[];
}

/** How a plugin is judged. */
export interface Judging {
  /** Does it compile in a child process? Default `true`. */
  readonly isolate?: boolean;
  /** The most time for all attempts together, in milliseconds. Default 30,000: the plugin may be made to be slow. */
  readonly mostMs?: number;
}

/**
 * Loads a plugin. If limits are too low for it, they are raised until it loads, or until the host refuses it for good, or the time is
 * up.
 */
export async function judge(
  runtime: WasmRuntime,
  name: string,
  module: Uint8Array,
  limits: ChosenLimits,
  { isolate = true, mostMs = 30_000 }: Judging = {},
): Promise<Verdict> {
  const raised: ChosenLimits = { ...limits };
  const needed = new Map<LimitName, NeededLimit>();
  const signal = AbortSignal.timeout(mostMs);
  const options: LoadOptions = { isolate, preInitialize: false, signal };
  for (;;) {
    try {
      const info = await runtime.loadPluginBytes(name, module, { ...options, ...raised });
      return { info, needed: [...needed.values()] };
    } catch (error) {
      if (error === signal.reason) {
        const message = `${name} did not load within ${mostMs} ms: it takes long to compile, or the machine is busy`;
        return { refusal: new HookcellError('ERR_LIMIT', message), needed: [...needed.values()] };
      }
      if (!(error instanceof HookcellError)) {
        throw error;
      }
      const limit = limitDescriptions.find((each) => each.name === error.limit);
      const before = limit === undefined ? 0 : (raised[limit.name] ?? limit.default);
      if (limit === undefined || before >= limit.max) {
        return { refusal: error, needed: [...needed.values()] };
      }
      const next = Math.min(before * 2, limit.max);
      const first = needed.get(limit.name) ?? { limit: limit.name, now: before, message: error.message };
      needed.set(limit.name, { ...first, needed: next });
      raised[limit.name] = next;
    }
  }
}
