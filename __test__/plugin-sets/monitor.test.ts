import express from 'express';
import { wasmHooks } from 'hookcell/express';
import type { MonitoredDifference } from 'hookcell/plugins';
import { pluginFailing } from 'hookcell/testing';

import { closeServers, serve } from '../support/express';
import { postJson } from '../support/http';
import { until } from '../support/clock';
import { fixture } from '../support/wat';
import { accepting, closeAll, makeRuntime, next, resultFor, SetFolder } from './set-folder';

afterEach(closeAll);
afterAll(closeServers);

const monitor = { mode: 'monitor' };

test('a monitored version that would end otherwise is reported, and its answer never applied', async () => {
  const folder = new SetFolder();
  folder.list(
    folder.plugin('one', accepting({ version: 1 }), { version: '1.0' }),
    folder.plugin('one', { ok: false, error: 'closed' }, { ...monitor, version: '2.0' }),
  );
  const runtime = makeRuntime();
  const set = await folder.open(runtime);
  const { url } = await serve(
    express,
    wasmHooks(runtime, { before: set }),
    (request, response) => void response.json(request.body),
  );
  const difference = next<MonitoredDifference>(set, 'difference');

  expect((await postJson(url, { from: 'client' })).body).toEqual({ version: 1 });

  expect(await difference).toEqual({
    name: 'one',
    hook: 'before_hook',
    tenant: null,
    enforced: { id: expect.any(String), role: 'base', version: '1.0' },
    monitored: { id: expect.any(String), role: 'monitor', version: '2.0' },
    enforcedOutcome: { ok: true, ctx: { input: { version: 1 } } },
    monitoredOutcome: { ok: false, error: 'closed' },
    paths: [''],
  });
  expect(set.status().plugins[0]?.versions[1]?.monitored).toEqual({
    compared: 1,
    different: 1,
    rejected: 1,
    faulted: 0,
    skipped: 0,
  });
});

test('a monitored version that ends the same is counted and not reported', async () => {
  const folder = new SetFolder();
  const one = folder.plugin('one', accepting({ version: 1 }));
  folder.list(one, { ...one, ...monitor, limits: { maxFuel: 500_000 } });
  const set = await folder.open(makeRuntime());
  const told: unknown[] = [];
  set.on('difference', (difference) => told.push(difference));

  await resultFor(set);
  const counts = () => set.status().plugins[0]?.versions[1]?.monitored;
  await until(() => counts()?.compared === 1);

  expect(counts()).toMatchObject({ compared: 1, different: 0 });
  expect(told).toEqual([]);
});

test('a plugin that is only monitored is compared with accepting, on what the plugins before it leave', async () => {
  const folder = new SetFolder();
  folder.list(
    folder.plugin('first', accepting({ first: 1 })),
    folder.plugin('watched', accepting({ second: 2 }), { ...monitor, order: 1 }),
    folder.plugin('last', accepting({ last: 3 }), { order: 2 }),
  );
  const set = await folder.open(makeRuntime());
  const difference = next<MonitoredDifference>(set, 'difference');

  expect(await resultFor(set)).toEqual({ last: 3 });

  expect(await difference).toMatchObject({
    name: 'watched',
    enforced: null,
    enforcedOutcome: { ok: true },
    monitoredOutcome: { ok: true, ctx: { input: { second: 2 } } },
    paths: ['/input/first', '/input/second'],
  });
});

test('a monitored version that faults costs the request nothing', async () => {
  const folder = new SetFolder();
  folder.list(folder.plugin('one', accepting({ version: 1 })), folder.module('one', pluginFailing('loop'), monitor));
  const set = await folder.open(makeRuntime({ timeoutMs: 200 }));
  const difference = next<MonitoredDifference>(set, 'difference');

  expect(await resultFor(set)).toEqual({ version: 1 });

  expect(await difference).toMatchObject({
    monitoredOutcome: { ok: false, fault: { code: expect.stringMatching(/ERR_(FUEL|TIMEOUT)/) } },
  });
});

test('a monitored version sees its sample of requests, and its tenants', async () => {
  const folder = new SetFolder();
  const one = folder.plugin('one', accepting({ version: 1 }));
  folder.list(one, folder.plugin('one', accepting({ version: 2 }), { ...monitor, sample: 0.2, tenants: ['acme'] }));
  const set = await folder.open(makeRuntime(), { maxMonitored: 1_024 });
  const seen = () => {
    const { compared = 0, skipped = 0 } = set.status().plugins[0]?.versions[1]?.monitored ?? {};
    return compared + skipped;
  };

  for (let call = 0; call < 50; call += 1) {
    await resultFor(set, 'globex');
  }
  expect(seen()).toBe(0);
  for (let call = 0; call < 400; call += 1) {
    await resultFor(set, 'acme');
  }

  expect(seen()).toBeGreaterThan(30);
  expect(seen()).toBeLessThan(150);

  folder.list(one, folder.plugin('one', accepting({ version: 2 }), { ...monitor, sample: 0 }));
  await set.reload();
  await resultFor(set, 'acme');
  expect(seen()).toBeLessThan(150);
});

test('monitoring takes no turn from a request: it is skipped while calls wait, and holds few contexts', async () => {
  const folder = new SetFolder();
  const slow = await fixture('endless_hook');
  folder.list(
    folder.plugin('one', accepting({ version: 1 }), { hooks: ['before_hook'] }),
    folder.module('one', slow, {
      ...monitor,
      limits: { timeoutMs: 200, maxFuel: 9_000_000_000_000 },
      hooks: ['before_hook'],
    }),
  );
  const set = await folder.open(makeRuntime({ concurrency: 2 }), { maxMonitored: 1 });

  const results = await Promise.all(Array.from({ length: 200 }, () => resultFor(set)));
  const { compared = 0, skipped = 0 } = set.status().plugins[0]?.versions[1]?.monitored ?? {};

  expect(results).toEqual(Array.from({ length: 200 }, () => ({ version: 1 })));
  expect(skipped).toBeGreaterThan(150);
  expect(compared).toBeLessThan(3);
});

/** A manifest whose monitored version runs until its deadline of ten seconds. */
function endlesslyMonitored(): SetFolder {
  const folder = new SetFolder();
  folder.list(
    folder.plugin('one', accepting({ version: 1 })),
    folder.module('one', pluginFailing('loop'), {
      ...monitor,
      limits: { timeoutMs: 10_000, maxFuel: 9_000_000_000_000 },
    }),
  );
  return folder;
}

describe('a monitored version that never returns', () => {
  test.each([1, 2])('gives up its slot of %d as soon as a request needs it', async (concurrency) => {
    const runtime = makeRuntime({ concurrency, maxConcurrencyPerTenant: concurrency });
    const set = await endlesslyMonitored().open(runtime, { maxMonitored: 1_024 });

    for (let round = 0; round < 5; round += 1) {
      expect(await resultFor(set)).toEqual({ version: 1 });
      await until(() => runtime.running > 0);
      const begun = performance.now();
      await Promise.all(Array.from({ length: 4 }, () => resultFor(set)));
      expect(performance.now() - begun).toBeLessThan(2_000);
    }

    const { compared, skipped } = set.status().plugins[0]?.versions[1]?.monitored ?? {};
    expect(compared).toBe(0);
    expect(skipped).toBeGreaterThan(0);
  });

  test('gives up its slot for calls that are none of the set', async () => {
    const runtime = makeRuntime({ concurrency: 1 });
    const set = await endlesslyMonitored().open(runtime);
    const [{ key } = { key: '' }] = set.status().plugins[0]?.versions ?? [];
    await resultFor(set);
    await until(() => runtime.running > 0);

    const begun = performance.now();
    await runtime.callHook(key, 'before_hook', { input: {} });

    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  test('takes one slot, however many contexts are held, and does not hold up the end of the set', async () => {
    const runtime = makeRuntime({ concurrency: 8, maxConcurrencyPerTenant: 8 });
    const set = await endlesslyMonitored().open(runtime, { maxMonitored: 4 });
    await Promise.all(Array.from({ length: 4 }, () => resultFor(set)));
    await until(() => runtime.running > 0);

    expect(runtime.running + runtime.waiting).toBe(1);
    const begun = performance.now();
    await set.close();
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
