import { sharedState } from '../../shared-state.js';
import { Circuits } from '../circuit/circuits.js';
import type { CircuitSettings } from '../circuit/circuit.js';

/** How often what a hook said did not count, since the process began. */
export interface HookStats {
  /** Faults that a request went past, since the hook's `onFault` said so. */
  passedFaults: number;
  /** Rejections that a request went past, since the hook's `onReject` said so. */
  passedRejections: number;
  /** Calls not made since the plugin's circuit was open, where the request went on without. */
  passedOpenCircuits: number;
  /** Calls not made since the plugin's circuit was open, where the request was refused. */
  refusedByCircuit: number;
  /** Requests given up since their client left before the hooks before the handler had ended. */
  clientsLeft: number;
  /** How often a circuit opened. */
  circuitsOpened: number;
  /** The plugins whose circuit is open now. */
  openCircuits: string[];
}

/** The counts among {@link HookStats}. */
export type HookCount = Exclude<keyof HookStats, 'openCircuits'>;

/** What the hooks of one runtime have in common, whatever number of adapters they are in. */
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

  /** The circuits with these settings: a plugin that fails on one route is held back on all that have the same. */
  circuits(settings: CircuitSettings): Circuits {
    const key = `${settings.faults}/${settings.windowMs}/${settings.openMs}`;
    let circuits = this.#circuits.get(key);
    if (circuits === undefined) {
      circuits = new Circuits(settings);
      this.#circuits.set(key, circuits);
    }
    return circuits;
  }

  stats(): HookStats {
    const open = new Set([...this.#circuits.values()].flatMap((circuits) => circuits.open()));
    return { ...this.#counts, openCircuits: [...open] };
  }
}

const records = sharedState('hook-records/2', () => new WeakMap<object, HookRecord>());

/** The record of a runtime. */
export function hookRecord(runtime: object): HookRecord {
  let record = records.get(runtime);
  if (record === undefined) {
    record = new HookRecord();
    records.set(runtime, record);
  }
  return record;
}

/**
 * What the hooks of all adapters on a runtime passed over or held back: for a metrics endpoint.
 *
 * @param runtime - what the adapter was given
 */
export function hookStats(runtime: object): HookStats {
  return hookRecord(runtime).stats();
}
