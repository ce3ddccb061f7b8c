import { sharedState } from '../../shared-state.js';
import { Circuits } from '../circuit/circuits.js';
import type { CircuitSettings } from '../circuit/circuit.js';

/** How often a failure was passed over or a call was not made, since the process started. */
export interface HookStats {
  /** Faults that were passed over because the hook's `onFault` is `open`. */
  passedFaults: number;
  /** Rejections that were passed over because the hook's `onReject` is `open`. */
  passedRejections: number;
  /** Calls not made because the plugin's circuit was open, if the request went on without them. */
  passedOpenCircuits: number;
  /** Calls not made because the plugin's circuit was open, if that ended the request. */
  refusedByCircuit: number;
  /** Requests given up because their client disconnected during the hooks before the handler. */
  clientsLeft: number;
  /** How often a circuit opened. */
  circuitsOpened: number;
  /** The plugins whose circuit is open now. */
  openCircuits: string[];
}

/** The counts among {@link HookStats}. */
export type HookCount = Exclude<keyof HookStats, 'openCircuits'>;

/** What the hooks of one runtime share, in all adapters. */
export class HookRecord {
  readonly #circuits = new Map<string, Circuits>();
  readonly #counts: Record<HookCount, number> = {
    passedFaults: 0,
    passedRejections: 0,
    passedOpenCircuits: 0,
    refusedByCircuit: 0,
    clientsLeft: 0,
    circuitsOpened: 0,
  };

  count(what: HookCount): void {
    this.#counts[what] += 1;
  }

  /** The circuits with these settings. Routes with the same settings share them. */
  circuits(settings: CircuitSettings): Circuits {
    const key = `${settings.faults}/${settings.windowMs}/${settings.openMs}`;
    let circuits = this.#circuits.get(key);
    if (circuits === undefined) {
      circuits = new Circuits(settings);
      this.#circuits.set(key, circuits);
    }
    return circuits;
  }

  /** The plugin is gone, and its circuit with it. */
  forget(plugin: string): void {
    for (const circuits of this.#circuits.values()) {
      circuits.forget(plugin);
    }
  }

  stats(): HookStats {
    const open = new Set([...this.#circuits.values()].flatMap((circuits) => circuits.open()));
    return { ...this.#counts, openCircuits: [...open] };
  }
}

const records = sharedState('hook-records/2', () => new WeakMap<object, HookRecord>());

/** The record of a runtime, made when it is first needed. */
export function hookRecord(runtime: object): HookRecord {
  let record = records.get(runtime);
  if (record === undefined) {
    record = new HookRecord();
    records.set(runtime, record);
  }
  return record;
}

/**
 * What the hooks of a runtime passed over and which calls they did not make, in all adapters: for a metrics endpoint.
 *
 * @param runtime - the runtime that the adapters were given
 */
export function hookStats(runtime: object): HookStats {
  return hookRecord(runtime).stats();
}
