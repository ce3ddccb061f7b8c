// `signal`: what it ends, and when.

import { getEventListeners } from 'node:events';

import type { CallOptions, WasmRuntime } from 'hookcell';

import { NativeRuntime } from '../../native';
import { makeRuntime, occupy } from '../support/busy';
import { spyOnNativeCalls } from '../support/native-calls';
import type { NativeCalls } from '../support/native-calls';
import { reasonOf } from '../support/refusal';

const context = { input: {} };

let runtime: WasmRuntime;
let controller: AbortController;
let nativeCalls: NativeCalls;
let warnings: Error[];

const keepWarning = (warning: Error) => warnings.push(warning);

beforeEach(async () => {
  runtime = await makeRuntime({ concurrency: 1 });
  controller = new AbortController();
  nativeCalls = spyOnNativeCalls();
  warnings = [];
  process.on('warning', keepWarning);
});

afterEach(async () => {
  await runtime.close({ interrupt: true });
  process.off('warning', keepWarning);
  nativeCalls.restore();
  expect(warnings).toEqual([]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

const call = (plugin: string, options?: CallOptions) => runtime.callHook(plugin, 'before_hook', context, options);

describe('an aborted signal', () => {
  test('rejects the call with its reason before the addon sees it', async () => {
    const reason = new Error('the client has left');
    controller.abort(reason);

    expect(await reasonOf(call('quick', { signal: controller.signal }))).toBe(reason);
    expect(nativeCalls.spy).not.toHaveBeenCalled();
  });

  test('has an AbortError as its reason by default', async () => {
    const error = await reasonOf(call('quick', { signal: AbortSignal.abort() }));

    expect(error).toMatchObject({ name: 'AbortError' });
  });

  test('can have any value as its reason', async () => {
    controller.abort('enough');

    expect(await reasonOf(call('quick', { signal: controller.signal }))).toBe('enough');
  });

  test('also rejects if it aborts while the context is written', async () => {
    const input = {
      toJSON() {
        controller.abort('enough');
        return {};
      },
    };
    const late = runtime.callHook('quick', 'before_hook', { input }, { signal: controller.signal });

    expect(await reasonOf(late)).toBe('enough');
    expect(nativeCalls.spy).not.toHaveBeenCalled();
  });
});

/** Keeps the next abort from the addon until the returned function is called. */
function holdBackCancel(): () => void {
  const cancel = jest.spyOn(NativeRuntime.prototype, 'cancel').mockReturnValueOnce(false);
  return () => {
    const [number] = cancel.mock.calls[0] as [number];
    const native = cancel.mock.contexts[0] as NativeRuntime;
    cancel.mockRestore();
    native.cancel(number);
  };
}

describe('a waiting call', () => {
  test('rejects at once when it is aborted, never runs, and leaves room for another', async () => {
    const release = occupy(runtime);
    const waiting = reasonOf(call('endless', { signal: controller.signal }));
    const behind = call('quick');
    expect(runtime.waiting).toBe(2);

    controller.abort('enough');
    expect(runtime.waiting).toBe(1);
    expect(await waiting).toBe('enough');
    expect(runtime.running).toBe(1);

    // It would never get a slot if the one before it ran.
    release();
    expect(await behind).toMatchObject({ ok: true });
  });

  test('passes its slot on if it is aborted at the moment it gets the slot', async () => {
    for (let round = 0; round < 50; round += 1) {
      const first = call('endless', { timeoutMs: 1 });
      const late = new AbortController();
      const waiting = reasonOf(call('endless', { signal: late.signal }));
      const behind = call('quick');

      // Each round a little later: some calls still wait, others are on the way to a thread or in their plugin.
      const abortAt = performance.now() + round / 25;
      while (performance.now() < abortAt);
      late.abort('enough');

      expect(await waiting).toBe('enough');
      expect(await behind).toMatchObject({ ok: true });
      expect(await first).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
    }
    expect([runtime.running, runtime.waiting]).toEqual([0, 0]);
  });
});

describe('a running call', () => {
  test('rejects at once when it is aborted, and its plugin is interrupted', async () => {
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

  test('keeps its slot until the addon has finished with it', async () => {
    const letGo = holdBackCancel();
    const running = reasonOf(call('endless', { signal: controller.signal }));
    const behind = call('quick');

    controller.abort('enough');
    expect(await running).toBe('enough');
    expect([runtime.running, runtime.waiting]).toEqual([1, 1]);

    letGo();
    expect(await behind).toMatchObject({ ok: true });
  });

  test('is awaited by `close` even after it was aborted', async () => {
    const letGo = holdBackCancel();
    const running = reasonOf(call('endless', { signal: controller.signal }));
    controller.abort('enough');
    await running;

    let closed = false;
    const closing = runtime.close().then(() => (closed = true));
    await new Promise(setImmediate);
    expect(closed).toBe(false);

    letGo();
    await closing;
  });

  test('ends when its signal times out', async () => {
    const error = await reasonOf(call('endless', { signal: AbortSignal.timeout(20) }));

    expect(error).toMatchObject({ name: 'TimeoutError' });
  });

  test('ends when any of several signals aborts', async () => {
    const running = reasonOf(
      call('endless', { signal: AbortSignal.any([controller.signal, new AbortController().signal]) }),
    );

    controller.abort('enough');

    expect(await running).toBe('enough');
  });

  test('ends as usual if its signal does not abort', async () => {
    const { signal } = controller;

    expect(await call('quick', { signal })).toMatchObject({ ok: true });
    expect(await call('endless', { signal, timeoutMs: 20 })).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
    expect(await reasonOf(call('nobody', { signal }))).toMatchObject({ code: 'ERR_NOT_LOADED' });
  });

  test('keeps its result if its signal aborts afterwards', async () => {
    const result = await call('quick', { signal: controller.signal });

    controller.abort('enough');

    expect(result).toMatchObject({ ok: true });
  });

  test('rejects with the error of the addon, and frees its slot', async () => {
    nativeCalls.spy.mockImplementationOnce(() => {
      throw new Error('out of memory');
    });

    expect(await reasonOf(call('quick', { signal: controller.signal }))).toMatchObject({ code: 'ERR_INTERNAL' });
    expect(await call('quick')).toMatchObject({ ok: true });
  });
});
