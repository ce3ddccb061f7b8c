// The names of a call are checked and passed to the addon once, and mean what they mean when a call runs.

import { WasmRuntime } from 'hookcell';
import { pluginAnswering } from 'hookcell/testing';

import { NativeRuntime } from '../../native';
import { makeRuntime, occupy } from '../support/busy';
import { refusal } from '../support/refusal';

const context = { input: {} };

/** How many hooks are passed to the addon in total. */
async function preparedBy(work: () => Promise<unknown>): Promise<number> {
  const prepareHook = jest.spyOn(NativeRuntime.prototype, 'prepareHook');
  try {
    await work();
    return prepareHook.mock.calls.length;
  } finally {
    prepareHook.mockRestore();
  }
}

test('a plugin and a hook are passed to the addon by the first call, and not by later ones', async () => {
  await using runtime = new WasmRuntime();
  await runtime.loadPluginBytes('yes', pluginAnswering({ ok: true }));

  const prepared = await preparedBy(async () => {
    for (let count = 0; count < 10; count += 1) {
      await runtime.callHook('yes', 'before_hook', context);
      await runtime.callHook('wasm:yes', 'after_hook', context);
    }
  });

  expect(prepared).toBe(2);
});

test('a caller of ever new or very long names does not fill the memory: they are forgotten', async () => {
  await using runtime = new WasmRuntime();
  const call = (name: string) => refusal(runtime.callHook(name, 'before_hook', context), 'ERR_NOT_LOADED');
  const long = 'x'.repeat(2_000);

  const prepared = await preparedBy(async () => {
    await call('first');
    await call(long);
    await call(long);
    for (let count = 0; count < 1_100; count += 1) {
      await call(`other ${count}`);
    }
    await call('first');
  });

  expect(prepared).toBe(1 + 2 + 1_100 + 1);
});

test('a waiting call gets the plugin that its name means when it runs', async () => {
  await using runtime = await makeRuntime({ concurrency: 1 });
  await runtime.loadPluginBytes('replaced', pluginAnswering({ ok: true, ctx: { data: 'old' } }));
  await runtime.loadPluginBytes('unloaded', pluginAnswering({ ok: true }));
  await runtime.callHook('replaced', 'before_hook', context);
  await runtime.callHook('unloaded', 'before_hook', context);
  const release = occupy(runtime);
  const replaced = runtime.callHook('replaced', 'before_hook', { input: {} });
  const unloaded = refusal(runtime.callHook('unloaded', 'before_hook', context), 'ERR_NOT_LOADED');

  await runtime.loadPluginBytes('replaced', pluginAnswering({ ok: true, ctx: { data: 'new' } }));
  runtime.unloadPlugin('unloaded');
  release();

  expect(await replaced).toMatchObject({ ok: true, ctx: { data: 'new' } });
  await unloaded;
});
