// The seven scenarios that tested the original runtime, on the package as a user imports it.

import { WasmRuntime } from 'hookcell';

import { refusal } from '../support/refusal';
import { fixture } from '../support/wat';

const context = { input: { email: ' Ada@Example.com ' } };

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

test('pass-through: a plugin that changes nothing returns the context', async () => {
  await runtime.loadPluginBytes('pass-through', await fixture('pass_through'));

  const result = await runtime.callHook('pass-through', 'before_hook', context);

  expect(result).toMatchObject({
    ok: true,
    ctx: { input: { email: ' Ada@Example.com ' }, data: null, user: null, headers: {}, tenant_id: null },
  });
});

test('modifier: the changes of a plugin are in the returned context', async () => {
  await runtime.loadPluginBytes('modifier', await fixture('modifier'));

  const result = await runtime.callHook('modifier', 'before_hook', context);

  expect(result).toMatchObject({ ok: true, ctx: { input: { email: 'ada@example.com' } } });
});

test('crash: a plugin that traps is a fault, and the next call is served', async () => {
  await runtime.loadPluginBytes('crash', await fixture('crash'));
  await runtime.loadPluginBytes('pass-through', await fixture('pass_through'));

  const result = await runtime.callHook('crash', 'before_hook', context);

  expect(result).toMatchObject({
    ok: false,
    error: expect.stringMatching(/^WASM plugin trapped: .*unreachable/),
    fault: { code: 'ERR_TRAP', backtrace: [expect.stringMatching(/^fail /), expect.stringMatching(/^before_hook /)] },
  });
  expect(await runtime.callHook('pass-through', 'before_hook', context)).toMatchObject({ ok: true });
});

test('plugin error: a rejection is not a fault', async () => {
  await runtime.loadPluginBytes('plugin-error', await fixture('plugin_error'));

  const result = await runtime.callHook('plugin-error', 'before_hook', context);

  expect(result).toMatchObject({
    ok: false,
    error: 'the e-mail address is not valid',
    details: [{ field: 'email' }],
  });
  expect(result.fault).toBeUndefined();
});

test('not loaded: a call of a plugin that is not loaded is refused with its name', async () => {
  const error = await refusal(runtime.callHook('nobody.wasm', 'before_hook', context), 'ERR_NOT_LOADED');

  expect(error.message).toContain('nobody.wasm');
});

test('fuel of 1: it is not enough for any plugin', async () => {
  const frugal = new WasmRuntime({ maxFuel: 1, logger: false });
  await frugal.loadPluginBytes('pass-through', await fixture('pass_through'));

  const result = await frugal.callHook('pass-through', 'before_hook', context);

  expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_FUEL' } });
  await frugal.close();
});

test('no WASI: a plugin that imports it is refused at load with the names of its imports', async () => {
  const error = await refusal(runtime.loadPluginBytes('wasi', await fixture('wasi')), 'ERR_IMPORT');

  expect(error.message).toContain('wasi_snapshot_preview1');
  expect(error.message).toContain('fd_write');
  expect(error.message).toContain('abort');
  expect(runtime.isLoaded('wasi')).toBe(false);
});
