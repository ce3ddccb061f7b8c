import type { Registry } from 'prom-client';

import { hookStats } from '../hooks/failure/hook-stats.js';
import { refuseUnknownOptions } from '../hooks/options/option-names.js';
import type { ObservedRuntime } from '../telemetry/observed-runtime.js';
import { observeCalls } from '../telemetry/observed-calls.js';
import { observeLoads } from '../telemetry/observed-loads.js';
import { pluginLabel } from '../telemetry/plugin-labels.js';
import { LabelLimit } from './label-limit.js';
import { HookcellMetrics } from './metrics.js';
import { parseMetricsOptions } from './options.js';
import type { MetricsOptions } from './options.js';

export type { MetricsOptions } from './options.js';

/** The most hooks that are told apart. */
const MOST_HOOKS = 1_000;

/** The collection of a runtime's metrics. */
export interface CollectedMetrics {
  /** Ends the collection, and takes the metrics out of the registry. */
  stop(): void;

  /** The same as `stop`, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Puts metrics of a runtime into your registry of `prom-client`. The runtime and its plugins are observed from now on.
 *
 * ```ts
 * import { register } from 'prom-client';
 * collectMetrics(runtime, { register });
 * ```
 *
 * @param runtime - the runtime that runs the calls
 * @param options - your registry, and what the metrics are called
 * @throws `TypeError` or `RangeError` for an option that is wrong; an `Error` of `prom-client` if the registry has such metrics
 * already: give a second runtime another `prefix`
 */
export function collectMetrics(runtime: ObservedRuntime, options: MetricsOptions): CollectedMetrics {
  refuseUnknownOptions('collectMetrics', options, ['register', 'prefix', 'tenants', 'maxPlugins']);
  const { register, prefix, tenants, maxPlugins } = parseMetricsOptions(options);
  const labels = new LabelLimit(maxPlugins);
  const hooks = new LabelLimit(MOST_HOOKS);
  const labelOf = (plugin: string) => labels.get(pluginLabel(runtime, plugin));
  const metrics = new HookcellMetrics(register as Registry, prefix, tenants, {
    counts: () => ({ slots: runtime.slots, running: runtime.running, waiting: runtime.waiting }),
    openCircuits: () => hookStats(runtime).openCircuits.map(labelOf),
    plugins: () => runtime.plugins().map(({ key, sha256, codeBytes }) => ({ plugin: labelOf(key), sha256, codeBytes })),
  });
  const stopCalls = observeCalls(runtime, {
    end: (call) => metrics.call({ ...call, plugin: labelOf(call.plugin), hook: hooks.get(call.hook) }),
  });
  const stopLoads = observeLoads(runtime, (load) => metrics.load(load));
  const stop = () => {
    stopCalls();
    stopLoads();
    metrics.remove();
  };
  return { stop, [Symbol.dispose]: stop };
}
