// `preInitialize`: the start-up of a plugin runs once at load instead of on every call.

import { WasmRuntime } from 'hookcell';
import type { LoadOptions, SandboxConfig } from 'hookcell';

import { fixture, packed, plugin } from '../support/wat';

const context = { input: {} };

/** Counts in its start section and in its hook, and returns the count. */
const counts = () =>
  plugin({
    definitions: `
      (global $count (mut i32) (i32.const 48))
      (data (i32.const 2048) "{\\"ok\\":true,\\"ctx\\":{\\"data\\":0}}")
      (func $up (global.set $count (i32.add (global.get $count) (i32.const 1))))
      (start $up)`,
    hook: `(call $up) (i32.store8 (i32.const 2073) (global.get $count)) ${packed(2_048, 28)}`,
  });

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

test.each<[string, LoadOptions | undefined, boolean]>([
  ['left out', undefined, true],
  ['true', { preInitialize: true }, true],
  ['false', { preInitialize: false }, false],
  ['left out, in a compiler process', { isolate: true }, true],
])('with the option %s, each call starts from the same state', async (_, options, preInitialized) => {
  const info = await runtime.loadPluginBytes('counts', await counts(), options);

  expect(info).toMatchObject({ preInitialized, hooks: ['before_hook'], memory: { minPages: 1 } });
  expect(runtime.plugins()).toEqual([info]);
  for (let call = 0; call < 3; call += 1) {
    expect(await runtime.callHook('counts', 'before_hook', context)).toMatchObject({ ok: true, ctx: { data: 2 } });
  }
});

test('a plugin without a start section is not pre-initialized', async () => {
  const info = await runtime.loadPluginBytes('pass-through', await fixture('pass_through'));

  expect(info.preInitialized).toBe(false);
});

test('a plugin whose start traps is loaded, and faults in each call', async () => {
  const info = await runtime.loadPluginBytes('crash', await fixture('crash_in_start'));

  expect(info.preInitialized).toBe(false);
  expect(await runtime.callHook('crash', 'before_hook', context)).toMatchObject({ fault: { code: 'ERR_TRAP' } });
});

test('the option of a runtime is the default for its loads', async () => {
  await using without = new WasmRuntime({ preInitialize: false });
  const bytes = await counts();

  expect(await without.loadPluginBytes('counts', bytes)).toMatchObject({ preInitialized: false });
  expect(await without.loadPluginBytes('counts', bytes, { preInitialize: true })).toMatchObject({
    preInitialized: true,
  });
});

test.each([
  ['no', 'a string'],
  [null, 'null'],
  [1, 'a number'],
])('%p is a TypeError', async (value, shown) => {
  const options: unknown = { preInitialize: value };
  const message = `preInitialize must be true or false, got ${shown}`;

  const loading = runtime.loadPluginBytes('counts', await counts(), options as LoadOptions);
  await expect(loading).rejects.toThrow(new TypeError(message));
  expect(() => new WasmRuntime(options as SandboxConfig)).toThrow(new TypeError(message));
});
