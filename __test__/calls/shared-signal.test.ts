// One `signal` for many calls, and the listeners that calls put on it.

import { getEventListeners } from 'node:events';

import type { CallOptions, WasmRuntime } from 'hookcell';

import { makeRuntime, occupy } from '../support/busy';
import { reasonOf } from '../support/refusal';

const context = { input: {} };

let runtime: WasmRuntime;
let controller: AbortController;
let warnings: Error[];

const keepWarning = (warning: Error) => warnings.push(warning);

beforeEach(async () => {
  runtime = await makeRuntime({ concurrency: 1 });
  controller = new AbortController();
  warnings = [];
  process.on('warning', keepWarning);
});

afterEach(async () => {
  await runtime.close({ interrupt: true });
  process.off('warning', keepWarning);
  expect(warnings).toEqual([]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

const call = (plugin: string, options?: CallOptions) => runtime.callHook(plugin, 'before_hook', context, options);

describe('one signal of many calls', () => {
  test('ends all of them, running and waiting ones', async () => {
    const { signal } = controller;
    const reasons = Array.from({ length: 200 }, () => reasonOf(call('endless', { signal })));
    expect([runtime.running, runtime.waiting]).toEqual([1, 199]);

    controller.abort('enough');

    expect(runtime.waiting).toBe(0);
    expect(new Set(await Promise.all(reasons))).toEqual(new Set(['enough']));
    expect(await call('quick')).toMatchObject({ ok: true });
  });

  test('has one listener, and none after all have ended', async () => {
    const { signal } = controller;
    const calls = Array.from({ length: 200 }, () => call('quick', { signal }));

    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(calls);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('serves several runtimes', async () => {
    await using other = await makeRuntime();
    const { signal } = controller;
    const reasons = [
      reasonOf(call('endless', { signal })),
      reasonOf(other.callHook('endless', 'before_hook', context, { signal })),
    ];
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);

    controller.abort('enough');

    expect(await Promise.all(reasons)).toEqual(['enough', 'enough']);
  });

  test('keeps the listeners of its owner', async () => {
    // Node.js keeps a listener for an `onabort` that was set to null, so this signal is not the one that is checked.
    const owner = new AbortController();
    const { signal } = owner;
    const onabort = jest.fn();
    const listener = jest.fn();
    signal.addEventListener('abort', listener, { once: true });
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the test is about it
    signal.onabort = onabort;
    const running = reasonOf(call('endless', { signal }));

    expect(signal.onabort).toBe(onabort);
    owner.abort('enough');

    expect(await running).toBe('enough');
    expect(onabort).toHaveBeenCalledTimes(1);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(signal.onabort).toBe(onabort);
  });
});

test('a finished call leaves no listener, however it ended', async () => {
  const { signal } = controller;
  const listeners = () => getEventListeners(signal, 'abort').length;

  await call('quick', { signal });
  expect(listeners()).toBe(0);

  await call('endless', { signal, timeoutMs: 10 });
  expect(listeners()).toBe(0);

  await reasonOf(call('nobody', { signal }));
  expect(listeners()).toBe(0);

  occupy(runtime);
  await reasonOf(call('quick', { signal, queueTimeoutMs: 1 }));
  expect(listeners()).toBe(0);
});

test('a custom signal that throws when its listener is removed fails only its own call', async () => {
  const broken = {
    aborted: false,
    addEventListener() {},
    removeEventListener() {
      throw new Error('it is broken');
    },
  };
  const calls = [call('quick'), call('quick', { signal: broken as unknown as AbortSignal }), call('quick')];

  const [first, second, third] = await Promise.allSettled(calls);

  expect(second).toMatchObject({ status: 'rejected', reason: { message: 'it is broken' } });
  expect([first, third]).toMatchObject([{ value: { ok: true } }, { value: { ok: true } }]);
});
