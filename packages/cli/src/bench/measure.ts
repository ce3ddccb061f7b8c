import type { PluginInfo, WasmRuntime } from 'hookcell';

import { kindOf, outcomeOf } from '../calls/outcome.js';
import type { Subject } from './contexts.js';
import { distributionOf } from './distribution.js';
import type { Distribution } from './distribution.js';

/** What calls of one plugin with one context used. */
export interface Measured {
  readonly name: string;
  readonly contextBytes: number;
  readonly calls: number;
  readonly outcomes: Record<'accepted' | 'rejected' | 'faulted', number>;
  readonly runMs: Distribution;
  /** Missing if traps lost the count. */
  readonly fuel?: Distribution;
  readonly memoryBytes: number;
  /** Each time, for a chart. */
  readonly times: readonly number[];
}

/** Calls before the first that counts, so that memory and caches are as in a server. */
const WARM_UP = 20;

/** No row takes much longer. */
const MOST_MS = 5_000;

/** Calls plugins in turns with the same context, so that a busy moment of the machine meets all of them. */
export function measure(
  runtime: WasmRuntime,
  plugins: readonly PluginInfo[],
  { name, hook, context, grants, bytes }: Subject,
  calls: number,
): Measured[] {
  const tallies = plugins.map(() => new Tally());
  const start = performance.now();
  for (let call = -WARM_UP; call < calls && (call < 1 || performance.now() - start < MOST_MS); call += 1) {
    for (const [index, { key }] of plugins.entries()) {
      const result = runtime.callHookSync(key, hook, context, grants);
      if (call >= 0) {
        tallies[index]?.add(kindOf(outcomeOf(result, context)) as keyof Tally['outcomes'], result.usage);
      }
    }
  }
  return tallies.map((tally) => tally.read(name, bytes));
}

class Tally {
  readonly outcomes = { accepted: 0, rejected: 0, faulted: 0 };
  readonly #times: number[] = [];
  readonly #fuel: number[] = [];
  #memoryBytes = 0;

  add(kind: keyof Tally['outcomes'], usage: { runMs: number; fuel: number | null; memoryBytes: number }): void {
    this.outcomes[kind] += 1;
    this.#times.push(usage.runMs);
    if (usage.fuel !== null) {
      this.#fuel.push(usage.fuel);
    }
    this.#memoryBytes = Math.max(this.#memoryBytes, usage.memoryBytes);
  }

  read(name: string, contextBytes: number): Measured {
    const times = this.#times;
    return {
      name,
      contextBytes,
      calls: times.length,
      outcomes: this.outcomes,
      runMs: distributionOf(times),
      ...(this.#fuel.length === 0 ? {} : { fuel: distributionOf(this.#fuel) }),
      memoryBytes: this.#memoryBytes,
      times,
    };
  }
}
