// Back-pressure: how many calls run, how many wait and for how long, and which call is next.

import type { CallOptions, PluginResult, SandboxConfig, WasmRuntime } from 'hookcell';

import { makeRuntime, occupy } from '../support/busy';
import { refusal } from '../support/refusal';

const context = { input: {} };

describe('calls of a runtime', () => {
  let runtime: WasmRuntime;
  /** The calls in the order in which they ended. */
  let ended: string[];

  beforeEach(() => {
    ended = [];
  });

  afterEach(() => runtime.close({ interrupt: true }));

  async function make(config: SandboxConfig): Promise<void> {
    runtime = await makeRuntime(config);
  }

  const call = (plugin: string, options?: CallOptions) => runtime.callHook(plugin, 'before_hook', context, options);

  const hold = (options?: CallOptions) => occupy(runtime, options);

  /** Calls a plugin that returns at once. */
  async function quick(label: string, options?: CallOptions): Promise<PluginResult> {
    const result = await call('quick', options);
    ended.push(label);
    return result;
  }

  const counts = () => [runtime.running, runtime.waiting];

  test('run at most `concurrency` at once', async () => {
    await make({ concurrency: 2, timeoutMs: 10 });
    const start = performance.now();
    const most = { running: 0 };

    const all = Array.from({ length: 20 }, async () => {
      await call('endless');
      most.running = Math.max(most.running, runtime.running);
    });
    expect(counts()).toEqual([2, 18]);
    await Promise.all(all);

    expect(most.running).toBe(2);
    expect(counts()).toEqual([0, 0]);
    // Two at a time, 10 ms each; three at a time would take 70 ms.
    expect(performance.now() - start).toBeGreaterThan(98);
  });

  test('run in order', async () => {
    await make({ concurrency: 1 });
    const release = hold();
    const calls = Array.from({ length: 50 }, (_, index) => `call ${index}`);
    const all = calls.map((label) => quick(label));

    release();
    await Promise.all(all);

    expect(ended).toEqual(calls);
  });

  test('above `maxQueue` are refused at once', async () => {
    await make({ concurrency: 1, maxQueue: 2 });
    hold();
    hold();
    hold();

    const error = await refusal(call('quick'), 'ERR_QUEUE_FULL');

    expect(error.limit).toBe('maxQueue');
    expect(error.message).toBe('2 calls are already waiting (maxQueue)');
    expect(counts()).toEqual([1, 2]);
  });

  test('start or are refused at once if `maxQueue` is 0', async () => {
    await make({ concurrency: 1, maxQueue: 0 });
    const running = call('endless', { timeoutMs: 20 });

    await refusal(call('quick'), 'ERR_QUEUE_FULL');
    await running;

    expect(await call('quick')).toMatchObject({ ok: true });
  });

  test('that wait longer than `queueTimeoutMs` are refused and never run', async () => {
    await make({ concurrency: 1, queueTimeoutMs: 20 });
    const release = hold();

    const error = await refusal(call('endless'), 'ERR_QUEUE_TIMEOUT');
    expect(counts()).toEqual([1, 0]);
    release();

    expect(error.message).toBe('the call waited 20 ms in the queue (queueTimeoutMs)');
    expect(error.stack).toMatch(/at .*queue\.test\.ts/);
    expect('limit' in error).toBe(false);
    // If the late call ran, it would run for a minute.
    expect(await call('quick', { queueTimeoutMs: 5_000 })).toMatchObject({ ok: true });
    expect(counts()).toEqual([0, 0]);
  });

  test('can each have their own wait', async () => {
    await make({ concurrency: 1, queueTimeoutMs: 1 });
    const release = hold();
    const patient = call('quick', { queueTimeoutMs: 60_000 });

    await refusal(call('quick'), 'ERR_QUEUE_TIMEOUT');
    release();

    expect(await patient).toMatchObject({ ok: true });
  });

  test('are refused in time even if an earlier one may wait longer', async () => {
    await make({ concurrency: 1 });
    hold();
    const patient = refusal(quick('patient', { queueTimeoutMs: 100 }), 'ERR_QUEUE_TIMEOUT');
    const hasty = refusal(quick('hasty', { queueTimeoutMs: 10 }), 'ERR_QUEUE_TIMEOUT');

    await hasty;

    expect(counts()).toEqual([1, 1]);
    await patient;
  });

  test('are not refused for their wait after they start', async () => {
    await make({ concurrency: 1, queueTimeoutMs: 100 });
    const release = hold();
    const waits = call('endless', { timeoutMs: 250 });

    release();

    const { fault, usage } = await waits;
    expect(fault?.code).toBe('ERR_TIMEOUT');
    expect(usage.runMs).toBeGreaterThanOrEqual(249);
  });

  test('have all of `timeoutMs` to run, however long they waited', async () => {
    await make({ concurrency: 1, timeoutMs: 50 });

    const results = await Promise.all([call('endless'), call('endless'), call('endless')]);

    for (const { fault, usage } of results) {
      expect(fault?.code).toBe('ERR_TIMEOUT');
      expect(usage.runMs).toBeGreaterThanOrEqual(49);
    }
    // Two runs of the others, minus the delay before this one.
    expect(results[2]?.usage.queueMs).toBeGreaterThan(70);
  });

  test('report how long they waited', async () => {
    await make({ concurrency: 1 });
    const start = performance.now();
    const first = call('endless', { timeoutMs: 30 });
    const second = call('quick');
    const cameAfterMs = performance.now() - start;

    const { queueMs, runMs } = (await second).usage;

    expect(queueMs).toBeGreaterThanOrEqual(29 - cameAfterMs);
    expect(queueMs + runMs).toBeLessThanOrEqual(performance.now() - start);
    expect((await first).usage.queueMs).toBeLessThan(queueMs + cameAfterMs);
  });

  test('continue after a waiting one is refused by the addon', async () => {
    await make({ concurrency: 1 });

    const first = call('quick');
    const refused = refusal(call('nobody'), 'ERR_NOT_LOADED');
    const last = call('quick');

    await refused;
    expect(await first).toMatchObject({ ok: true });
    expect(await last).toMatchObject({ ok: true });
  });

  test('find room after others have ended', async () => {
    const callers = 8;
    await make({ concurrency: 2, maxQueue: callers - 2 });

    // Each makes one call at a time, so there is room for all. Some take longer than a worker's shift.
    const all = Array.from({ length: callers }, async (_, caller) => {
      for (let count = 0; count < 100; count += 1) {
        await (caller === 0 ? call('endless', { timeoutMs: 11 }) : quick(`${caller}`));
      }
    });

    await Promise.all(all);
    expect(ended).toHaveLength(700);
    expect(counts()).toEqual([0, 0]);
  });
});
