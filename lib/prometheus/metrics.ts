import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

import type { ObservedCall } from '../telemetry/observed-calls.js';
import type { ObservedLoad } from '../telemetry/observed-loads.js';
import { durationBuckets } from '../telemetry/duration-buckets.js';
import { LabelLimit } from './label-limit.js';

/** The bounds of fuel: from an empty hook to the most that a call has by default with a large context. */
const FUEL = [1e3, 1e4, 1e5, 3e5, 1e6, 3e6, 1e7, 1e8, 1e9];

/** The bounds of memory, in bytes: from one page to 1 GiB. */
const MEMORY = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384].map((pages) => pages * 65_536);

/** The bounds of a load, in seconds. */
const LOADS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The most tenants that are told apart. */
const MOST_TENANTS = 1_000;

/** What is asked whenever the metrics are read. */
export interface RuntimeGauges {
  counts(): { slots: number; running: number; waiting: number };
  openCircuits(): string[];
  plugins(): { plugin: string; sha256: string; codeBytes: number }[];
}

/** The metrics of a runtime. */
export class HookcellMetrics {
  readonly #register: Registry;
  readonly #names: string[] = [];
  readonly #tenants: LabelLimit | undefined;
  readonly #calls;
  readonly #run;
  readonly #queue;
  readonly #fuel;
  readonly #fuelTotal;
  readonly #memory;
  readonly #loads;
  readonly #loadSeconds;

  constructor(register: Registry, prefix: string, tenants: boolean, gauges: RuntimeGauges) {
    this.#register = register;
    this.#tenants = tenants ? new LabelLimit(MOST_TENANTS) : undefined;
    const named = <L extends string>(name: string, help: string, labelNames: L[]) => {
      this.#names.push(prefix + name);
      return { name: prefix + name, help, labelNames, registers: [register] };
    };
    const perHook = ['plugin', 'hook'];
    const ofCall = tenants ? [...perHook, 'outcome', 'code', 'tenant'] : [...perHook, 'outcome', 'code'];
    this.#calls = new Counter(named('calls_total', 'Calls of hooks, by how they ended.', ofCall));
    const seconds = { buckets: durationBuckets };
    this.#run = new Histogram({ ...named('run_seconds', 'Time that calls ran.', perHook), ...seconds });
    this.#queue = new Histogram({
      ...named('queue_seconds', 'Time that calls waited in the queue.', perHook),
      ...seconds,
    });
    this.#fuel = new Histogram({ ...named('fuel', 'Fuel that calls used.', perHook), buckets: FUEL });
    this.#fuelTotal = new Counter(named('fuel_total', 'Fuel that all calls used.', perHook));
    this.#memory = new Histogram({
      ...named('memory_bytes', 'The largest memory of calls.', perHook),
      buckets: MEMORY,
    });
    this.#loads = new Counter(
      named('loads_total', 'Loads and reloads, by how they ended.', ['kind', 'outcome', 'code']),
    );
    this.#loadSeconds = new Histogram({
      ...named('load_seconds', 'Time of loads, by where the machine code came from.', ['kind', 'from']),
      buckets: LOADS,
    });
    this.#addGauges(named, gauges);
  }

  /** A call has ended. */
  call({ plugin, hook, outcome, code = '', tenant = '', usage }: ObservedCall): void {
    const labels = { plugin, hook };
    const tenants = this.#tenants;
    this.#calls.inc(
      tenants === undefined ? { ...labels, outcome, code } : { ...labels, outcome, code, tenant: tenants.get(tenant) },
    );
    if (usage === undefined) {
      return;
    }
    this.#run.observe(labels, usage.runMs / 1_000);
    this.#queue.observe(labels, usage.queueMs / 1_000);
    this.#memory.observe(labels, usage.memoryBytes);
    if (usage.fuel !== null) {
      this.#fuel.observe(labels, usage.fuel);
      this.#fuelTotal.inc(labels, usage.fuel);
    }
  }

  /** A load has ended. */
  load({ kind, outcome, code = '', info }: ObservedLoad): void {
    this.#loads.inc({ kind, outcome, code });
    if (info !== undefined) {
      this.#loadSeconds.observe({ kind, from: info.codeFrom }, info.loadedInMs / 1_000);
    }
  }

  /** Takes the metrics out of the registry. */
  remove(): void {
    for (const name of this.#names) {
      this.#register.removeSingleMetric(name);
    }
  }

  #addGauges(
    named: <L extends string>(
      name: string,
      help: string,
      labelNames: L[],
    ) => {
      name: string;
      help: string;
      labelNames: L[];
      registers: Registry[];
    },
    gauges: RuntimeGauges,
  ): void {
    const counts = [
      ['slots', 'Calls that can run at once.'],
      ['running', 'Calls that run now.'],
      ['waiting', 'Calls that wait in the queue now.'],
    ] as const;
    for (const [name, help] of counts) {
      addGauge(named(name, help, []), () => [[{}, gauges.counts()[name]]]);
    }
    const open = 'Plugins that are not called now, because they faulted too often: 1 for each.';
    addGauge(named('circuit_open', open, ['plugin']), () => gauges.openCircuits().map((plugin) => [{ plugin }, 1]));
    const loaded = 'Loaded plugins and their digests: 1 for each.';
    addGauge(named('plugin_info', loaded, ['plugin', 'sha256']), () => {
      // Versions of the same code have the same labels.
      const all = gauges.plugins().map(({ plugin, sha256 }) => [`${plugin} ${sha256}`, { plugin, sha256 }] as const);
      return [...new Map(all).values()].map((labels) => [labels, 1]);
    });
    const code = 'Memory of the machine code of a plugin, which plugins of the same code share.';
    addGauge(named('code_bytes', code, ['plugin']), () =>
      gauges.plugins().map(({ plugin, codeBytes }) => [{ plugin }, codeBytes]),
    );
  }
}

/** A metric whose values are read whenever the metrics are. */
function addGauge<L extends string>(
  settings: { name: string; help: string; labelNames: L[]; registers: Registry[] },
  read: () => [Partial<Record<L, string>>, number][],
): void {
  void new Gauge<L>({
    ...settings,
    collect() {
      this.reset();
      for (const [labels, value] of read()) {
        // Several plugins may have the same labels, and count together.
        this.inc(labels, value);
      }
    },
  });
}
