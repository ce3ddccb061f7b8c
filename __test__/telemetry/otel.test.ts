// `hookcell/otel`, with OpenTelemetry's exporters into memory.

import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { WasmRuntime } from 'hookcell';
import { instrument } from 'hookcell/otel';
import type { InstrumentOptions } from 'hookcell/otel';

import { answering, fixture } from '../support/wat';

const spans = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).getTracer('test');
let exporter: InMemoryMetricExporter;
let meters: MeterProvider;
let runtime: WasmRuntime;
let stop: () => void;

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

async function start(options: InstrumentOptions = {}) {
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  meters = new MeterProvider({ readers: [reader] });
  runtime = new WasmRuntime({ logger: false });
  await runtime.loadPluginBytes('pass', await fixture('pass_through'), { isolate: false });
  await runtime.loadPluginBytes('crash', await fixture('crash'), { isolate: false });
  await runtime.loadPluginBytes('no', await answering('{"ok":false,"error":"no"}'), { isolate: false });
  ({ stop } = instrument(runtime, { tracer, meter: meters.getMeter('test'), ...options }));
}

afterEach(async () => {
  stop();
  spans.reset();
  await meters.shutdown();
  await runtime.close();
});

const call = (plugin: string, options = {}) =>
  runtime.callHook(plugin, 'before_hook', { input: {} }, options).catch((error: Error) => error);

test('a call is a span in the trace of its caller, and only faults and refusals are errors', async () => {
  await start();
  const parent = tracer.startSpan('request');
  await context.with(trace.setSpan(context.active(), parent), async () => {
    await call('pass', { requestId: 'r-7', tenant: 'acme' });
    await call('no');
    await call('crash');
    await call('missing');
  });
  parent.end();
  const ended = spans.getFinishedSpans().filter(({ name }) => name === 'hookcell before_hook');
  expect(
    ended.map(({ attributes, status }) => [attributes['hookcell.outcome'], attributes['error.type'], status.code]),
  ).toEqual([
    ['accepted', undefined, SpanStatusCode.UNSET],
    ['rejected', undefined, SpanStatusCode.UNSET],
    ['faulted', 'ERR_TRAP', SpanStatusCode.ERROR],
    ['refused', 'ERR_NOT_LOADED', SpanStatusCode.ERROR],
  ]);
  for (const span of ended) {
    expect(span.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(span.duration[0] * 1e9 + span.duration[1]).toBeGreaterThan(0);
  }
  expect(ended[0]?.attributes).toMatchObject({ 'hookcell.plugin': 'pass', 'hookcell.request_id': 'r-7' });
  expect(ended[0]?.attributes).not.toHaveProperty('hookcell.tenant');
});

test('a span of a fault does not have the secrets of a configuration', async () => {
  await start();
  process.env['HOOKCELL_TEST_SPAN'] = 'the secret of the spans';
  const bytes = await answering('{"thrown":{"message":"no access with the secret of the spans"}}');
  await runtime.loadPluginBytes('teller', bytes, { isolate: false, config: { env: 'HOOKCELL_TEST_SPAN' } });
  const result = await runtime.callHook('teller', 'before_hook', { input: {} });
  expect(result.fault?.message).toContain('the secret of the spans');
  const [span] = spans.getFinishedSpans();
  expect(span?.status.message).toBe('no access with {env:HOOKCELL_TEST_SPAN}');
});

test('each plugin of a chain that was called has a span, one after the other', async () => {
  await start({ tenants: true });
  await runtime.callChain(['pass', 'crash', 'pass'], 'before_hook', { input: {} }, { tenant: 'acme' });
  const ended = spans.getFinishedSpans();
  expect(ended.map(({ attributes }) => attributes['hookcell.plugin'])).toEqual(['pass', 'crash']);
  expect(ended[0]?.attributes['hookcell.tenant']).toBe('acme');
  expect(ended[1]?.startTime).toEqual(ended[0]?.endTime);
});

test('durations are in seconds with buckets from 10 µs, and outcomes are counted', async () => {
  await start();
  await call('pass');
  await call('no');
  await call('crash');
  await meters.forceFlush();
  const metrics = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics: each }) => each));
  const named = (name: string) => metrics.find(({ descriptor }) => descriptor.name === name) as any;
  const run = named('hookcell.run.duration');
  expect(run.descriptor.unit).toBe('s');
  expect(run.dataPoints[0].value.buckets.boundaries[0]).toBe(1e-5);
  expect(run.dataPoints[0].value.sum).toBeLessThan(5);
  const outcomes = named('hookcell.calls').dataPoints.map(({ attributes }: any) => attributes['hookcell.outcome']);
  expect(outcomes).toEqual(['accepted', 'rejected', 'faulted']);
  expect(named('hookcell.slots').dataPoints[0].value).toBe(runtime.slots);
});

test('after stop nothing is observed, and another runtime never is', async () => {
  await start();
  const other = new WasmRuntime({ logger: false });
  await other.loadPluginBytes('pass', await fixture('pass_through'), { isolate: false });
  await other.callHook('pass', 'before_hook', { input: {} });
  await other.close();
  stop();
  await call('pass');
  expect(spans.getFinishedSpans()).toEqual([]);
});
