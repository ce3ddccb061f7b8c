import type { CallOutcome, ObservedCall } from '../telemetry/observed-calls.js';
import { Latencies } from './latencies.js';
import type { CallsSnapshot } from './snapshot.js';

/** The calls of one plugin. */
export class PluginCalls {
  readonly #outcomes: Partial<Record<CallOutcome, number>> = {};
  readonly #latencies = new Latencies();

  add({ outcome, usage }: ObservedCall): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    if (usage !== undefined) {
      this.#latencies.add(usage.runMs);
    }
  }

  snapshot(): CallsSnapshot {
    return {
      outcomes: { ...this.#outcomes },
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
    };
  }
}
