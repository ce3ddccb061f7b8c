// The plugin, as its author would test it.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';
import { assertAccepted, assertRejected } from 'hookcell/testing';
import initWabt from 'wabt';

const folder = path.join(__dirname, 'plugins');
const plugin = path.join(folder, 'order_limit.wasm');

const runtime = new WasmRuntime();
beforeAll(() => runtime.loadPlugin(plugin));
afterAll(() => runtime.close());

const order = (input: object) => runtime.callHook(plugin, 'before_hook', { input });

test.each([0, 1, 9, 10, -11, '11', null])('a quantity of %p is accepted', async (quantity) => {
  assertAccepted(await order({ item: 'tea', quantity }));
});

test.each([11, 99, 100, 1_000, 4_294_967_297])('a quantity of %d is refused', async (quantity) => {
  const result = await order({ item: 'tea', quantity });

  assertRejected(result, 'at most 10 of an item');
  expect(result.details).toEqual([{ field: 'quantity', message: 'must be at most 10' }]);
});

test('what looks like a quantity within a text is none', async () => {
  assertAccepted(await order({ item: '"quantity":99', quantity: 1 }));
  assertRejected(await order({ item: '"quantity":1', quantity: 99 }));
});

test('no quantity is for the server to miss', async () => {
  assertAccepted(await order({}));
});

test('the module is what its source means', async () => {
  const wabt = await initWabt();
  const module = wabt.parseWat('order_limit.wat', readFileSync(path.join(folder, 'order_limit.wat'), 'utf8'));

  expect(readFileSync(plugin)).toEqual(Buffer.from(module.toBinary({}).buffer));
});
