// Measures calls with and without telemetry, in turns, and sends what it saw to its parent.
//
//   node bench/compare/measures/telemetry-process.mjs ROUNDS MILLISECONDS

import { tracingChannel } from 'node:diagnostics_channel';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { WasmRuntime } from 'hookcell';
import { instrument } from 'hookcell/otel';
import { collectMetrics } from 'hookcell/prometheus';
import { Registry } from 'prom-client';
import { assembleFixture } from '../../../scripts/build/fixture.mjs';
import { median } from '../../table.mjs';
import { order } from '../orders.mjs';
import { measure } from './measure.mjs';

const IN_FLIGHT = 16;
const GUARDS = 20_000_000;
const GUARD_ROUNDS = 5;

const [rounds, ms] = process.argv.slice(2).map(Number);
const runtime = new WasmRuntime({ logger: false });
await runtime.loadPluginBytes('trivial', await assembleFixture('pass_through'));
const context = order(0);
const subject = { name: 'trivial', call: () => runtime.callHook('trivial', 'before_hook', context) };

/** As users run it: spans are exported in batches, and metrics once a minute. */
function startOpenTelemetry() {
  const exporter = new InMemorySpanExporter();
  const processor = new BatchSpanProcessor(exporter);
  const traces = new BasicTracerProvider({ spanProcessors: [processor] });
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 60_000,
  });
  const meters = new MeterProvider({ readers: [reader] });
  const { stop } = instrument(runtime, { tracer: traces.getTracer('bench'), meter: meters.getMeter('bench') });
  return async () => {
    stop();
    await Promise.all([traces.shutdown(), meters.shutdown()]);
  };
}

async function startPrometheus() {
  const register = new Registry();
  const { stop } = collectMetrics(runtime, { register });
  return async () => {
    stop();
    register.clear();
  };
}

/** A subscriber that comes and goes, as a tool that looks into a server does. */
function subscribeAndGo() {
  const channel = tracingChannel('hookcell:call');
  const subscribers = { start() {}, end() {}, asyncStart() {}, asyncEnd() {}, error() {} };
  channel.subscribe(subscribers);
  channel.unsubscribe(subscribers);
  return async () => undefined;
}

/** Each starts something and returns what ends it. The first is what the others are compared with. */
const ways = {
  'no subscriber': async () => async () => undefined,
  'no subscriber, once more': async () => async () => undefined,
  'a subscriber that has left': async () => subscribeAndGo(),
  OpenTelemetry: async () => startOpenTelemetry(),
  Prometheus: startPrometheus,
  both: async () => {
    const stops = [startOpenTelemetry(), await startPrometheus()];
    return () => Promise.all(stops.map((stop) => stop()));
  },
};

// Before any subscriber: Node.js changes a channel that has one, and asking it takes longer from then on.
const guardNs = guard();
const seen = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
await measure(subject, { inFlight: IN_FLIGHT, ms });
for (let round = 0; round < rounds; round += 1) {
  for (const [name, start] of turned(Object.entries(ways), round)) {
    const stop = await start();
    // What it makes at its first call is not what a call costs.
    await measure(subject, { inFlight: IN_FLIGHT, ms: ms / 10 });
    seen[name].push(await measure(subject, { inFlight: IN_FLIGHT, ms }));
    await stop();
  }
}
const [base] = Object.values(seen);
process.send({
  guardNs,
  guardAfterNs: guard(),
  ways: Object.entries(seen).map(([name, measured]) => ({
    name,
    perSecond: median(measured.map(({ perSecond }) => perSecond)),
    cpu: median(measured.map(({ cpu }) => cpu)),
    cpuRatio: median(measured.map(({ cpu }, index) => cpu / base[index].cpu)),
  })),
});
await runtime.close();

/** Each way is the first one in some round. */
function turned(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** What it takes to ask a channel whether it has subscribers, in nanoseconds of processor time, which other programs do not change. */
function guard() {
  const channel = tracingChannel('hookcell:call');
  const times = Array.from({ length: GUARD_ROUNDS }, () => {
    let subscribed = 0;
    const before = process.cpuUsage();
    for (let index = 0; index < GUARDS; index += 1) {
      subscribed += channel.hasSubscribers ? 1 : 0;
    }
    const { user, system } = process.cpuUsage(before);
    if (subscribed > 0) {
      throw new Error('something has subscribed');
    }
    return ((user + system) * 1_000) / GUARDS;
  });
  return median(times);
}
