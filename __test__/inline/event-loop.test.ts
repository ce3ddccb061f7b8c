// What inline calls do to the queue, the event loop and the code that awaits them.

import { setImmediate as nextTurn } from 'node:timers/promises';

import type { CallOptions, WasmRuntime } from 'hookcell';

import { occupy } from '../support/busy';
import { refusal } from '../support/refusal';
import { fixture } from '../support/wat';
import { callOn, context, long, makeRuntime } from './runtime';

let runtime: WasmRuntime;

beforeEach(async () => {
  runtime = await makeRuntime();
});

afterEach(() => runtime.close({ interrupt: true }));

const call = (name: string, options?: CallOptions, given?: object) => callOn(runtime, name, options, given);

describe('the promise', () => {
  test('resolves after the call has returned, and so does the log', async () => {
    let hasReturned = false;
    const lines: string[] = [];
    await using logged = await makeRuntime({ logger: { warn: (line) => lines.push(line) } });
    const promise = logged.callHook('crash', 'before_hook', context).then(() => hasReturned);
    hasReturned = true;

    expect(lines).toEqual([]);
    expect(await promise).toBe(true);
    expect(lines).toEqual([expect.stringMatching(/^hookcell: crash before_hook failed: ERR_TRAP /)]);
  });

  test('rejects as that of any other call', async () => {
    await refusal(call('missing'), 'ERR_NOT_LOADED');
    await refusal(runtime.callHook('crash', 'on_delete', context), 'ERR_NO_HOOK');
    await refusal(runtime.callHook('crash', 'before_hook', { input: JSON.parse('{"__proto__":1}') }), 'ERR_CONTEXT');
    await refusal(call('crash', {}, long(2_000_000)), 'ERR_LIMIT');
    const closing = runtime.close();
    await refusal(runtime.callHook('pass_through', 'before_hook', context), 'ERR_CLOSED');
    await closing;
  });

  test('rejects with the reason of a signal that has aborted, and not of one that aborts when the call has ended', async () => {
    const controller = new AbortController();
    const ended = runtime.callHook('pass_through', 'before_hook', context, { signal: controller.signal });
    controller.abort('enough');

    expect(await ended).toMatchObject({ ok: true, usage: { where: 'inline' } });
    await expect(call('pass_through', { signal: controller.signal })).rejects.toBe('enough');
  });
});

describe('the queue', () => {
  test('has no part in a call that runs inline, and refuses one that needs the pool', async () => {
    await using busy = await makeRuntime({ inlineFuel: 10_000, concurrency: 1, maxQueue: 0, timeoutMs: 60_000 });
    await busy.loadPluginBytes('endless', await fixture('endless_hook'), { maxFuel: Number.MAX_SAFE_INTEGER });
    const release = occupy(busy);
    await nextTurn();

    expect(await busy.callHook('pass_through', 'before_hook', context)).toMatchObject({ usage: { where: 'inline' } });
    await refusal(busy.callHook('spends_fuel', 'before_hook', long(5_000)), 'ERR_QUEUE_FULL');
    expect(busy.running).toBe(1);
    release();
  });

  test('is passed by a call that runs inline', async () => {
    await using busy = await makeRuntime({ inlineFuel: 10_000, concurrency: 1, timeoutMs: 60_000 });
    await busy.loadPluginBytes('endless', await fixture('endless_hook'), { maxFuel: Number.MAX_SAFE_INTEGER });
    const release = occupy(busy);
    const order: string[] = [];
    const first = busy.callHook('modifier', 'before_hook', context, { inlineFuel: 0 }).then(() => order.push('first'));
    await nextTurn();
    await busy.callHook('modifier', 'before_hook', context).then(() => order.push('second'));
    release();
    await first;

    expect(order).toEqual(['second', 'first']);
  });
});

describe('the event loop', () => {
  test('runs a part of many calls inline in one turn, and the pool runs the rest', async () => {
    await using many = await makeRuntime({ inlineFuel: 10_000, maxQueue: 10_000, queueTimeoutMs: 60_000 });
    await nextTurn();
    const results = await Promise.all(
      Array.from({ length: 5_000 }, () => many.callHook('modifier', 'before_hook', context)),
    );
    const inline = results.findIndex(({ usage }) => usage.where === 'pool');

    expect(inline).toBeGreaterThan(0);
    expect(results.filter(({ usage }) => usage.where === 'inline').length).toBeLessThan(2_500);
    const { usage, ...first } = results[0]!;
    expect(results.every(({ usage: _, ...result }) => JSON.stringify(result) === JSON.stringify(first))).toBe(true);
    await nextTurn();
    expect((await many.callHook('modifier', 'before_hook', context)).usage.where).toBe('inline');
    expect(usage.where).toBe('inline');
  });

  test('turns while one call follows the other', async () => {
    const turn = { hasEnded: false };
    setImmediate(() => {
      turn.hasEnded = true;
    });
    let calls = 0;
    while (!turn.hasEnded) {
      await runtime.callHook('pass_through', 'before_hook', context);
      calls += 1;
    }

    expect(calls).toBeLessThan(5_000);
  });
});

describe('a plugin that often needs more', () => {
  const large = long(5_000);
  const small = long(1);

  async function isSoonInline(mostCalls: number): Promise<number> {
    for (let calls = 0; calls <= mostCalls; calls += 1) {
      if ((await call('spends_fuel', {}, small)).usage.where === 'inline') {
        return calls;
      }
    }
    return Number.POSITIVE_INFINITY;
  }

  test('is not tried for a while, and then again, and stays inline as long as it needs little', async () => {
    for (let calls = 0; calls < 70; calls += 1) {
      expect((await call('spends_fuel', {}, large)).usage.where).toBe('pool');
    }
    expect((await call('spends_fuel', {}, small)).usage.where).toBe('pool');

    expect(await isSoonInline(1_023)).toBeLessThanOrEqual(1_023);
    for (let calls = 0; calls < 10; calls += 1) {
      expect((await call('spends_fuel', {}, small)).usage.where).toBe('inline');
    }
  });

  test('is tried at once after a reload', async () => {
    for (let calls = 0; calls < 70; calls += 1) {
      await call('spends_fuel', {}, large);
    }
    await runtime.reloadPlugin('spends_fuel', await fixture('spends_fuel'));

    expect((await call('spends_fuel', {}, small)).usage.where).toBe('inline');
  });

  test('is not one that needs more in one of twenty calls', async () => {
    let onPool = 0;
    for (let round = 0; round < 20; round += 1) {
      await call('spends_fuel', {}, large);
      for (let calls = 0; calls < 19; calls += 1) {
        onPool += (await call('spends_fuel', {}, small)).usage.where === 'pool' ? 1 : 0;
      }
    }

    // On a busy machine a brief run may take long.
    expect(onPool).toBeLessThan(20);
  });
});
