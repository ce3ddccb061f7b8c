// `inlineFuel`: a brief call runs on the event loop's own thread, and any other on the pool with the same result.

import { setImmediate as nextTurn } from 'node:timers/promises';

import type { CallOptions, PluginResult, WasmRuntime } from 'hookcell';

import { answering, fixture, packed, plugin } from '../support/wat';
import { callOn, context, long, makeRuntime, MOST } from './runtime';

let runtime: WasmRuntime;

beforeEach(async () => {
  runtime = await makeRuntime();
});

afterEach(() => runtime.close({ interrupt: true }));

const call = (name: string, options?: CallOptions, given?: object) => callOn(runtime, name, options, given);

describe('a call runs', () => {
  test('on the pool by default', async () => {
    const plain = await makeRuntime({ inlineFuel: 0 });

    expect((await plain.callHook('pass_through', 'before_hook', context)).usage.where).toBe('pool');
    expect((await plain.callChain(['modifier'], 'before_hook', context)).usage.where).toBe('pool');
    expect(plain.callHookSync('pass_through', 'before_hook', context).usage.where).toBe('inline');
    await plain.close();
  });

  test('inline if the runtime, the load or the call asks for it; the most specific one decides', async () => {
    expect((await call('pass_through')).usage.where).toBe('inline');
    expect((await call('pass_through', { inlineFuel: 0 })).usage.where).toBe('pool');
    await runtime.loadPluginBytes('never', await fixture('pass_through'), { inlineFuel: 0 });
    expect((await call('never')).usage.where).toBe('pool');
    expect((await call('never', { inlineFuel: MOST })).usage.where).toBe('inline');
  });

  test('inline with its usage, and without waiting', async () => {
    const { usage } = await call('pass_through');

    expect(usage).toEqual({
      fuel: expect.any(Number),
      memoryBytes: 65_536,
      queueMs: 0,
      runMs: expect.any(Number),
      where: 'inline',
    });
    expect(usage.runMs).toBeGreaterThan(0);
  });

  test('inline with exactly its fuel, and on the pool from the start with one unit less', async () => {
    const { fuel } = (await call('spends_fuel', { inlineFuel: 0 })).usage;

    expect((await call('spends_fuel', { inlineFuel: fuel! })).usage).toMatchObject({ where: 'inline', fuel });
    expect((await call('spends_fuel', { inlineFuel: fuel! - 1 })).usage).toMatchObject({ where: 'pool', fuel });
  });

  test('on the pool under its full limits if it needs more', async () => {
    const result = await call('spends_fuel', { inlineFuel: 1_000 }, long(2_000));

    expect(result).toMatchObject({ ok: true, usage: { where: 'pool' } });
    expect(result.usage.fuel).toBeGreaterThan(10_000);
    await runtime.loadPluginBytes('endless', await fixture('endless_hook'), { maxFuel: Number.MAX_SAFE_INTEGER });
    expect(await call('endless', { timeoutMs: 20 })).toMatchObject({
      fault: { code: 'ERR_TIMEOUT' },
      usage: { where: 'pool' },
    });
  });

  test('inline to its end if its own fuel is no more than that', async () => {
    await runtime.loadPluginBytes('endless', await fixture('endless_hook'), { maxFuel: 10_000 });

    expect(await call('endless')).toMatchObject({
      fault: { code: 'ERR_FUEL' },
      usage: { where: 'inline', fuel: 10_000 },
    });
    expect((await call('endless', { inlineFuel: 9_999 })).usage).toMatchObject({ where: 'pool', fuel: 10_000 });
  });

  test('on the pool if its context is longer than 16 KiB', async () => {
    const pick = { inlineFuel: MOST };

    expect((await call('pass_through', pick, long(16_000))).usage.where).toBe('inline');
    expect((await call('pass_through', pick, long(17_000))).usage.where).toBe('pool');
    expect((await call('pass_through', pick)).usage.where).toBe('inline');
  });

  test.each([
    ['longer than 16 KiB', { text: 'x'.repeat(16_384) }],
    ['slow to read', { list: Array.from({ length: 5_000 }, () => ({})) }],
  ])('on the pool if its result is %s', async (_, input) => {
    await runtime.loadPluginBytes('answer', await answering(JSON.stringify({ ok: true, ctx: { input } })));

    expect(await call('answer')).toMatchObject({ ok: true, ctx: { input }, usage: { where: 'pool' } });
  });

  test('inline with a result of 15 KiB that is quick to read', async () => {
    const input = { rows: Array.from({ length: 300 }, (_, id) => ({ id, name: 'Ada Lovelace', price: 19.95 })) };
    await runtime.loadPluginBytes('answer', await answering(JSON.stringify({ ok: true, ctx: { input } })));

    expect(await call('answer')).toMatchObject({ ok: true, ctx: { input }, usage: { where: 'inline' } });
  });

  test.each([
    ['has more than 2 MiB of memory', { memory: '(memory (export "memory") 33)' }],
    ['grows beyond 2 MiB', { hook: '(drop (memory.grow (i32.const 32))) (i64.const 0)' }],
    ['grows often', { hook: `${'(drop (memory.grow (i32.const 1)))'.repeat(20)} (i64.const 0)` }],
    ['has a large table', { definitions: '(table 10001 funcref)' }],
    [
      'has a long function without a loop',
      { hook: `${'(drop (i32.load (i32.const 0)))'.repeat(18_000)} (i64.const 0)` },
    ],
  ])('on the pool if its plugin %s', async (_, parts) => {
    await runtime.loadPluginBytes('large', await plugin(parts), { maxTableElements: 20_000 });

    expect(await call('large')).toMatchObject({ ok: true, usage: { where: 'pool' } });
  });

  test('inline although its plugin asks for more than its limit allows, and is refused', async () => {
    const grows = { hook: '(drop (memory.grow (i32.const 1000))) (i64.const 0)' };
    await runtime.loadPluginBytes('refused', await plugin(grows));

    expect(await call('refused')).toMatchObject({ ok: true, usage: { where: 'inline', memoryBytes: 65_536 } });
  });

  test('on the pool if a run takes a millisecond, whatever its fuel', async () => {
    // `ref.func` calls the host, and costs one unit.
    const slow = `(local $i i32) (loop $again (drop (ref.func $before_hook))
      ${'(drop (ref.func $before_hook))'.repeat(200)} (br $again)) (i64.const 0)`;
    await runtime.loadPluginBytes(
      'slow',
      await plugin({ hook: slow, definitions: '(elem declare func $before_hook)' }),
    );
    const start = performance.now();

    const promise = runtime.callHook('slow', 'before_hook', context, { inlineFuel: MOST, maxFuel: MOST });
    const held = performance.now() - start;

    expect(held).toBeLessThan(50);
    expect((await promise).fault?.code).toBe('ERR_FUEL');
  });
});

test('a call deep in a recursion runs where there is room for it', async () => {
  const where = new Set<string>();
  const ending = async (promise: Promise<PluginResult>) => where.add((await promise).usage.where);
  const deeper = (depth: number): Promise<unknown> =>
    depth === 0 ? ending(runtime.callHook('pass_through', 'before_hook', context)) : deeper(depth - 1);
  for (let depth = 1; depth < 1_000_000; depth *= 1.3) {
    await nextTurn();
    try {
      await deeper(Math.floor(depth));
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      break;
    }
  }

  expect(where).toContain('inline');
});

test('callHookSync has no option inlineFuel, because it always runs inline', () => {
  const options = { inlineFuel: 5 } as object;

  expect(() => runtime.callHookSync('modifier', 'before_hook', context, options)).toThrow(
    new TypeError(
      "unknown option 'inlineFuel'; the options here are requestId, config, now, seed, maxMemoryPages, maxFuel, timeoutMs",
    ),
  );
});

test('an empty result needs no fuel for its length', async () => {
  await runtime.loadPluginBytes('empty', await plugin({ hook: packed(0, 0) }));

  expect(await call('empty')).toMatchObject({ ok: true, usage: { where: 'inline' } });
});
