// Back-pressure: how many calls run, how many wait and for how long, and which call is next.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import type { CallOptions, PluginResult, SandboxConfig, WasmRuntime } from 'hookcell';
import { pluginAnswering } from 'hookcell/testing';

import { makeRuntime, occupy } from '../support/busy';
import { pluginFile, removePluginFiles } from '../support/child';
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

  describe('of tenants', () => {
    test('take turns, so that a flood does not delay the others', async () => {
      await make({ concurrency: 1 });
      const release = hold({ tenant: 'flood' });
      const flood = Array.from({ length: 100 }, () => quick('flood', { tenant: 'flood' }));
      const late = quick('late', { tenant: 'late' });

      release();
      await Promise.all([...flood, late]);

      expect(ended[0]).toBe('late');
    });

    test('leave a slot for others by default', async () => {
      await make({ concurrency: 3 });
      for (let count = 0; count < 4; count += 1) {
        hold({ tenant: 'a' });
      }
      expect(counts()).toEqual([2, 2]);

      expect(await quick('b', { tenant: 'b' })).toMatchObject({ ok: true });
      expect(counts()).toEqual([2, 2]);
    });

    test('leave room to wait for others by default', async () => {
      await make({ concurrency: 1, maxQueue: 8 });
      for (let count = 0; count < 3; count += 1) {
        hold({ tenant: 'a' });
      }

      const error = await refusal(call('quick', { tenant: 'a' }), 'ERR_QUEUE_FULL');

      expect(error.limit).toBe('maxQueuePerTenant');
      expect(error.message).toBe('2 calls of this tenant are already waiting (maxQueuePerTenant)');
      hold({ tenant: 'b' });
      expect(counts()).toEqual([1, 3]);
    });

    test('get the shares that the options set', async () => {
      await make({ concurrency: 4, maxQueue: 8, maxConcurrencyPerTenant: 1, maxQueuePerTenant: 0 });
      hold({ tenant: 'a' });

      await refusal(call('quick', { tenant: 'a' }), 'ERR_QUEUE_FULL');
      hold({ tenant: 'b' });

      expect(counts()).toEqual([2, 0]);
    });

    test('without a name can take everything', async () => {
      await make({ concurrency: 3, maxQueue: 4, maxConcurrencyPerTenant: 1, maxQueuePerTenant: 0 });

      for (const options of [{}, {}, {}, {}, {}, { tenant: null }, { tenant: null }]) {
        hold(options);
      }

      expect(counts()).toEqual([3, 4]);
    });
  });
});

describe("by default, calls leave a thread of libuv's pool free", () => {
  let script: string;

  beforeAll(async () => {
    const plugin = JSON.stringify(await pluginFile('endless_hook'));
    script = `
      const { WasmRuntime } = require('hookcell');
      const runtime = new WasmRuntime({ logger: false, maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 60_000 });
      runtime.loadPlugin(${plugin}).then(() => {
        for (let call = 0; call < 50; call += 1) void runtime.callHook(${plugin}, 'before_hook', { input: {} });
        console.log(runtime.running);
        process.exit();
      });`;
  });

  afterAll(removePluginFiles);

  test.each([
    [undefined, 3],
    ['8', 7],
    ['8abc', 7],
    ['1e1', 1],
    ['2', 1],
    ['1', 1],
    ['0', 1],
    ['many', 1],
    ['', 1],
  ])('where UV_THREADPOOL_SIZE is %p: %d run', async (size, expected) => {
    const { UV_THREADPOOL_SIZE: _, ...environment } = process.env;
    const env = size === undefined ? environment : { ...environment, UV_THREADPOOL_SIZE: size };
    const cwd = path.join(__dirname, '../..');

    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', script], { cwd, env });

    expect(Number(stdout)).toBe(expected);
  });
});

describe('the contexts of waiting calls', () => {
  let runtime: WasmRuntime;

  afterEach(() => runtime.close({ interrupt: true }));

  const text = (bytes: number) => ({ input: { text: 'x'.repeat(bytes) } });
  const call = (bytes: number, options?: CallOptions, plugin = 'quick') =>
    runtime.callHook(plugin, 'before_hook', text(bytes), options);

  test('are refused at once if they are too long for their plugin, also in a chain', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxContextBytes: 2_000 });
    await runtime.loadPluginBytes('small', pluginAnswering({ ok: true }), { maxContextBytes: 500 });
    await runtime.loadPluginBytes('large', pluginAnswering({ ok: true }), { maxContextBytes: 5_000 });
    const release = occupy(runtime);

    const error = await refusal(call(2_000), 'ERR_LIMIT');
    expect(error.limit).toBe('maxContextBytes');
    expect(error.message).toBe('the context has 2075 bytes; maxContextBytes is 2000');
    await refusal(call(500, {}, 'small'), 'ERR_LIMIT');
    await refusal(runtime.callChain(['small', 'large'], 'before_hook', text(1_000)), 'ERR_LIMIT');
    await refusal(runtime.callHook('quick', 'before_hook', { input: { text: 'é'.repeat(1_000) } }), 'ERR_LIMIT');
    await refusal(call(2_000, {}, 'not loaded'), 'ERR_LIMIT');
    expect(runtime.waiting).toBe(0);

    const waits = call(4_000, {}, 'large');
    expect(runtime.waiting).toBe(1);
    release();
    expect(await waits).toMatchObject({ ok: true });
  });

  test('are checked again if their plugin was replaced meanwhile', async () => {
    runtime = await makeRuntime({ concurrency: 1 });
    const release = occupy(runtime);
    const waits = call(1_000);

    await runtime.loadPluginBytes('quick', pluginAnswering({ ok: true }), { maxContextBytes: 500 });
    release();

    expect((await refusal(waits, 'ERR_LIMIT')).limit).toBe('maxContextBytes');
  });

  test('hold no more bytes together than `maxQueueBytes`', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxQueueBytes: 5_000 });
    const release = occupy(runtime);
    const first = call(2_000);
    const second = call(2_000);

    const error = await refusal(call(2_000), 'ERR_QUEUE_FULL');
    expect(error.limit).toBe('maxQueueBytes');
    release();
    await Promise.all([first, second]);
    expect(await call(2_000)).toMatchObject({ ok: true });
  });

  test('of one tenant hold no more bytes than its share, a quarter by default', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxQueueBytes: 8_000 });
    const release = occupy(runtime);
    const first = call(1_500, { tenant: 'a' });

    const error = await refusal(call(1_500, { tenant: 'a' }), 'ERR_QUEUE_FULL');
    expect(error.limit).toBe('maxQueueBytesPerTenant');
    expect(error.message).toMatch(
      /^this tenant's waiting calls hold \d+ of 2000 bytes, and this call has \d+ \(maxQueueBytesPerTenant\)$/,
    );
    const others = [call(1_500, { tenant: 'b' }), call(4_000)];
    release();
    await Promise.all([first, ...others]);
  });

  test('are counted with the names of their tenants', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxQueueBytes: 5_000 });
    const release = occupy(runtime);
    const first = call(1, { tenant: 'a' });

    const error = await refusal(call(1, { tenant: 'b'.repeat(5_000) }), 'ERR_QUEUE_FULL');
    expect(error.limit).toBe('maxQueueBytes');
    release();
    await first;
  });

  test('do not count while they run, and a context above the bound can run at once', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxQueueBytes: 0 });
    expect(await call(10_000)).toMatchObject({ ok: true });
    const release = occupy(runtime);
    expect((await refusal(call(1), 'ERR_QUEUE_FULL')).limit).toBe('maxQueueBytes');
    release();
  });
});

describe('results that wait for the event loop', () => {
  const LARGE = 30_000;
  const CALLS = 60;
  const answer = pluginAnswering({ ok: true, ctx: { data: 'x'.repeat(LARGE) } });
  let runtime: WasmRuntime;

  afterEach(() => runtime.close({ interrupt: true }));

  /** Keeps the event loop from turning. */
  function block(ms: number): void {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      // It only takes time.
    }
  }

  test('are delivered a few at a turn, by the time they and their callers take, and do not delay the results of other tenants', async () => {
    runtime = await makeRuntime({ concurrency: 2 });
    await runtime.loadPluginBytes('large', answer);
    const turn = { number: 0, isOver: false };
    const countTurns = () => {
      turn.number += 1;
      if (!turn.isOver) {
        setImmediate(countTurns);
      }
    };
    const settledIn: number[] = [];
    const flood = Array.from({ length: CALLS }, async () => {
      await runtime.callHook('large', 'before_hook', context, { tenant: 'flood' });
      settledIn.push(turn.number);
      block(4);
    });
    const other = (async () => {
      await runtime.callHook('quick', 'before_hook', context, { tenant: 'other' });
      return settledIn.length;
    })();

    setImmediate(countTurns);
    block(500);
    await Promise.all(flood);
    turn.isOver = true;

    const perTurn = settledIn.map((number) => settledIn.filter((one) => one === number).length);
    // A turn takes 8 ms, and the next has begun when the test sees it.
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(5);
    expect(await other).toBeLessThan(CALLS / 2);
  });

  test('hold back further calls above `maxUndeliveredBytes` until they are delivered', async () => {
    runtime = await makeRuntime({ concurrency: 2, maxUndeliveredBytes: 2 * LARGE });
    await runtime.loadPluginBytes('large', answer);
    const blockedMs = 500;
    const calls = Array.from({ length: CALLS }, () => runtime.callHook('large', 'before_hook', context));

    block(blockedMs);
    const results = await Promise.all(calls);

    const early = results.filter(({ usage }) => usage.queueMs + usage.runMs < blockedMs - 50);
    // Two fit, the third exceeds the limit, and another runs at the same time.
    expect(early.length).toBeLessThanOrEqual(4);
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  test('are delivered even if each alone exceeds `maxUndeliveredBytes`', async () => {
    runtime = await makeRuntime({ concurrency: 2, maxUndeliveredBytes: 0 });
    await runtime.loadPluginBytes('large', answer);

    const results = await Promise.all(
      Array.from({ length: CALLS }, () => runtime.callHook('large', 'before_hook', context)),
    );

    expect(results.every(({ ok }) => ok)).toBe(true);
  });
});
