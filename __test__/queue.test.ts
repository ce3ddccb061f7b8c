// Back-pressure: how many calls run, how many wait and for how long, and whose turn comes.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { WasmRuntime } from 'hookcell';
import type { CallOptions, SandboxConfig } from 'hookcell';

import { closeGate } from './support/gate';
import type { Gate } from './support/gate';
import { refusal } from './support/refusal';
import { fixture } from './support/wat';

const context = { input: {} };

describe('calls of a runtime', () => {
  let gate: Gate;
  let runtime: WasmRuntime;

  beforeEach(() => {
    gate = closeGate();
  });

  afterEach(async () => {
    gate.open();
    await runtime.close();
    gate.restore();
  });

  function makeRuntime(config: SandboxConfig): void {
    runtime = new WasmRuntime({ logger: false, ...config });
  }

  const call = (name: string, options?: CallOptions) => runtime.callHook(name, 'before_hook', context, options);

  /** Makes calls that the end of the test settles. */
  function calls(names: string[], options?: CallOptions): void {
    for (const name of names) {
      void call(name, options);
    }
  }

  const handed = () => gate.handed.map(({ plugin }) => plugin);

  test('are handed to libuv no more at once than `concurrency` says', async () => {
    makeRuntime({ concurrency: 2 });
    const all = Promise.all(Array.from({ length: 20 }, (_, index) => call(`call ${index}`)));

    while (gate.handed.length > 0) {
      await gate.finishNext();
    }

    await all;
    expect(gate.most).toBe(2);
  });

  test('are handed over in the order they came', async () => {
    makeRuntime({ concurrency: 1 });
    calls(['a', 'b', 'c']);

    for (const name of ['a', 'b', 'c']) {
      expect(handed()).toEqual([name]);
      await gate.finishNext();
    }
  });

  test('past `maxQueue` are refused at once', async () => {
    makeRuntime({ concurrency: 1, maxQueue: 2 });
    calls(['runs', 'waits', 'waits']);

    const error = await refusal(call('refused'), 'ERR_QUEUE_FULL');

    expect(error.limit).toBe('maxQueue');
    expect(error.message).toBe('2 calls wait already (maxQueue)');
    expect(handed()).toEqual(['runs']);
  });

  test('all start or are refused where `maxQueue` is 0', async () => {
    makeRuntime({ concurrency: 1, maxQueue: 0 });
    calls(['runs']);

    await refusal(call('refused'), 'ERR_QUEUE_FULL');
    await gate.finishNext();

    calls(['starts']);
    expect(handed()).toEqual(['starts']);
  });

  test('that wait longer than `queueTimeoutMs` are refused and never run', async () => {
    makeRuntime({ concurrency: 1, queueTimeoutMs: 20 });
    calls(['runs']);

    const error = await refusal(call('late'), 'ERR_QUEUE_TIMEOUT');
    await gate.finishNext();

    expect(error.message).toBe('the call waited 20 ms for its turn (queueTimeoutMs)');
    expect(error.stack).toMatch(/at .*queue\.test\.ts/);
    expect('limit' in error).toBe(false);
    expect(handed()).toEqual([]);
  });

  test('may each wait longer or shorter', async () => {
    makeRuntime({ concurrency: 1, queueTimeoutMs: 1 });
    calls(['runs']);
    const patient = call('patient', { queueTimeoutMs: 60_000 });

    await refusal(call('hasty'), 'ERR_QUEUE_TIMEOUT');
    await gate.finishNext();

    expect(handed()).toEqual(['patient']);
    await gate.finishNext();
    await patient;
  });

  test('are not refused for their wait once they run', async () => {
    makeRuntime({ concurrency: 1, queueTimeoutMs: 100 });
    calls(['runs']);
    const waits = call('waits');
    await gate.finishNext();
    expect(handed()).toEqual(['waits']);

    await new Promise((resolve) => setTimeout(resolve, 150));
    await gate.finishNext();

    expect(await waits).toMatchObject({ ok: true });
  });

  test('have all of `timeoutMs` to run, however long they waited', async () => {
    gate.restore();
    makeRuntime({ concurrency: 1, timeoutMs: 50, maxFuel: Number.MAX_SAFE_INTEGER });
    await runtime.loadPluginBytes('endless', await fixture('endless_hook'));

    const results = await Promise.all([call('endless'), call('endless'), call('endless')]);

    for (const { fault, usage } of results) {
      expect(fault?.code).toBe('ERR_TIMEOUT');
      expect(usage.runMs).toBeGreaterThanOrEqual(49);
    }
    // Two runs of the others, less what this one came later.
    expect(results[2]?.usage.queueMs).toBeGreaterThan(70);
  });

  test('tell how long they waited', async () => {
    makeRuntime({ concurrency: 1 });
    const first = call('runs');
    const second = call('waits');

    await new Promise((resolve) => setTimeout(resolve, 30));
    await gate.finishNext();
    await gate.finishNext();

    expect((await first).usage).toMatchObject({ queueMs: 0, runMs: 0.5 });
    const { queueMs, runMs } = (await second).usage;
    expect(queueMs).toBeGreaterThan(25);
    expect(runMs).toBe(0.5);
  });

  test('go on where one that waited is refused by the addon', async () => {
    gate.restore();
    makeRuntime({ concurrency: 1 });
    await runtime.loadPluginBytes('plugin', await fixture('pass_through'));

    const first = call('plugin');
    const refused = refusal(call('nobody'), 'ERR_NOT_LOADED');
    const last = call('plugin');

    await refused;
    expect(await first).toMatchObject({ ok: true });
    expect(await last).toMatchObject({ ok: true });
  });

  describe('of tenants', () => {
    test('take turns, so that a flood does not hold the others up', async () => {
      makeRuntime({ concurrency: 1 });
      calls(
        Array.from({ length: 100 }, (_, index) => `flood ${index}`),
        { tenant: 'flood' },
      );
      calls(['late'], { tenant: 'late' });

      await gate.finishNext();

      expect(handed()).toEqual(['late']);
    });

    test('leave a place to run, by default', () => {
      makeRuntime({ concurrency: 3 });
      calls(['a', 'a', 'a', 'a'], { tenant: 'a' });
      expect(handed()).toEqual(['a', 'a']);

      calls(['b'], { tenant: 'b' });
      expect(handed()).toEqual(['a', 'a', 'b']);
    });

    test('leave room to wait, by default', async () => {
      makeRuntime({ concurrency: 1, maxQueue: 8 });
      calls(['runs', 'waits', 'waits'], { tenant: 'a' });

      const error = await refusal(call('refused', { tenant: 'a' }), 'ERR_QUEUE_FULL');

      expect(error.limit).toBe('maxQueuePerTenant');
      expect(error.message).toBe('2 calls of this tenant wait already (maxQueuePerTenant)');
      calls(['waits'], { tenant: 'b' });
    });

    test('get the shares that the options say', async () => {
      makeRuntime({ concurrency: 4, maxQueue: 8, maxConcurrencyPerTenant: 1, maxQueuePerTenant: 0 });
      calls(['a'], { tenant: 'a' });

      await refusal(call('refused', { tenant: 'a' }), 'ERR_QUEUE_FULL');
      calls(['b'], { tenant: 'b' });

      expect(handed()).toEqual(['a', 'b']);
    });

    test('that are not named take all there is', () => {
      makeRuntime({ concurrency: 3, maxQueue: 4, maxConcurrencyPerTenant: 1, maxQueuePerTenant: 0 });

      calls(['1', '2', '3', '4', '5']);
      calls(['6', '7'], { tenant: null });

      expect(handed()).toEqual(['1', '2', '3']);
    });
  });
});

describe('by default, calls leave a thread of libuv', () => {
  const script = `
    const { WasmRuntime } = require('hookcell');
    const { NativeRuntime } = require('./native');
    let handed = 0;
    NativeRuntime.prototype.callHook = () => { handed += 1; return new Promise(() => {}); };
    const runtime = new WasmRuntime();
    for (let call = 0; call < 50; call += 1) void runtime.callHook('plugin', 'before_hook', { input: {} });
    console.log(handed);
    process.exit();`;

  test.each([
    [undefined, 3],
    ['8', 7],
    ['2', 1],
    ['1', 1],
    ['0', 1],
    ['many', 1],
    ['', 1],
  ])('where UV_THREADPOOL_SIZE is %p: %d run', async (size, expected) => {
    const { UV_THREADPOOL_SIZE: _, ...environment } = process.env;
    const env = size === undefined ? environment : { ...environment, UV_THREADPOOL_SIZE: size };
    const cwd = path.join(__dirname, '..');

    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', script], { cwd, env });

    expect(Number(stdout)).toBe(expected);
  });
});
