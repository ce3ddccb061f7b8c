import { metrics, trace } from '@opentelemetry/api';
import type { Meter, Tracer } from '@opentelemetry/api';

import { hookStats } from '../hooks/failure/hook-stats.js';
import { refuseUnknownOptions } from '../hooks/options/option-names.js';
import type { ObservedRuntime } from '../telemetry/observed-runtime.js';
import { observeCalls } from '../telemetry/observed-calls.js';
import { pluginLabel } from '../telemetry/plugin-labels.js';
import { kindOf } from '../values/value-kind.js';
import { CallMetrics } from './call-metrics.js';
import { CallSpans } from './call-spans.js';

/** What a runtime is observed with. */
export interface InstrumentOptions {
  /** Makes spans. Default: the tracer `hookcell` of the global provider. */
  tracer?: Tracer | undefined;

  /** Makes metrics. Default: the meter `hookcell` of the global provider. */
  meter?: Meter | undefined;

  /** Whether spans have the attribute `hookcell.tenant`, and metrics too. Default `false`. */
  tenants?: boolean | undefined;
}

/** The observation of a runtime. */
export interface Instrumentation {
  /** Ends the observation. */
  stop(): void;

  /** The same as `stop`, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Observes a runtime with OpenTelemetry: a span for each call of a hook, and metrics. A fault, a refusal and an aborted call have the
 * attribute `error.type`; a rejection does not, because saying no is what a plugin is for.
 *
 * ```ts
 * instrument(runtime);
 * ```
 *
 * @param runtime - the runtime that runs the calls
 * @throws `TypeError` for an option that is wrong
 */
export function instrument(runtime: ObservedRuntime, options: InstrumentOptions = {}): Instrumentation {
  refuseUnknownOptions('instrument', options, ['tracer', 'meter', 'tenants']);
  const { tracer = trace.getTracer('hookcell'), meter = metrics.getMeter('hookcell'), tenants = false } = options;
  if (typeof tenants !== 'boolean') {
    throw new TypeError(`tenants must be true or false, got ${kindOf(tenants)}`);
  }
  const spans = new CallSpans(tracer, tenants);
  const callMetrics = new CallMetrics(meter, tenants, {
    counts: () => ({ slots: runtime.slots, running: runtime.running, waiting: runtime.waiting }),
    openCircuits: () => hookStats(runtime).openCircuits.length,
  });
  const stop = observeCalls(runtime, {
    begin: (message) => spans.begin(message),
    end(call) {
      spans.end(call);
      callMetrics.call({ ...call, plugin: pluginLabel(runtime, call.plugin) });
    },
  });
  const end = () => {
    stop();
    callMetrics.stop();
  };
  return { stop: end, [Symbol.dispose]: end };
}
