import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api';

import { durationBuckets } from '../telemetry/duration-buckets.js';
import type { ObservedCall } from '../telemetry/observed-calls.js';

/** What is asked whenever the metrics are read. */
export interface RuntimeGauges {
  counts(): { slots: number; running: number; waiting: number };
  openCircuits(): number;
}

/** Counts and measures calls. */
export class CallMetrics {
  readonly #tenants: boolean;
  readonly #run;
  readonly #queue;
  readonly #fuel;
  readonly #calls;
  readonly #stop: () => void;

  constructor(meter: Meter, tenants: boolean, gauges: RuntimeGauges) {
    this.#tenants = tenants;
    const advice = { explicitBucketBoundaries: durationBuckets };
    const seconds = (description: string) => ({ description, unit: 's', advice });
    this.#run = meter.createHistogram('hookcell.run.duration', seconds('Time that calls ran.'));
    this.#queue = meter.createHistogram('hookcell.queue.duration', seconds('Time that calls waited in the queue.'));
    this.#fuel = meter.createCounter('hookcell.fuel', { description: 'Fuel that calls used.', unit: '{fuel}' });
    this.#calls = meter.createCounter('hookcell.calls', { description: 'Calls of hooks.', unit: '{call}' });
    const gauge = (name: string, description: string) =>
      meter.createObservableGauge(name, { description, unit: '{call}' });
    const slots = gauge('hookcell.slots', 'Calls that can run at once.');
    const running = gauge('hookcell.running', 'Calls that run now.');
    const waiting = gauge('hookcell.waiting', 'Calls that wait in the queue now.');
    const circuits = meter.createObservableGauge('hookcell.open_circuits', {
      description: 'Plugins that are not called now, because they faulted too often.',
      unit: '{plugin}',
    });
    const all = [slots, running, waiting, circuits];
    const observe = (result: BatchObservableResult) => {
      const counts = gauges.counts();
      result.observe(slots, counts.slots);
      result.observe(running, counts.running);
      result.observe(waiting, counts.waiting);
      result.observe(circuits, gauges.openCircuits());
    };
    meter.addBatchObservableCallback(observe, all);
    this.#stop = () => meter.removeBatchObservableCallback(observe, all);
  }

  /** A call has ended. */
  call({ plugin, hook, outcome, code, tenant, usage }: ObservedCall): void {
    const attributes: Attributes = { 'hookcell.plugin': plugin, 'hookcell.hook': hook };
    if (tenant !== undefined && this.#tenants) {
      attributes['hookcell.tenant'] = tenant;
    }
    const isError = outcome !== 'accepted' && outcome !== 'rejected';
    this.#calls.add(1, {
      ...attributes,
      'hookcell.outcome': outcome,
      ...(isError ? { 'error.type': code ?? outcome } : {}),
    });
    if (usage === undefined) {
      return;
    }
    this.#run.record(usage.runMs / 1_000, attributes);
    this.#queue.record(usage.queueMs / 1_000, attributes);
    if (usage.fuel !== null) {
      this.#fuel.add(usage.fuel, attributes);
    }
  }

  /** Reads the runtime no more. */
  stop(): void {
    this.#stop();
  }
}
