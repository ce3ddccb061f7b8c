// Loads take turns, can be canceled, and share the result of one module.

import { WasmRuntime } from 'hookcell';
import type { LoadOptions } from 'hookcell';

import { nestedLoops } from '../support/compile-bomb';
import { refusal } from '../support/refusal';
import { fixture } from '../support/wat';

/** Limits that let a bomb pass which takes far longer than any test waits. */
const wide = { maxLoopNesting: 4_000, maxCompileWork: Number.MAX_SAFE_INTEGER };
/** Nested loops that take a second or two to compile in this process. */
const SLOW_LOOPS = 1_000;
/** The most time for a load that waits for no bomb, on a busy machine. */
const PROMPTLY_MS = 5_000;

let bomb: Buffer;
let small: Uint8Array;
let runtime: WasmRuntime;

beforeAll(async () => {
  bomb = await nestedLoops(4_000);
  small = await fixture('pass_through');
});

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close({ interrupt: true }));

/** Loads this many different bombs, and returns their results. */
function loadBombs(count: number, options: LoadOptions): Promise<unknown>[] {
  return Array.from({ length: count }, async (_, number) => {
    // A custom section makes it a different module.
    const other = Buffer.concat([bomb, Buffer.from([0, 3, 1, 0x78, number])]);
    return await runtime.loadPluginBytes(`bomb ${number}`, other, { ...wide, ...options }).catch((error) => error);
  });
}

async function timed(load: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await load();
  return performance.now() - start;
}

test('compile bombs of one runtime delay neither the loads of another nor a close that interrupts', async () => {
  const bombs = loadBombs(8, { isolate: { timeoutMs: 60_000 } });
  await using other = new WasmRuntime({ logger: false });

  const isolated = await timed(() => other.loadPluginBytes('isolated', small, { isolate: true }));
  const own = await timed(() => other.loadPluginBytes('own', small, { isolate: false }));
  const closing = await timed(() => runtime.close({ interrupt: true }));

  expect(Math.max(isolated, own, closing)).toBeLessThan(PROMPTLY_MS);
  expect(await Promise.all(bombs)).toEqual(
    Array.from({ length: 8 }, () => expect.objectContaining({ code: 'ERR_CLOSED' })),
  );
}, 30_000);

test('two compile bombs do not delay the next load of their own runtime', async () => {
  void loadBombs(2, { isolate: { timeoutMs: 60_000 } });

  expect(await timed(() => runtime.loadPluginBytes('small', small, { isolate: true }))).toBeLessThan(PROMPTLY_MS);
}, 30_000);

test('loads of the same bytes at once compile once and share a refusal', async () => {
  const options = { ...wide, isolate: { timeoutMs: 1_500 } };
  const start = performance.now();

  const errors = await Promise.all(
    Array.from({ length: 8 }, (_, number) =>
      refusal(runtime.loadPluginBytes(`bomb ${number}`, bomb, options), 'ERR_LIMIT'),
    ),
  );

  expect(performance.now() - start).toBeLessThan(2 * 1_500);
  expect(errors.map(({ limit }) => limit)).toEqual(Array.from({ length: 8 }, () => 'isolate.timeoutMs'));
  expect(errors[7]!.message).toContain('"bomb 7"');
}, 30_000);

describe('a signal', () => {
  test('cancels a load in a child process at once, with its reason', async () => {
    const abort = new AbortController();
    const loading = runtime.loadPluginBytes('bomb', bomb, { ...wide, isolate: true, signal: abort.signal });
    const reason = new Error('no more');

    const waited = timed(() => expect(loading).rejects.toBe(reason));
    abort.abort(reason);

    expect(await waited).toBeLessThan(PROMPTLY_MS);
    expect(runtime.isLoaded('bomb')).toBe(false);
  });

  test('cancels a load that compiles in this process, which continues without effect', async () => {
    const slow = await nestedLoops(SLOW_LOOPS);
    const signal = AbortSignal.timeout(20);

    const error: unknown = await runtime
      .loadPluginBytes('slow', slow, { ...wide, isolate: false, signal })
      .catch((reason) => reason);

    expect(error).toBe(signal.reason);
    await runtime.loadPluginBytes('other', slow, { ...wide, isolate: false });
    expect(runtime.plugins().map(({ key }) => key)).toEqual(['other']);
  });

  test('that cancels loads early, whose threads go on compiling, leaves room for the next load', async () => {
    const slow = await nestedLoops(SLOW_LOOPS);
    const signal = AbortSignal.timeout(20);
    const slowLoads = [0, 1].map(async (number) => {
      const other = Buffer.concat([slow, Buffer.from([0, 3, 1, 0x78, number])]);
      return await runtime
        .loadPluginBytes(`slow ${number}`, other, { ...wide, isolate: false, signal })
        .catch((reason) => reason);
    });
    expect(await Promise.all(slowLoads)).toEqual([signal.reason, signal.reason]);

    const { loadedInMs } = await runtime.loadPluginBytes('small', small, { isolate: false });
    const again = runtime.loadPluginBytes('slow', slow, { ...wide, isolate: false });
    const first = await Promise.race([
      again.then(() => 'slow'),
      runtime.loadPluginBytes('next', small).then(() => 'next'),
    ]);

    expect(first).toBe('next');
    expect(loadedInMs).toBeGreaterThan(0);
    await again;
  });

  test('cancels a waiting load', async () => {
    void loadBombs(4, { isolate: { timeoutMs: 60_000 } });
    const abort = new AbortController();
    const loading = runtime.loadPluginBytes('small', small, { signal: abort.signal });
    abort.abort();

    await expect(loading).rejects.toBe(abort.signal.reason);
    expect(runtime.isLoaded('small')).toBe(false);
  });

  test('that is already aborted loads nothing', async () => {
    const signal = AbortSignal.abort();

    await expect(runtime.loadPluginBytes('small', small, { signal })).rejects.toBe(signal.reason);
    await expect(runtime.loadPlugin('nobody.wasm', { signal })).rejects.toBe(signal.reason);
    await expect(runtime.reloadPlugin('nobody.wasm', { signal })).rejects.toBe(signal.reason);
  });

  test('that aborts after the load changes nothing', async () => {
    const abort = new AbortController();
    await runtime.loadPluginBytes('small', small, { signal: abort.signal });
    abort.abort();

    expect(runtime.isLoaded('small')).toBe(true);
  });

  test('of another kind is a TypeError', async () => {
    const load = runtime.loadPluginBytes('small', small, { signal: 7 as never });

    await expect(load).rejects.toThrow(new TypeError('signal must be an AbortSignal, got a number'));
  });
});
