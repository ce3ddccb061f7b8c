// How a runtime ends.

import { WasmRuntime } from 'hookcell';
import type { CallOptions, CloseOptions, PluginResult, SandboxConfig } from 'hookcell';

import { nestedLoops } from '../support/compile-bomb';
import { refusal } from '../support/refusal';
import { fixture } from '../support/wat';

const context = { input: {} };
const forever = { maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 100 };

async function runtimeWith(name: string, config?: SandboxConfig): Promise<WasmRuntime> {
  const runtime = new WasmRuntime({ ...forever, logger: false, ...config });
  await runtime.loadPluginBytes('plugin', await fixture(name));
  return runtime;
}

test('a closed runtime has no plugins', async () => {
  const runtime = await runtimeWith('pass_through');

  await runtime.close();

  expect(runtime.plugins()).toEqual([]);
  expect(runtime.isLoaded('plugin')).toBe(false);
  expect(runtime.unloadPlugin('plugin')).toBe(false);
});

test('a closed runtime refuses calls and loads', async () => {
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

test('closing waits for every call in progress, and their results do not change', async () => {
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

test('closing waits for a load in progress, and unloads its plugin', async () => {
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

test('closing lets waiting calls run', async () => {
  await using runtime = await runtimeWith('endless_hook', { concurrency: 1, timeoutMs: 20 });
  const calls = Array.from({ length: 4 }, () => runtime.callHook('plugin', 'before_hook', context));

  await runtime.close();

  for (const result of await Promise.all(calls)) {
    expect(result).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
  }
});

describe('closing with `interrupt`', () => {
  const aMinute = { concurrency: 2, timeoutMs: 60_000 };

  test.each<[string, CallOptions | undefined]>([
    ['', undefined],
    [', with a signal as well', { signal: new AbortController().signal }],
  ])('ends the calls that run and those that wait%s, and tells their callers first', async (_, options) => {
    const runtime = await runtimeWith('endless_hook', aMinute);
    const ended: unknown[] = [];
    for (let call = 0; call < 5; call += 1) {
      void runtime.callHook('plugin', 'before_hook', context, options).catch((error: unknown) => ended.push(error));
    }

    await runtime.close({ interrupt: true });
    ended.push('closed');

    const refused = expect.objectContaining({ name: 'HookcellError', code: 'ERR_CLOSED' }) as unknown;
    expect(ended).toEqual([refused, refused, refused, refused, refused, 'closed']);
    expect(runtime.plugins()).toEqual([]);
  });

  test('refuses waiting calls at once', async () => {
    const runtime = await runtimeWith('endless_hook', aMinute);
    const calls = Array.from({ length: 5 }, () =>
      refusal(runtime.callHook('plugin', 'before_hook', context), 'ERR_CLOSED'),
    );
    expect([runtime.running, runtime.waiting]).toEqual([2, 3]);

    const closing = runtime.close({ interrupt: true });
    expect(runtime.waiting).toBe(0);

    await Promise.all([closing, ...calls]);
    expect(runtime.running).toBe(0);
  });

  test('speeds up a closing that waits', async () => {
    const runtime = await runtimeWith('endless_hook', aMinute);
    const call = refusal(runtime.callHook('plugin', 'before_hook', context), 'ERR_CLOSED');
    const waiting = runtime.close();

    const start = performance.now();
    await runtime.close({ interrupt: true });

    await Promise.all([waiting, call]);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test('keeps the results of calls that have ended', async () => {
    const runtime = await runtimeWith('pass_through');
    const result = await runtime.callHook('plugin', 'before_hook', context);

    await runtime.close({ interrupt: true });

    expect(result).toMatchObject({ ok: true });
  });

  test('interrupts no other runtime', async () => {
    const runtime = await runtimeWith('endless_hook', aMinute);
    await using other = await runtimeWith('endless_hook', { timeoutMs: 100 });
    const ours = refusal(runtime.callHook('plugin', 'before_hook', context), 'ERR_CLOSED');
    const theirs = other.callHook('plugin', 'before_hook', context);

    await runtime.close({ interrupt: true });

    await ours;
    expect(await theirs).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
  });

  test('cancels running and waiting loads', async () => {
    const runtime = new WasmRuntime();
    // None of them ends before it is canceled.
    const bytes = await nestedLoops(90);
    const loads = ['a', 'b', 'c', 'd'].map((name) => refusal(runtime.loadPluginBytes(name, bytes), 'ERR_CLOSED'));

    await runtime.close({ interrupt: true });

    await Promise.all(loads);
    expect(runtime.plugins()).toEqual([]);
  });
});

test.each([
  [null, 'the options must be an object, got null'],
  [true, 'the options must be an object, got a boolean'],
  [[], 'the options must be an object, got an array'],
  [{ force: true }, "unknown option 'force'; the option here is interrupt"],
  [{ interrupt: 1 }, 'interrupt must be true or false, got a number'],
])('closing with %j is a TypeError, and closes nothing', async (options, message) => {
  await using runtime = await runtimeWith('pass_through');

  await expect(runtime.close(options as unknown as CloseOptions)).rejects.toThrow(new TypeError(message));

  expect(await runtime.callHook('plugin', 'before_hook', context)).toMatchObject({ ok: true });
});

test('closing twice is closing once', async () => {
  const runtime = await runtimeWith('pass_through');

  await Promise.all([runtime.close(), runtime.close()]);
  await expect(runtime.close()).resolves.toBeUndefined();
});

describe('a running call', () => {
  let runtime: WasmRuntime;
  let call: Promise<PluginResult>;

  beforeEach(async () => {
    runtime = await runtimeWith('endless_hook');
    await runtime.loadPluginBytes('quick', await fixture('pass_through'));
    call = runtime.callHook('plugin', 'before_hook', context, { timeoutMs: 500 });
    // Calls start in order, so it runs when later ones have ended. There are many, because a busy machine can delay its
    // thread before its plugin starts.
    for (const start = performance.now(); performance.now() < start + 50;) {
      await runtime.callHook('quick', 'before_hook', context);
    }
  });

  afterEach(() => runtime.close());

  test('ends as usual when its plugin is unloaded', async () => {
    runtime.unloadPlugin('plugin');

    await refusal(runtime.callHook('plugin', 'before_hook', context), 'ERR_NOT_LOADED');
    expect(await call).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
  });

  test('ends as usual when its plugin is replaced, and the next call runs the new one', async () => {
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
