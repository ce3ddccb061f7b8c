// Plugins that follow one another are called in one hop to libuv's pool.

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

test('three plugins in a row are called in one hop', async () => {
  expect(await hops(['a', 'b', { plugin: 'a', timeoutMs: 50 }])).toEqual([['a', 'b', 'a']]);
});

test('a function between plugins divides the hop', async () => {
  expect(await hops(['a', 'b', () => undefined, 'b', 'a'])).toEqual([
    ['a', 'b'],
    ['b', 'a'],
  ]);
});

test('a plugin with another hook is called in its own hop', async () => {
  expect(await hops(['a', { plugin: 'b', hook: 'after_hook' }, 'a'])).toEqual([['a'], ['b'], ['a']]);
});

test('a plugin that is not chosen does not divide the hop', async () => {
  expect(await hops(['a', { plugin: () => undefined }, { plugin: () => 'b' }])).toEqual([['a', 'b']]);
});

test('the plugins after one that faulted and was passed over are called in another hop', async () => {
  expect(await hops(['a', { plugin: 'crash', onFault: 'open' }, 'b', 'a'])).toEqual([
    ['a', 'crash', 'b', 'a'],
    ['b', 'a'],
  ]);
});

test('at most 64 plugins are called in one hop', async () => {
  const [first = [], second = []] = await hops(Array.from({ length: 70 }, () => 'a'));

  expect([first.length, second.length]).toEqual([64, 6]);
});
