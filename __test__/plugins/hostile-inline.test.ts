// Every hostile guest ends inline as it does on the pool.

import { setImmediate as nextTurn } from 'node:timers/promises';

import { WasmRuntime } from 'hookcell';

import { expand, hostileCases, hostileModule } from './hostile-cases';
import type { HostileCase } from './hostile-cases';

const MOST = 100_000;

/** The most time that a call may hold the event loop, in milliseconds; ample for a busy machine. */
const HOLD_MS = 100;

jest.setTimeout(120_000);

let runtime: WasmRuntime;
let held: number[];

beforeAll(() => {
  held = [];
  runtime = new WasmRuntime({ logger: false });
});

afterAll(() => runtime.close());

const callable = hostileCases.filter(({ expect: { refused } }) => refused === undefined);

test.each(callable.map((row) => [row.name, row] as const))('%s', async (_, row) => {
  await runtime.loadPluginBytes(row.name, await hostileModule(row), { ...row.limits, isolate: false });
  const there = await end(row, 0);
  const here = await end(row, MOST);
  await runtime.unloadPlugin(row.name);

  expect(here).toEqual(there);
});

test('none holds the event loop for long', () => {
  expect(held.length).toBeGreaterThan(50);
  expect(Math.max(...held)).toBeLessThan(HOLD_MS);
});

/** How a call ends, apart from where it ran and how long it took. */
async function end({ name, hook = 'before_hook', input = {} }: HostileCase, inlineFuel: number): Promise<unknown> {
  await nextTurn();
  const start = performance.now();
  const promise = runtime.callHook(name, expand(hook), { input }, { inlineFuel });
  if (inlineFuel > 0) {
    held.push(performance.now() - start);
  }
  try {
    const { usage, ...result } = await promise;
    if (result.fault?.code === 'ERR_TIMEOUT') {
      // How far it came depends on the time.
      return { code: result.fault.code, message: result.fault.message };
    }
    return { result, fuel: usage.fuel, memoryBytes: usage.memoryBytes };
  } catch (error) {
    return { error };
  }
}
