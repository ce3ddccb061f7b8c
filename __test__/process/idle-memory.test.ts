// `maxIdleMemoryBytes`: what the cells of the process keep between calls.

import { setTimeout as sleep } from 'node:timers/promises';

import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';

import { idleMemoryBytes } from '../../native/index.js';
import { compile } from '../support/wat';

const megabyte = 1_048_576;

/** Writes to a megabyte. */
const writer = `(module
  (memory (export "memory") 32)
  (func (export "alloc") (param i32) (result i32) (i32.const 8))
  (func (export "dealloc") (param i32 i32))
  (func (export "before_hook") (param i32 i32) (result i64)
    (memory.fill (i32.const 65536) (i32.const 1) (i32.const ${megabyte}))
    (i64.const 0)))`;

async function keptAfterCalls(config: SandboxConfig): Promise<number | null> {
  const runtime = new WasmRuntime({ ...config, maxFuel: Number.MAX_SAFE_INTEGER });
  await runtime.loadPluginBytes('writer', await compile(writer));
  for (let call = 0; call < 40; call++) {
    expect(runtime.callHookSync('writer', 'before_hook', { input: {} })).toMatchObject({ ok: true });
  }
  const kept = idleMemoryBytes();
  await runtime.close();
  return kept;
}

// Other test files ran in this process before, and their cells keep pages until they have been idle for a second.
beforeAll(async () => {
  while ((idleMemoryBytes() ?? 0) > 0) {
    await sleep(50);
  }
}, 30_000);

test('cells keep what a plugin writes to in every call, and nothing with 0; the last runtime that sets it decides', async () => {
  const kept = await keptAfterCalls({ maxIdleMemoryBytes: 0 });
  if (kept === null) {
    console.warn('SKIPPED: this machine cannot tell which memory a call wrote to');
    return;
  }

  expect(kept).toBe(0);
  expect(await keptAfterCalls({})).toBe(0);
  expect(await keptAfterCalls({ maxIdleMemoryBytes: 67_108_864 })).toBeGreaterThanOrEqual(megabyte);
});

test.each([
  [-1, RangeError, 'maxIdleMemoryBytes must be a whole number from 0 to 9007199254740991, got -1'],
  [1.5, RangeError, 'maxIdleMemoryBytes must be a whole number from 0 to 9007199254740991, got 1.5'],
  ['64', TypeError, 'maxIdleMemoryBytes must be a whole number from 0 to 9007199254740991, got the string "64"'],
])('the value %j is refused by the option’s name', (maxIdleMemoryBytes, type, message) => {
  const make = () => new WasmRuntime({ maxIdleMemoryBytes } as SandboxConfig);

  expect(make).toThrow(type);
  expect(make).toThrow(message);
});
