// When a plugin that faults is no longer called. How a circuit opens and closes over HTTP is in behaviors.ts.

import { WasmRuntime } from 'hookcell';
import { HookProblem, hookStats, wasmHooks } from 'hookcell/express';
import type { WasmHooksOptions } from 'hookcell/express';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { passTime } from '../../support/clock';

const works = pluginAnswering({ ok: true });
let runtime: WasmRuntime;
let clock: ReturnType<typeof passTime>;

beforeEach(async () => {
  clock = passTime();
  runtime = new WasmRuntime({ logger: false });
  await Promise.all([
    runtime.loadPluginBytes('plugin', pluginFailing()),
    runtime.loadPluginBytes('other', works),
    runtime.loadPluginBytes('no', pluginAnswering({ ok: false })),
  ]);
});

afterEach(async () => {
  clock.restore();
  await runtime.close();
});

/** How requests through a middleware end: `ok`, or the kind of failure. */
function requests(options: WasmHooksOptions): () => Promise<string> {
  const hooks = wasmHooks(runtime, { logger: false, ...options });
  return () =>
    new Promise((resolve, reject) => {
      const response = { statusCode: 200, headersSent: false, json: () => undefined, setHeader: () => undefined };
      void hooks({ body: {}, headers: {} }, response, (error) => {
        if (error === undefined || error instanceof HookProblem) {
          resolve(error?.failure.kind ?? 'ok');
        } else {
          reject(error as Error);
        }
      });
    });
}

const twice = { faults: 2, windowMs: 1_000, openMs: 500 };

test('rejections open no circuit', async () => {
  const request = requests({ before: 'no', circuitBreaker: { faults: 1 } });

  expect([await request(), await request()]).toEqual(['rejected', 'rejected']);
});

test('faults further apart than the window open no circuit', async () => {
  const request = requests({ before: 'plugin', circuitBreaker: twice });

  await request();
  clock.later(1_001);
  await request();
  expect(hookStats(runtime).circuitsOpened).toBe(0);
  await request();
  expect(await request()).toBe('circuit-open');
});

test('faults in fewer than half of the calls open no circuit, so a client cannot take a plugin away from others', async () => {
  const request = requests({ before: 'plugin', circuitBreaker: twice });
  const call = async (bytes: Uint8Array) => {
    await runtime.loadPluginBytes('plugin', bytes);
    return await request();
  };

  await call(pluginFailing());
  await call(works);
  await call(works);
  await call(works);
  await call(pluginFailing());
  expect(await call(works)).toBe('ok');
  await call(pluginFailing());
  await call(pluginFailing());
  expect(await call(works)).toBe('circuit-open');
});

test('one call at a time tries a plugin, and if it faults again the circuit stays open', async () => {
  const request = requests({ before: 'plugin', circuitBreaker: twice });
  await request();
  await request();
  clock.later(501);

  expect((await Promise.all([request(), request(), request()])).toSorted()).toEqual([
    'circuit-open',
    'circuit-open',
    'faulted',
  ]);
  expect(await request()).toBe('circuit-open');
});

test('if a trial call ends before the plugin is called, the next call tries it', async () => {
  const request = requests({ before: ['no', 'plugin'], circuitBreaker: twice });
  const alone = requests({ before: 'plugin', circuitBreaker: twice });
  await alone();
  await alone();
  clock.later(501);
  await runtime.loadPluginBytes('plugin', works);

  expect(await request()).toBe('rejected');
  expect(await alone()).toBe('ok');
  expect(hookStats(runtime).openCircuits).toEqual([]);
});

test('if an error of the server ends a trial call, the next call tries the plugin', async () => {
  const broken = { input: { '~standard': { version: 1, vendor: 'test', validate: fail } } } as const;
  const request = requests({ before: 'plugin', circuitBreaker: twice, schema: broken });
  const alone = requests({ before: 'plugin', circuitBreaker: twice });
  await alone();
  await alone();
  clock.later(501);
  await runtime.loadPluginBytes('plugin', pluginAnswering({ ok: true, ctx: { input: {} } }));

  await expect(request()).rejects.toThrow('the schema is broken');
  expect(await alone()).toBe('ok');
});

test('a plugin that is twice in a chain is tried once, and then called again', async () => {
  const request = requests({ before: ['plugin', 'other', 'plugin'], circuitBreaker: twice });
  await request();
  await request();
  clock.later(501);
  await runtime.loadPluginBytes('plugin', works);

  expect(await request()).toBe('ok');
});

test('middlewares of a runtime with the same settings share the circuit of a plugin', async () => {
  const here = requests({ before: 'plugin', circuitBreaker: twice });
  const there = requests({ before: 'plugin', circuitBreaker: { ...twice } });
  const elsewhere = requests({ before: 'plugin', circuitBreaker: { ...twice, faults: 3 } });
  await here();
  await here();

  expect(await there()).toBe('circuit-open');
  expect(await elsewhere()).toBe('faulted');
});

test('hooks before a plugin whose circuit is open still run', async () => {
  const request = requests({ before: ['no', 'plugin'], circuitBreaker: twice });
  const alone = requests({ before: 'plugin', circuitBreaker: twice });
  await alone();
  await alone();

  expect(await request()).toBe('rejected');
});

test('the circuit breaker can be turned off', async () => {
  const request = requests({ before: 'plugin', circuitBreaker: false });
  for (let index = 0; index < 20; index += 1) {
    expect(await request()).toBe('faulted');
  }
});

test('by default five faults in a row open a circuit', async () => {
  const request = requests({ before: 'plugin' });
  for (let index = 0; index < 5; index += 1) {
    expect(await request()).toBe('faulted');
  }
  expect(await request()).toBe('circuit-open');
});

function fail(): never {
  throw new Error('the schema is broken');
}
