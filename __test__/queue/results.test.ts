// Results that wait until the event loop has time for them.

import type { WasmRuntime } from 'hookcell';
import { pluginAnswering } from 'hookcell/testing';

import { makeRuntime } from '../support/busy';

const context = { input: {} };

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
