// `hookcell/prometheus`, with a registry of prom-client.

import { WasmRuntime } from 'hookcell';
import { collectMetrics } from 'hookcell/prometheus';
import type { MetricsOptions } from 'hookcell/prometheus';
import { Registry } from 'prom-client';

import { answering, fixture } from '../support/wat';

let runtime: WasmRuntime;
let register: Registry;
let stop: () => void;

async function start(options: Partial<MetricsOptions> = {}) {
  register = new Registry();
  runtime = new WasmRuntime({ logger: false, concurrency: 2 });
  ({ stop } = collectMetrics(runtime, { register, ...options }));
  await runtime.loadPluginBytes('pass', await fixture('pass_through'), { isolate: false });
  await runtime.loadPluginBytes('crash', await fixture('crash'), { isolate: false });
  await runtime.loadPluginBytes('no', await answering('{"ok":false,"error":"no"}'), { isolate: false });
}

afterEach(async () => {
  stop();
  await runtime.close();
});

const call = (plugin: string, options = {}) =>
  runtime.callHook(plugin, 'before_hook', { input: {} }, options).catch((error: Error) => error);

const lines = async (name: string) => (await register.metrics()).split('\n').filter((line) => line.startsWith(name));

test('calls are counted by plugin, hook, outcome and code, alone and in chains', async () => {
  await start();
  await call('pass', { tenant: 'acme' });
  await call('missing');
  await runtime.callChain(['pass', 'no'], 'before_hook', { input: {} });
  await runtime.callChain(['pass', 'crash'], 'before_hook', { input: {} });
  runtime.callHookSync('pass', 'after_hook', { input: {} });
  expect((await lines('hookcell_calls_total')).toSorted()).toEqual(
    [
      'hookcell_calls_total{plugin="pass",hook="before_hook",outcome="accepted",code=""} 3',
      'hookcell_calls_total{plugin="pass",hook="after_hook",outcome="accepted",code=""} 1',
      'hookcell_calls_total{plugin="no",hook="before_hook",outcome="rejected",code=""} 1',
      'hookcell_calls_total{plugin="crash",hook="before_hook",outcome="faulted",code="ERR_TRAP"} 1',
      'hookcell_calls_total{plugin="missing",hook="before_hook",outcome="refused",code="ERR_NOT_LOADED"} 1',
    ].toSorted(),
  );
});

test('durations are in seconds, from 10 µs on, and fuel and memory are measured', async () => {
  await start();
  await call('pass');
  const run = await lines('hookcell_run_seconds');
  expect(run[0]).toContain('le="0.00001"');
  expect(run).toContain('hookcell_run_seconds_count{plugin="pass",hook="before_hook"} 1');
  expect(await lines('hookcell_queue_seconds_count')).toHaveLength(1);
  expect(Number((await lines('hookcell_fuel_total'))[0]?.split(' ')[1])).toBeGreaterThan(0);
  expect(await lines('hookcell_memory_bytes_count')).toHaveLength(1);
});

test('slots, queue, circuits, loads and digests are there, and the digest is in no other metric', async () => {
  await start();
  await runtime.loadPluginBytes('bad', Buffer.from('no'), { isolate: false }).catch(() => undefined);
  expect(await lines('hookcell_slots')).toEqual(['hookcell_slots 2']);
  expect(await lines('hookcell_waiting')).toEqual(['hookcell_waiting 0']);
  const { sha256 } = runtime.plugins()[0] as { sha256: string };
  const withDigest = (await register.metrics()).split('\n').filter((line) => line.includes(sha256));
  expect(withDigest).toEqual([`hookcell_plugin_info{plugin="crash",sha256="${sha256}"} 1`]);
  expect(await lines('hookcell_loads_total')).toEqual([
    'hookcell_loads_total{kind="load",outcome="loaded",code=""} 3',
    'hookcell_loads_total{kind="load",outcome="refused",code="ERR_COMPILE"} 1',
  ]);
  expect(await lines('hookcell_load_seconds_count')).toHaveLength(1);
  runtime.unloadPlugin('crash');
  expect(await lines('hookcell_plugin_info')).toHaveLength(2);
});

test('a tenant is a label only if that is asked for, and plugins beyond the most are counted together', async () => {
  await start({ tenants: true, maxPlugins: 1 });
  await call('pass', { tenant: 'acme' });
  await call('no', { tenant: 'acme' });
  const counted = await lines('hookcell_calls_total');
  expect(counted).toHaveLength(2);
  expect(counted[0]).toContain('tenant="acme"');
  expect(counted[1]).toContain('plugin="other"');
});

test('stop takes the metrics out, and wrong options are named', async () => {
  await start();
  stop();
  expect(await register.metrics()).not.toContain('hookcell_');
  ({ stop } = collectMetrics(runtime, { register, prefix: 'second_' }));
  expect(await register.metrics()).toContain('second_slots');
  expect(() => collectMetrics(runtime, { register: {} })).toThrow('register must be a Registry');
  expect(() => collectMetrics(runtime, { register, prefix: '1-' })).toThrow('prefix must begin');
  expect(() => collectMetrics(runtime, { register, maxPlugins: 0 })).toThrow(
    'maxPlugins must be a whole number from 1',
  );
});
