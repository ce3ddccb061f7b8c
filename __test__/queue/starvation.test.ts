// Looping plugins leave threads and the event loop to the rest of the server. `bench/starvation` measures how much; the
// bounds here hold even on a busy machine, but not for a starved server.

import { scrypt } from 'node:crypto';
import type { ScryptOptions } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';

import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';

import { libuvThreads } from '../../native/index.js';
import { fixture } from '../support/wat';

const POOL = libuvThreads();
const deriveKey = promisify<string, string, number, ScryptOptions, Buffer>(scrypt);

jest.setTimeout(60_000);

let runtime: WasmRuntime;
/** The number of calls that have ended. */
let ended: number;

/** Makes many more calls than libuv's pool has threads, of a plugin that loops until its deadline. */
async function loopEverywhere(config: SandboxConfig): Promise<void> {
  runtime = new WasmRuntime({ logger: false, maxFuel: Number.MAX_SAFE_INTEGER, ...config });
  await runtime.loadPluginBytes('endless', await fixture('endless_hook'));
  ended = 0;
  const count = () => (ended += 1);
  for (let call = 0; call < POOL * 4; call += 1) {
    void runtime.callHook('endless', 'before_hook', { input: {} }).then(count, count);
  }
}

describe('while plugins loop,', () => {
  afterEach(() => runtime.close({ interrupt: true }));

  test('files are read and keys derived before the first one ends, and the event loop turns', async () => {
    await loopEverywhere({ timeoutMs: 20_000 });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();

    for (let count = 0; count < 10; count += 1) {
      await readFile(__filename);
      await deriveKey('password', 'salt', 64, { N: 1_024 });
    }

    delay.disable();
    expect(ended).toBe(0);
    expect(delay.percentile(99) / 1e6).toBeLessThan(500);
  });

  test('nothing is read if a runtime takes every thread, so the test above can fail', async () => {
    await loopEverywhere({ timeoutMs: 200, concurrency: POOL });

    await readFile(__filename);

    expect(ended).toBeGreaterThan(0);
  });
});

test('files are read while an endless stream of short calls has every thread', async () => {
  const short = { logger: false, maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 1 } as const;
  await using busy = new WasmRuntime({ ...short, concurrency: POOL });
  await busy.loadPluginBytes('endless', await fixture('endless_hook'));
  const stream = { isOver: false, answered: 0 };
  // Enough that no thread runs out of calls before the event loop submits new ones.
  const callers = Array.from({ length: POOL * 50 }, async () => {
    while (!stream.isOver) {
      await busy.callHook('endless', 'before_hook', { input: {} });
      stream.answered += 1;
    }
  });

  for (let count = 0; count < 10; count += 1) {
    await readFile(__filename);
  }

  expect(stream.answered).toBeGreaterThan(0);
  stream.isOver = true;
  await Promise.all(callers);
});

test('the event loop turns after every few calls that take microseconds', async () => {
  await using brief = new WasmRuntime();
  await brief.loadPluginBytes('brief', await fixture('pass_through'));
  const turns = () => performance.nodeTiming.uvMetricsInfo.loopCount;
  const calls = 20_000;
  let left = calls;
  const before = turns();

  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left > 0) {
        left -= 1;
        await brief.callHook('brief', 'before_hook', { input: {} });
      }
    }),
  );

  // Few turns settle more than the 16 calls in flight; the bound is half of that, for slow machines.
  expect(turns() - before).toBeGreaterThan(calls / 32);
});

test('each of many looping calls ends at its deadline, which does not include its wait', async () => {
  await using looping = new WasmRuntime({ logger: false, maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 100 });
  await looping.loadPluginBytes('endless', await fixture('endless_hook'));
  const start = performance.now();

  const calls = Array.from({ length: POOL * 4 }, async () => {
    const { fault, usage } = await looping.callHook('endless', 'before_hook', { input: {} });
    return { code: fault?.code, usage, endedAt: performance.now() - start };
  });

  for (const { code, usage, endedAt } of await Promise.all(calls)) {
    expect(code).toBe('ERR_TIMEOUT');
    expect(usage.runMs).toBeGreaterThanOrEqual(99);
    expect(usage.runMs).toBeLessThan(2_000);
    expect(endedAt - usage.queueMs - usage.runMs).toBeLessThan(2_000);
  }
});
