// How a runtime ends.

import { WasmRuntime } from 'hookcell';
import type { PluginResult } from 'hookcell';

import { refusal } from './support/refusal';
import { fixture } from './support/wat';

const context = { input: {} };
const forever = { maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 100 };

async function runtimeWith(name: string): Promise<WasmRuntime> {
  const runtime = new WasmRuntime({ ...forever, logger: false });
  await runtime.loadPluginBytes('plugin', await fixture(name));
  return runtime;
}

test('a runtime that is closed has no plugins', async () => {
  const runtime = await runtimeWith('pass_through');

  await runtime.close();

  expect(runtime.plugins()).toEqual([]);
  expect(runtime.isLoaded('plugin')).toBe(false);
  expect(runtime.unloadPlugin('plugin')).toBe(false);
});

test('a runtime that is closed refuses calls and loads', async () => {
  const runtime = await runtimeWith('pass_through');
  const bytes = await fixture('pass_through');

  await runtime.close();

  await refusal(runtime.callHook('plugin', 'before_hook', context), 'ERR_CLOSED');
  await refusal(runtime.loadPlugin('./plugin.wasm'), 'ERR_CLOSED');
  await refusal(runtime.loadPluginBytes('plugin', bytes), 'ERR_CLOSED');
});

test('closing refuses from its first moment', async () => {
  const runtime = await runtimeWith('pass_through');

  const closing = runtime.close();

  await refusal(runtime.callHook('plugin', 'before_hook', context), 'ERR_CLOSED');
  await closing;
});

test('closing waits for every call under way, and they end as they would have', async () => {
  const runtime = await runtimeWith('endless_hook');
  const ended: string[] = [];
  const calls = [1, 2, 3].map(async (number) => {
    const result = await runtime.callHook('plugin', 'before_hook', context);
    ended.push(`call ${number}`);
    return result;
  });

  await runtime.close();
  ended.push('closed');

  expect(ended.toSorted()).toEqual(['call 1', 'call 2', 'call 3', 'closed']);
  expect(ended.at(-1)).toBe('closed');
  for (const result of await Promise.all(calls)) {
    expect(result).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
  }
});

test('closing waits for a load under way, and unloads what it loaded', async () => {
  const runtime = new WasmRuntime();
  const loading = runtime.loadPluginBytes('plugin', await fixture('pass_through'));

  await runtime.close();

  expect((await loading).key).toBe('plugin');
  expect(runtime.plugins()).toEqual([]);
});

test('closing waits for a call that is refused', async () => {
  const runtime = new WasmRuntime();
  const call = refusal(runtime.callHook('nobody', 'before_hook', context), 'ERR_NOT_LOADED');

  await runtime.close();

  await call;
});

test('closing twice is closing once', async () => {
  const runtime = await runtimeWith('pass_through');

  await Promise.all([runtime.close(), runtime.close()]);
  await expect(runtime.close()).resolves.toBeUndefined();
});

describe('a call that runs', () => {
  let runtime: WasmRuntime;
  let call: Promise<PluginResult>;

  beforeEach(async () => {
    runtime = await runtimeWith('endless_hook');
    await runtime.loadPluginBytes('quick', await fixture('pass_through'));
    call = runtime.callHook('plugin', 'before_hook', context);
    // Calls start in order, so the first one runs when one behind it has ended.
    await runtime.callHook('quick', 'before_hook', context);
  });

  afterEach(() => runtime.close());

  test('ends as it would have when its plugin is unloaded', async () => {
    runtime.unloadPlugin('plugin');

    await refusal(runtime.callHook('plugin', 'before_hook', context), 'ERR_NOT_LOADED');
    expect(await call).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
  });

  test('ends as it would have when its plugin is replaced, and the next call runs the new one', async () => {
    await runtime.loadPluginBytes('plugin', await fixture('pass_through'));

    expect(await runtime.callHook('plugin', 'before_hook', context)).toMatchObject({ ok: true });
    expect(await call).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
  });

  test('leaves the event loop free', async () => {
    let ended = false;
    const ending = call.then(() => (ended = true));

    await new Promise(setImmediate);

    expect(ended).toBe(false);
    await ending;
  });
});

test('`await using` closes the runtime', async () => {
  let outside: WasmRuntime;
  {
    await using runtime = await runtimeWith('pass_through');
    outside = runtime;
    expect(await runtime.callHook('plugin', 'before_hook', context)).toMatchObject({ ok: true });
  }

  await refusal(outside.callHook('plugin', 'before_hook', context), 'ERR_CLOSED');
});
