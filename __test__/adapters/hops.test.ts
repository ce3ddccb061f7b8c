// Plugins that follow one another cross to libuv's pool together.

import { WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import type { HookChain } from 'hookcell/express';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

const runtime = new WasmRuntime({ logger: false });

beforeAll(async () => {
  await Promise.all([
    runtime.loadPluginBytes('a', pluginAnswering({ ok: true })),
    runtime.loadPluginBytes('b', pluginAnswering({ ok: true })),
    runtime.loadPluginBytes('crash', pluginFailing()),
  ]);
});

afterEach(() => jest.restoreAllMocks());
afterAll(() => runtime.close());

/** The plugins of each hop that a request makes. */
async function hops(before: HookChain<any, any, any>): Promise<string[][]> {
  const one = jest.spyOn(runtime, 'callHook');
  const several = jest.spyOn(runtime, 'callChain');
  const response = { statusCode: 200, headersSent: false, json: () => undefined, setHeader: () => undefined };
  const hooks = wasmHooks(runtime, { before, logger: false, circuitBreaker: false });
  await hooks({ body: {}, headers: {} }, response, () => undefined);
  const calls = [
    ...one.mock.calls.map(([plugin], index) => ({ plugins: [plugin], at: one.mock.invocationCallOrder[index] ?? 0 })),
    ...several.mock.calls.map(([plugins], index) => ({
      plugins: plugins.map((chained) => (chained as { plugin: string }).plugin),
      at: several.mock.invocationCallOrder[index] ?? 0,
    })),
  ];
  return calls.toSorted((left, right) => left.at - right.at).map(({ plugins }) => plugins.map(String));
}

test('three in a row take one', async () => {
  expect(await hops(['a', 'b', { plugin: 'a', timeoutMs: 50 }])).toEqual([['a', 'b', 'a']]);
});

test('a function between them divides them', async () => {
  expect(await hops(['a', 'b', () => undefined, 'b', 'a'])).toEqual([
    ['a', 'b'],
    ['b', 'a'],
  ]);
});

test('one that is called by another hook travels by itself', async () => {
  expect(await hops(['a', { plugin: 'b', hook: 'after_hook' }, 'a'])).toEqual([['a'], ['b'], ['a']]);
});

test('one that the caller does not have leaves no gap', async () => {
  expect(await hops(['a', { plugin: () => undefined }, { plugin: () => 'b' }])).toEqual([['a', 'b']]);
});

test('those behind one that failed and is passed over take another', async () => {
  expect(await hops(['a', { plugin: 'crash', onFault: 'open' }, 'b', 'a'])).toEqual([
    ['a', 'crash', 'b', 'a'],
    ['b', 'a'],
  ]);
});

test('no more than 64 travel together', async () => {
  const [first = [], second = []] = await hops(Array.from({ length: 70 }, () => 'a'));

  expect([first.length, second.length]).toEqual([64, 6]);
});
