// `signal`: what it ends, when, and what it leaves behind.

import { getEventListeners } from 'node:events';

import { WasmRuntime } from 'hookcell';
import type { CallOptions } from 'hookcell';

import { NativeRuntime } from '../native';
import { fixture } from './support/wat';

const context = { input: {} };
/** As good as for ever: whoever waits for it in a test waits in vain. */
const forever = { maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 60_000, queueTimeoutMs: 60_000 };

let runtime: WasmRuntime;
let controller: AbortController;
let nativeCalls: jest.SpyInstance;
let warnings: Error[];

const keepWarning = (warning: Error) => warnings.push(warning);

beforeEach(async () => {
  runtime = new WasmRuntime({ logger: false, concurrency: 1, ...forever });
  await runtime.loadPluginBytes('endless', await fixture('endless_hook'));
  await runtime.loadPluginBytes('quick', await fixture('pass_through'));
  controller = new AbortController();
  nativeCalls = jest.spyOn(NativeRuntime.prototype, 'callHook');
  warnings = [];
  process.on('warning', keepWarning);
});

afterEach(async () => {
  await runtime.close({ interrupt: true });
  process.off('warning', keepWarning);
  nativeCalls.mockRestore();
  expect(warnings).toEqual([]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

const call = (plugin: string, options?: CallOptions) => runtime.callHook(plugin, 'before_hook', context, options);

/** What a promise rejects with. */
const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it was fulfilled',
    (reason: unknown) => reason,
  );

describe('a signal that has aborted', () => {
  test('rejects the call with its reason, and the addon hears nothing of it', async () => {
    const reason = new Error('the client has left');
    controller.abort(reason);

    expect(await reasonOf(call('quick', { signal: controller.signal }))).toBe(reason);
    expect(nativeCalls).not.toHaveBeenCalled();
  });

  test('has an AbortError as its reason where none was given', async () => {
    const error = await reasonOf(call('quick', { signal: AbortSignal.abort() }));

    expect(error).toMatchObject({ name: 'AbortError' });
  });

  test('may have any value as its reason', async () => {
    controller.abort('enough');

    expect(await reasonOf(call('quick', { signal: controller.signal }))).toBe('enough');
  });

  test('also rejects where it aborted while the context was written', async () => {
    const input = {
      toJSON() {
        controller.abort('enough');
        return {};
      },
    };
    const late = runtime.callHook('quick', 'before_hook', { input }, { signal: controller.signal });

    expect(await reasonOf(late)).toBe('enough');
    expect(nativeCalls).not.toHaveBeenCalled();
  });
});

describe('a call that waits', () => {
  test('rejects at once, never runs, and makes room', async () => {
    const blocker = new AbortController();
    const running = reasonOf(call('endless', { signal: blocker.signal }));
    const waiting = reasonOf(call('endless', { signal: controller.signal }));
    const behind = call('quick');

    controller.abort('enough');
    expect(await waiting).toBe('enough');

    blocker.abort('enough');
    expect(await behind).toMatchObject({ ok: true });
    await running;
    expect(nativeCalls).toHaveBeenCalledTimes(2);
  });

  test('gives its turn on where the signal comes at the very moment of the turn', async () => {
    let settle = (_reply: string) => {};
    nativeCalls.mockImplementationOnce(() => new Promise((resolve) => (settle = resolve)));
    const first = reasonOf(call('endless'));
    const waiting = reasonOf(call('endless', { signal: controller.signal }));
    const behind = call('quick');

    settle('{"refused":{"code":"ERR_NOT_LOADED","message":"it was unloaded"}}');
    // The first call gives its slot on in the microtask before, and the second one would use it in the one after.
    queueMicrotask(() => controller.abort('enough'));

    expect(await waiting).toBe('enough');
    expect(await behind).toMatchObject({ ok: true });
    expect(nativeCalls).toHaveBeenCalledTimes(2);
    await first;
  });
});

describe('a call that runs', () => {
  test('rejects at once, and its plugin is interrupted', async () => {
    const running = reasonOf(call('endless', { signal: controller.signal }));
    const behind = call('quick');

    const start = performance.now();
    controller.abort('enough');
    const rejected = await running;

    expect(rejected).toBe('enough');
    expect(await behind).toMatchObject({ ok: true });
    // Its deadline is a minute away.
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test('has its slot until the addon has let go of it', async () => {
    let settle = (_reply: string) => {};
    nativeCalls.mockImplementationOnce(() => new Promise((resolve) => (settle = resolve)));
    const running = reasonOf(call('endless', { signal: controller.signal }));
    const behind = call('quick');

    controller.abort('enough');
    expect(await running).toBe('enough');
    expect(nativeCalls).toHaveBeenCalledTimes(1);

    settle('{"refused":{"code":"ERR_CANCELLED","message":"the call was cancelled"}}');
    expect(await behind).toMatchObject({ ok: true });
  });

  test('is waited for by `close`, although its caller has gone', async () => {
    let settle = (_reply: string) => {};
    nativeCalls.mockImplementationOnce(() => new Promise((resolve) => (settle = resolve)));
    const running = reasonOf(call('endless', { signal: controller.signal }));
    controller.abort('enough');
    await running;

    let closed = false;
    const closing = runtime.close().then(() => (closed = true));
    await new Promise(setImmediate);
    expect(closed).toBe(false);

    settle('{"refused":{"code":"ERR_CANCELLED","message":"the call was cancelled"}}');
    await closing;
  });

  test('ends by the timeout of a signal', async () => {
    const error = await reasonOf(call('endless', { signal: AbortSignal.timeout(20) }));

    expect(error).toMatchObject({ name: 'TimeoutError' });
  });

  test('ends by any of several signals', async () => {
    const running = reasonOf(
      call('endless', { signal: AbortSignal.any([controller.signal, new AbortController().signal]) }),
    );

    controller.abort('enough');

    expect(await running).toBe('enough');
  });

  test('ends as it does without a signal, where the signal does not abort', async () => {
    const { signal } = controller;

    expect(await call('quick', { signal })).toMatchObject({ ok: true });
    expect(await call('endless', { signal, timeoutMs: 20 })).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
    expect(await reasonOf(call('nobody', { signal }))).toMatchObject({ code: 'ERR_NOT_LOADED' });
  });

  test('keeps its result where the signal aborts after it', async () => {
    const result = await call('quick', { signal: controller.signal });

    controller.abort('enough');

    expect(result).toMatchObject({ ok: true });
  });

  test('fails with the error of the addon, and gives its slot back', async () => {
    nativeCalls.mockImplementationOnce(() => {
      throw new Error('out of memory');
    });

    expect(await reasonOf(call('quick', { signal: controller.signal }))).toMatchObject({ code: 'ERR_INTERNAL' });
    expect(await call('quick')).toMatchObject({ ok: true });
  });
});

describe('one signal for many calls', () => {
  test('ends all of them, those that run and those that wait', async () => {
    const { signal } = controller;
    const reasons = Array.from({ length: 200 }, () => reasonOf(call('endless', { signal })));

    controller.abort('enough');

    expect(new Set(await Promise.all(reasons))).toEqual(new Set(['enough']));
    expect(nativeCalls).toHaveBeenCalledTimes(1);
  });

  test('has one listener, and none when all have ended', async () => {
    const { signal } = controller;
    const calls = Array.from({ length: 200 }, () => call('quick', { signal }));

    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(calls);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('serves several runtimes', async () => {
    await using other = new WasmRuntime({ logger: false, ...forever });
    await other.loadPluginBytes('endless', await fixture('endless_hook'));
    const { signal } = controller;
    const reasons = [
      reasonOf(call('endless', { signal })),
      reasonOf(other.callHook('endless', 'before_hook', context, { signal })),
    ];
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);

    controller.abort('enough');

    expect(await Promise.all(reasons)).toEqual(['enough', 'enough']);
  });

  test('leaves the listeners of its owner alone', async () => {
    const { signal } = controller;
    const onabort = jest.fn();
    const listener = jest.fn();
    signal.addEventListener('abort', listener, { once: true });
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is what is tested
    signal.onabort = onabort;
    const running = reasonOf(call('endless', { signal }));

    expect(signal.onabort).toBe(onabort);
    controller.abort('enough');

    expect(await running).toBe('enough');
    expect(onabort).toHaveBeenCalledTimes(1);
    expect(listener).toHaveBeenCalledTimes(1);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- as above
    signal.onabort = null;
  });
});

test('a call that is over leaves no listener, however it ended', async () => {
  const { signal } = controller;
  const listeners = () => getEventListeners(signal, 'abort').length;

  await call('quick', { signal });
  expect(listeners()).toBe(0);

  await call('endless', { signal, timeoutMs: 10 });
  expect(listeners()).toBe(0);

  await reasonOf(call('nobody', { signal }));
  expect(listeners()).toBe(0);

  const blocker = new AbortController();
  const running = reasonOf(call('endless', { signal: blocker.signal }));
  await reasonOf(call('quick', { signal, queueTimeoutMs: 1 }));
  expect(listeners()).toBe(0);

  blocker.abort();
  await running;
});
