// What metrics and the status tell of plugin sets, whose versions come and go.

import { tracingChannel } from 'node:diagnostics_channel';

import { wasmHooks } from 'hookcell/express';
import { instrument } from 'hookcell/otel';
import { collectMetrics } from 'hookcell/prometheus';
import { createStatus } from 'hookcell/status';
import { pluginFailing } from 'hookcell/testing';
import express from 'express';
import { Registry } from 'prom-client';

import { accepting, closeAll, makeRuntime, resultFor, SetFolder } from '../plugin-sets/set-folder';
import { closeServers, serve } from '../support/express';
import { until } from '../support/clock';
import { postJson } from '../support/http';

let stop = (): void => {};

afterEach(async () => {
  stop();
  await closeAll();
});
afterAll(closeServers);

/** A runtime with metrics, and the lines of a metric. */
function observed(maxPlugins?: number) {
  const runtime = makeRuntime();
  const register = new Registry();
  ({ stop } = collectMetrics(runtime, { register, maxPlugins }));
  const lines = async (name: string) => (await register.metrics()).split('\n').filter((line) => line.startsWith(name));
  return { runtime, register, lines };
}

test('all versions of a plugin are one series, however many come and go, and no label but that of plugin_info has a digest', async () => {
  const { runtime, register, lines } = observed(2);
  const folder = new SetFolder();
  folder.list(folder.plugin('one', accepting({ version: 0 })));
  const set = await folder.open(runtime);
  for (let version = 1; version <= 6; version += 1) {
    await resultFor(set);
    folder.list(folder.plugin('one', accepting({ version })));
    await set.reload();
  }

  expect(await lines('hookcell_calls_total')).toEqual([
    'hookcell_calls_total{plugin="one",hook="before_hook",outcome="accepted",code=""} 6',
  ]);
  const digits = (await register.metrics()).split('\n').filter((line) => /[0-9a-f]{12}.*}/.test(line));
  expect(digits.every((line) => line.startsWith('hookcell_plugin_info{plugin="one",sha256="'))).toBe(true);
  expect(digits).toHaveLength(4);
  const sum = runtime.plugins().reduce((bytes, { codeBytes }) => bytes + codeBytes, 0);
  expect(await lines('hookcell_code_bytes')).toEqual([`hookcell_code_bytes{plugin="one"} ${sum}`]);
});

test('a version with a share and a monitored one have series of their own, until they become the plugin', async () => {
  const { runtime, lines } = observed();
  const folder = new SetFolder();
  const base = folder.plugin('one', accepting({ version: 1 }), { hooks: ['before_hook'] });
  const next = folder.plugin('one', accepting({ version: 2 }), { hooks: ['before_hook'] });
  const bad = folder.module('one', pluginFailing(), { mode: 'monitor' });
  folder.list(base, { ...next, share: 1 }, bad);
  const set = await folder.open(runtime);
  await resultFor(set, 'acme');
  await until(() => set.status().plugins[0]?.versions[2]?.monitored?.faulted === 1);
  folder.list(next);
  await set.reload();
  await resultFor(set, 'acme');

  const counted = await lines('hookcell_calls_total');
  // The comparison has called the version with the share again.
  expect(counted.toSorted()).toEqual([
    'hookcell_calls_total{plugin="one",hook="before_hook",outcome="accepted",code=""} 1',
    'hookcell_calls_total{plugin="one:canary",hook="before_hook",outcome="accepted",code=""} 2',
    'hookcell_calls_total{plugin="one:monitor",hook="before_hook",outcome="faulted",code="ERR_TRAP"} 1',
  ]);
});

test('the circuit of a version that is gone is closed', async () => {
  const { runtime, lines } = observed();
  const folder = new SetFolder();
  folder.list(folder.module('one', pluginFailing()));
  const set = await folder.open(runtime, { keepVersions: 0 });
  const { url } = await serve(
    express,
    wasmHooks(runtime, { before: set, circuitBreaker: { faults: 1 } }),
    (_, response) => void response.end(),
  );
  await postJson(url, {});
  expect(await lines('hookcell_circuit_open')).toEqual(['hookcell_circuit_open{plugin="one"} 1']);

  folder.list(folder.plugin('one', accepting({ version: 2 })));
  await set.reload();

  expect(await lines('hookcell_circuit_open')).toEqual([]);
});

test('the status tells the versions apart, and those that are gone make room for others', async () => {
  const { runtime } = observed();
  const status = createStatus(runtime, { maxPlugins: 2 });
  const folder = new SetFolder();
  folder.list(folder.plugin('one', accepting({ version: 0 })));
  const set = await folder.open(runtime, { keepVersions: 0 });
  for (let version = 1; version <= 6; version += 1) {
    await resultFor(set);
    folder.list(folder.plugin('one', accepting({ version })));
    await set.reload();
  }
  await resultFor(set);
  await runtime.callHook('missing', 'before_hook', { input: {} }).catch(() => undefined);

  const { plugins, others } = status.snapshot();
  status.stop();
  expect(others).toBeUndefined();
  expect(plugins.map(({ plugin, outcomes }) => [plugin, outcomes])).toEqual([
    ['missing', { refused: 1 }],
    [set.status().plugins[0]?.versions[0]?.key, { accepted: 1 }],
  ]);
});

test('hooks beyond the most are counted together, because a server may take their names from requests', async () => {
  const { runtime, lines } = observed();
  for (let number = 0; number < 1_005; number += 1) {
    await runtime.callHook('missing', `hook_${number}`, { input: {} }).catch(() => undefined);
  }

  const counted = await lines('hookcell_calls_total');
  expect(counted).toHaveLength(1_001);
  expect(counted.at(-1)).toBe(
    'hookcell_calls_total{plugin="missing",hook="other",outcome="refused",code="ERR_NOT_LOADED"} 5',
  );
});

test('what observes a runtime ends with its scope', async () => {
  const runtime = makeRuntime();
  const register = new Registry();
  {
    using status = createStatus(runtime);
    using metrics = collectMetrics(runtime, { register });
    using traces = instrument(runtime);
    expect([status, metrics, traces].map((each) => typeof each[Symbol.dispose])).toEqual([
      'function',
      'function',
      'function',
    ]);
    await runtime.callHook('missing', 'before_hook', { input: {} }).catch(() => undefined);
    expect(status.snapshot().failures).toHaveLength(1);
  }

  expect(await register.metrics()).not.toContain('hookcell_');
  expect(tracingChannel('hookcell:call').start.hasSubscribers).toBe(false);
});
