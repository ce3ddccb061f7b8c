// `hookcell/status` and `runtime.ready()`.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { WasmRuntime } from 'hookcell';
import { createStatus } from 'hookcell/status';
import type { Status, StatusOptions, StatusSnapshot } from 'hookcell/status';

import { answering, fixture } from '../support/wat';

let runtime: WasmRuntime;
let status: Status;

async function start(options: StatusOptions = {}) {
  runtime = new WasmRuntime({ logger: false });
  status = createStatus(runtime, options);
  await runtime.loadPluginBytes('pass', await fixture('pass_through'), { isolate: false });
  await runtime.loadPluginBytes('crash', await fixture('crash'), { isolate: false });
  await runtime.loadPluginBytes('no', await answering('{"ok":false,"error":"no"}'), { isolate: false });
}

afterEach(async () => {
  status.stop();
  await runtime.close();
});

const call = (plugin: string, options = {}) =>
  runtime.callHook(plugin, 'before_hook', { input: {} }, options).catch((error: Error) => error);

test('a snapshot has the plugins with their digests, outcomes and times, and the last failures', async () => {
  await start();
  await call('pass');
  await call('no');
  await call('missing');
  await runtime.callChain(['pass', 'crash'], 'before_hook', { input: {} }, { requestId: 'r-7' });
  const snapshot = status.snapshot();
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  expect(snapshot).toMatchObject({ ready: true, running: 0, waiting: 0, slots: runtime.slots, pooled: runtime.pooled });
  const outcomes = snapshot.plugins.map((plugin) => [plugin.plugin, plugin.outcomes]);
  expect(outcomes).toEqual([
    ['crash', { faulted: 1 }],
    ['missing', { refused: 1 }],
    ['no', { rejected: 1 }],
    ['pass', { accepted: 2 }],
  ]);
  const [crash, missing, , pass] = snapshot.plugins;
  expect(crash?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(missing).not.toHaveProperty('sha256');
  expect(missing?.p50Ms).toBeNull();
  expect(pass?.p50Ms).toBeGreaterThan(0);
  expect(pass?.p99Ms).toBeGreaterThanOrEqual(pass?.p50Ms ?? 0);
  expect(snapshot.failures).toMatchObject([
    { plugin: 'crash', hook: 'before_hook', code: 'ERR_TRAP', requestId: 'r-7' },
    { plugin: 'missing', hook: 'before_hook', code: 'ERR_NOT_LOADED' },
  ]);
});

test('its memory is bounded: further plugins are counted together, and old failures are dropped', async () => {
  await start({ maxPlugins: 1, maxFailures: 2 });
  await call('pass');
  for (const name of ['crash', 'no', 'a', 'b', 'c']) {
    await call(name);
  }
  const { plugins, others, failures } = status.snapshot();
  expect(plugins.map(({ plugin }) => plugin)).toEqual(['crash', 'no', 'pass']);
  expect(others?.outcomes).toEqual({ faulted: 1, rejected: 1, refused: 3 });
  expect(failures.map(({ plugin }) => plugin)).toEqual(['c', 'b']);
});

test('its handler responds with JSON, and with 503 if the runtime takes no calls', async () => {
  await start();
  const server = createServer(status.handler).listen(0);
  const { port } = server.address() as AddressInfo;
  const get = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return { code: response.status, body: (await response.json()) as StatusSnapshot };
  };
  try {
    expect(await get()).toMatchObject({ code: 200, body: { ready: true } });
    await runtime.close();
    expect(runtime.ready()).toBe(false);
    expect(await get()).toMatchObject({ code: 503, body: { ready: false } });
  } finally {
    server.close();
  }
});

test('a runtime with a full queue is not ready', async () => {
  runtime = new WasmRuntime({ logger: false, concurrency: 1, maxQueue: 1 });
  status = createStatus(runtime);
  await runtime.loadPluginBytes('endless', await fixture('endless_hook'), {
    isolate: false,
    timeoutMs: 200,
    maxFuel: 2 ** 50,
  });
  expect(runtime.ready()).toBe(true);
  const calls = [call('endless'), call('endless')];
  expect(runtime.ready()).toBe(false);
  await Promise.all(calls);
  expect(runtime.ready()).toBe(true);
});

test('an option that is wrong is named', async () => {
  await start();
  expect(() => createStatus(runtime, { maxPlugins: 0 })).toThrow('maxPlugins must be a whole number from 1');
  expect(() => createStatus(runtime, { maxFailures: 1_001 })).toThrow('maxFailures must be a whole number');
});
