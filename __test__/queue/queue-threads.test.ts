// Calls that libuv's threads take one after the other, while the event loop is busy.

import { AsyncLocalStorage } from 'node:async_hooks';

import type { CallOptions, PluginResult, SandboxConfig, WasmRuntime } from 'hookcell';

import { deliver } from '../../dist/calls/queue/waiting-calls';
import { makeRuntime, occupy } from '../support/busy';
import { refusal } from '../support/refusal';

let runtime: WasmRuntime;

afterEach(() => runtime.close({ interrupt: true }));

async function make(config: SandboxConfig): Promise<void> {
  runtime = await makeRuntime(config);
}

const call = (plugin: string, options?: CallOptions): Promise<PluginResult> =>
  runtime.callHook(plugin, 'before_hook', { input: {} }, options);

/** Keeps the event loop from turning. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

describe('while the event loop is blocked', () => {
  test('waiting calls still get their turn', async () => {
    await make({ concurrency: 1 });
    const longestWaits: number[] = [];
    // A thread whose call took more than 10 ms returns first, and finds the event loop blocked.
    for (let round = 0; round < 20 && !longestWaits.some((ms) => ms < 250); round += 1) {
      const calls = [call('quick'), call('quick'), call('quick')];
      block(300);
      const results = await Promise.all(calls);
      expect(results.every(({ ok }) => ok)).toBe(true);
      longestWaits.push(Math.max(...results.map(({ usage }) => usage.queueMs)));
    }

    expect(Math.min(...longestWaits)).toBeLessThan(250);
  }, 30_000);

  test.each([
    ['before the one that runs ends', 200],
    ['after the thread of the one that ran has left', 50],
    ['after the one that ran ended together with it', 100],
  ])('a call whose time to wait is up %s never runs', async (_, timeoutMs) => {
    await make({ concurrency: 1 });
    const running = call('endless', { timeoutMs });
    const late = refusal(call('endless', { queueTimeoutMs: 100 }), 'ERR_QUEUE_TIMEOUT');

    block(400);

    await late;
    expect(await running).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
    expect([runtime.running, runtime.waiting]).toEqual([0, 0]);
  });
});

describe('the result from a thread', () => {
  test('is not delayed by the slow call that the thread takes next', async () => {
    await make({ concurrency: 1 });
    const first = call('endless', { timeoutMs: 1 });
    const second = call('quick');
    occupy(runtime);

    expect(await first).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
    expect(await second).toMatchObject({ ok: true });
    expect([runtime.running, runtime.waiting]).toEqual([1, 0]);
  });

  test('can lead to new calls while it is delivered', async () => {
    await make({ concurrency: 2, maxQueue: 1_000 });
    let ended = 0;

    /** A call, and two more the moment it has ended, until the tree is this high. */
    async function grow(height: number): Promise<void> {
      expect(await call('quick')).toMatchObject({ ok: true });
      ended += 1;
      if (height > 1) {
        await Promise.all([grow(height - 1), grow(height - 1)]);
      }
    }
    await grow(9);

    expect(ended).toBe(511);
    expect([runtime.running, runtime.waiting]).toEqual([0, 0]);
  });

  test('is dropped if its caller is gone', async () => {
    await make({ concurrency: 1 });
    const waits = call('quick');

    for (const number of [-1, 0, Number.MAX_SAFE_INTEGER]) {
      deliver(number, { text: 'no JSON', usage: undefined, steps: undefined });
    }

    expect(await waits).toMatchObject({ ok: true });
  });
});

describe('the context of AsyncLocalStorage', () => {
  const storage = new AsyncLocalStorage<number>();

  test('is that of each call, after the call and in the log', async () => {
    const logged: (number | undefined)[] = [];
    await make({ concurrency: 2, logger: { warn: () => logged.push(storage.getStore()) } });
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    const faults = numbers.filter((number) => number % 10 === 0);

    const seen = await Promise.all(
      numbers.map((number) =>
        storage.run(number, async () => {
          await (faults.includes(number) ? call('endless', { timeoutMs: 1 }) : call('quick'));
          return storage.getStore();
        }),
      ),
    );

    expect(seen).toEqual(numbers);
    expect(logged.toSorted((a = 0, b = 0) => a - b)).toEqual(faults);
  });
});

describe('calls behind brief ones', () => {
  test('are not delayed by a slow one, because each gets a free thread', async () => {
    await make({ concurrency: 3, maxQueue: 10_000, queueTimeoutMs: 60_000 });
    const slowMs = 300;

    for (let round = 0; round < 5; round += 1) {
      // The first calls are slow, so that later ones get their own threads.
      const others = Array.from({ length: 3 }, () => call('endless', { timeoutMs: 50 }));
      others.push(...Array.from({ length: 1_000 }, () => call('quick')));
      const slow = call('endless', { timeoutMs: slowMs });
      const last = await Promise.all(Array.from({ length: 10 }, () => call('quick')));

      // The slow call has not ended.
      expect(runtime.running).toBeGreaterThan(0);
      expect(last.every(({ ok }) => ok)).toBe(true);
      await Promise.all([slow, ...others]);
    }
  });
});

describe('a call with a slot but no thread', () => {
  test('is refused when it has waited too long, and never runs', async () => {
    await make({ concurrency: 8, queueTimeoutMs: 50 });
    // One more than the threads of libuv's pool.
    const running = Array.from({ length: 4 }, () => call('endless', { timeoutMs: 300 }));
    const late = refusal(call('endless', { timeoutMs: 60_000 }), 'ERR_QUEUE_TIMEOUT');

    await late;
    await Promise.all(running);
    expect(runtime.running).toBe(0);
  });
});
