// The hooks that a plugin lists.

import { WasmRuntime } from 'hookcell';
import { buildPlugin } from '@hookcell/javascript';

const runtime = new WasmRuntime({ logger: false });

afterAll(() => runtime.close());

test('a plugin lists only the hooks that its source exports, and a missing one is an error as for any plugin', async () => {
  const [without, withOne] = await Promise.all([
    buildPlugin({ source: 'export const before_hook = () => {};' }),
    buildPlugin({ source: 'export const before_hook = () => {}; export const after_hook = () => ({ data: 2 });' }),
  ]);

  expect(await runtime.loadPluginBytes('without', without.wasm)).toMatchObject({ hooks: ['before_hook'] });
  await expect(runtime.callHook('without', 'after_hook', { input: {} })).rejects.toMatchObject({
    code: 'ERR_NO_HOOK',
    message: expect.stringContaining('"after_hook"'),
  });
  // What a plugin exports makes no difference to the machine code that it shares with others.
  const { hooks, codeFrom } = await runtime.loadPluginBytes('with', withOne.wasm);
  expect([hooks.toSorted(), codeFrom]).toEqual([['after_hook', 'before_hook'], 'memory']);
  expect(await runtime.callHook('with', 'after_hook', { input: {}, data: 1 })).toMatchObject({
    ok: true,
    ctx: { data: 2 },
  });
});
