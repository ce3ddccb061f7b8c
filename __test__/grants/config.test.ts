// The option `config`: what reaches the plugin, what `validate_config` decides, and what a secret reaches.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { HookcellError, WasmRuntime } from 'hookcell';
import type { JsonValue, PluginResult } from 'hookcell';

import { answering, fixture, plugin } from '../support/wat';
import { errorOf } from '../support/refusal';

const SECRET = 'a "quoted" secret of the server';

let runtime: WasmRuntime;
let lines: string[];

beforeAll(() => {
  process.env['HOOKCELL_TEST_TOKEN'] = SECRET;
});

beforeEach(async () => {
  lines = [];
  runtime = new WasmRuntime({ logger: { warn: (line) => lines.push(line) } });
  await runtime.loadPluginBytes('plain', await fixture('report_context'), { isolate: false });
});

afterEach(() => runtime.close());

/** Loads a plugin that shows its context as `data`. */
const load = async (name: string, options: { config?: JsonValue; maxConfigBytes?: number }) =>
  await runtime.loadPluginBytes(name, await fixture('report_context'), { isolate: false, ...options });

const seen = async (name: string, options = {}) =>
  dataOf(await runtime.callHook(name, 'after_hook', { input: {} }, options));

/** The context that a plugin showed as its data. */
const dataOf = (result: PluginResult): any => (result.ok ? result.ctx.data : result);

/** A plugin that accepts a configuration only if its context is shorter than this. */
const validating = (length: number) => {
  const no = '{"ok":false,"error":"too many rules","details":[{"path":"rules"}]}';
  return plugin({
    definitions: `(data (i32.const 60000) "${no.replaceAll('"', String.raw`\"`)}")
      (func (export "validate_config") (param $pointer i32) (param $length i32) (result i64)
        (if (result i64) (i32.lt_u (local.get $length) (i32.const ${length}))
          (then (i64.const 0))
          (else (i64.or (i64.shl (i64.const 60000) (i64.const 32)) (i64.const ${no.length})))))`,
  });
};

describe('the context', () => {
  test('has no config, now or seed unless they are set', async () => {
    expect(Object.keys(await seen('plain'))).toEqual(['input', 'data', 'user', 'headers', 'tenant_id']);
  });

  test('has the config of the load, and that of the call instead if there is one', async () => {
    await load('configured', { config: { rules: [1, null, 'ä'] } });
    expect((await seen('configured')).config).toEqual({ rules: [1, null, 'ä'] });
    expect((await seen('configured', { config: null })).config).toBeNull();
    expect((await seen('plain', { config: 7 })).config).toBe(7);
  });

  test('has the config in a blocking call and in an inline call', async () => {
    await load('configured', { config: [1] });
    const result = runtime.callHookSync('configured', 'after_hook', { input: {} });
    expect(dataOf(result).config).toEqual([1]);
    const inline = await runtime.callHook('configured', 'after_hook', { input: {} }, { inlineFuel: 100_000 });
    expect(dataOf(inline).config).toEqual([1]);
    expect(inline.usage.where).toBe('inline');
  });

  test('is refused if the caller writes a config into it', async () => {
    const error = await errorOf(runtime.callHook('plain', 'before_hook', { input: {}, config: 1 } as never));
    expect(error).toMatchObject({ code: 'ERR_CONTEXT' });
    expect(error.message).toContain('an option of the call or the load');
  });
});

describe('a chain', () => {
  test('gives each plugin its own config, whatever the plugins before it changed', async () => {
    await load('one', { config: 'of one' });
    await load('two', { config: 'of two' });
    const chain = ['one', 'plain', 'two', { plugin: 'plain', config: 'of the call' }];
    const result = await runtime.callChain<any, any>(chain, 'before_hook', { input: {} });
    const last = result.ctx.input.seen;
    expect(last.config).toBe('of the call');
    const two = last.input.seen;
    expect(two.config).toBe('of two');
    const plain = two.input.seen;
    expect(plain).not.toHaveProperty('config');
    expect(plain.input.seen.config).toBe('of one');
  });

  test('takes no config for all of its plugins', async () => {
    const error = await errorOf(runtime.callChain(['plain'], 'before_hook', { input: {} }, { config: 1 }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain('give it in the chain');
  });
});

describe('a plugin cannot change its config', () => {
  test('through the context that it returns', async () => {
    const bytes = await answering('{"ok":true,"ctx":{"config":"mine","now":0,"input":{"a":1}}}');
    await runtime.loadPluginBytes('liar', bytes, { isolate: false, config: 'ours' });
    const result = await runtime.callChain<any, any>(['liar', 'plain'], 'before_hook', { input: {} });
    const context = { input: { a: 1 }, data: null, user: null, headers: {}, tenant_id: null };
    expect(result.ctx.input).toEqual({ seen: context });
  });

  test('through a patch', async () => {
    const bytes = await answering('{"ok":true,"patch":[{"op":"replace","path":"/config","value":1}]}');
    await runtime.loadPluginBytes('liar', bytes, { isolate: false, config: 'ours' });
    const result = await runtime.callHook('liar', 'before_hook', { input: {} });
    expect(result.fault?.code).toBe('ERR_RESULT');
  });
});

describe('a config', () => {
  test('that is too long is refused at load and at call, and the limit is named', async () => {
    const tooLong = { code: 'ERR_LIMIT', limit: 'maxConfigBytes' };
    expect(await errorOf(load('long', { config: 'x'.repeat(70_000) }))).toMatchObject(tooLong);
    expect(runtime.isLoaded('long')).toBe(false);
    expect(await errorOf(seen('plain', { config: 'x'.repeat(70_000) }))).toMatchObject(tooLong);
    await load('long', { config: 'x'.repeat(70_000), maxConfigBytes: 80_000 });
    expect((await seen('long')).config).toHaveLength(70_000);
  });

  test.each([
    ['a function', () => 1, 'must be JSON'],
    ['a number that JSON cannot hold', { a: [Infinity] }, 'config.a[0] is not a finite number'],
    ['a __proto__ key', JSON.parse('{"a":{"__proto__":1}}'), 'config.a has a key "__proto__"'],
    ['deep nesting', JSON.parse('['.repeat(200) + ']'.repeat(200)), 'more than 128 levels'],
  ])('that is %s is a TypeError', async (_, config, message) => {
    const error = await errorOf(load('odd', { config: config as JsonValue }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(message);
  });

  test('stays at a reload that does not set it, and changes with one that does', async () => {
    const bytes = await fixture('report_context');
    await load('kept', { config: 1 });
    await runtime.reloadPlugin('kept', bytes, { isolate: false });
    expect((await seen('kept')).config).toBe(1);
    await runtime.reloadPlugin('kept', bytes, { isolate: false, config: 2 });
    expect((await seen('kept')).config).toBe(2);
    await load('kept', {});
    expect(await seen('kept')).not.toHaveProperty('config');
  });
});

describe('validate_config', () => {
  test('refuses a load with the reasons of the plugin, and the plugin is not loaded', async () => {
    const config = { rules: 'x'.repeat(200) };
    const error = await errorOf(runtime.loadPluginBytes('strict', await validating(200), { isolate: false, config }));
    expect(error).toBeInstanceOf(HookcellError);
    expect(error).toMatchObject({ code: 'ERR_CONFIG', details: [{ path: 'rules' }] });
    expect(error.message).toContain('too many rules');
    expect(runtime.isLoaded('strict')).toBe(false);
  });

  test('refuses a reload, and the plugin keeps its code and its config', async () => {
    await load('strict', { config: 'x'.repeat(150) });
    const error = await errorOf(runtime.reloadPlugin('strict', await validating(200), { isolate: false }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG' });
    expect((await seen('strict')).config).toHaveLength(150);
  });

  test('is asked before a new config of a loaded file applies', async () => {
    await runtime.loadPluginBytes('strict', await validating(200), { isolate: false, config: 1 });
    const change = runtime.reloadPlugin('strict', await validating(200), { isolate: false, config: 'x'.repeat(200) });
    expect(await errorOf(change)).toMatchObject({ code: 'ERR_CONFIG' });
    expect(runtime.isLoaded('strict')).toBe(true);
  });

  test('that fails is told with its fault', async () => {
    const bytes = await plugin({
      definitions: '(func (export "validate_config") (param i32 i32) (result i64) unreachable)',
    });
    const error = await errorOf(runtime.loadPluginBytes('broken', bytes, { isolate: false, config: 1 }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG', fault: { code: 'ERR_TRAP' } });
  });

  test('that never returns is stopped at the deadline', async () => {
    const bytes = await plugin({
      definitions: '(func (export "validate_config") (param i32 i32) (result i64) (loop $l (br $l)) (i64.const 0))',
    });
    const loading = runtime.loadPluginBytes('endless', bytes, {
      isolate: false,
      config: 1,
      timeoutMs: 20,
      maxFuel: 2 ** 50,
    });
    expect(await errorOf(loading)).toMatchObject({ code: 'ERR_CONFIG', fault: { code: 'ERR_TIMEOUT' } });
  });

  test('is not asked by a load without a config', async () => {
    await runtime.loadPluginBytes('strict', await validating(1), { isolate: false });
    expect(runtime.isLoaded('strict')).toBe(true);
  });

  test('answers validateConfig for a config that is not in use yet', async () => {
    await runtime.loadPluginBytes('strict', await validating(200), { isolate: false });
    expect(await runtime.validateConfig('strict', { a: 1 })).toBe(true);
    expect(await runtime.validateConfig('plain', { a: 1 })).toBe(false);
    const error = await errorOf(runtime.validateConfig('strict', 'x'.repeat(200)));
    expect(error).toMatchObject({ code: 'ERR_CONFIG', details: [{ path: 'rules' }] });
    expect(error.message).toContain('too many rules');
  });
});

describe('a secret', () => {
  const config = { api: { token: { env: 'HOOKCELL_TEST_TOKEN' }, list: [{ env: 'HOOKCELL_TEST_TOKEN' }] } };

  test('reaches the plugin instead of its reference', async () => {
    await load('secret', { config });
    expect((await seen('secret')).config).toEqual({ api: { token: SECRET, list: [SECRET] } });
    expect(config.api.token).toEqual({ env: 'HOOKCELL_TEST_TOKEN' });
  });

  test('that is not set is refused with the path of its reference', async () => {
    const error = await errorOf(load('secret', { config: { a: [{ env: 'HOOKCELL_TEST_MISSING' }] } }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG', path: 'config.a[0]' });
    expect(error.message).toContain("'HOOKCELL_TEST_MISSING', which is not set");
  });

  test('is in no recording and no log line, even if the plugin repeats it', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'hookcell-secret-'));
    const recorder = new WasmRuntime({ logger: { warn: (line) => lines.push(line) }, record: { dir, when: 'all' } });
    await recorder.loadPluginBytes('teller', await fixture('report_context'), { isolate: false, config });
    const result = await recorder.callHook('teller', 'after_hook', { input: {} });
    expect(JSON.stringify(dataOf(result))).toContain('quoted');
    const bytes = await answering(JSON.stringify({ thrown: { message: `no access with ${SECRET}`, backtrace: [] } }));
    await recorder.loadPluginBytes('thrower', bytes, { isolate: false, config });
    const thrown = await recorder.callHook('thrower', 'before_hook', { input: {} });
    expect(thrown.fault?.message).toContain('secret of the server');
    await recorder.close();
    const files = readdirSync(dir).map((name) => readFileSync(path.join(dir, name), 'utf8'));
    rmSync(dir, { recursive: true });
    expect(files).toHaveLength(2);
    for (const text of [...files, ...lines]) {
      expect(text).not.toContain('secret of the server');
    }
    expect(lines).toEqual([expect.stringContaining('{env:HOOKCELL_TEST_TOKEN}')]);
    const recordings = files.map((file) => JSON.parse(file) as { config: unknown });
    expect(recordings.map((recording) => recording.config)).toEqual([config, config]);
  });

  test('that begins with another secret is in no log line, not even its end', async () => {
    const secrets = { HOOKCELL_TEST_SHORT: 'tenant', HOOKCELL_TEST_LONG: 'tenant-4711-key' };
    Object.assign(process.env, secrets);
    const tells = await answering('{"thrown":{"message":"tenant-4711-key","backtrace":[]}}');
    // The last one that is set is looked for last.
    const token = ['HOOKCELL_TEST_SHORT', 'HOOKCELL_TEST_LONG'].map((env) => ({ env }));
    await runtime.loadPluginBytes('tells', tells, { isolate: false, config: { token } });
    await runtime.callHook('tells', 'before_hook', { input: {} });
    expect(lines).toEqual([expect.stringContaining('{env:HOOKCELL_TEST_LONG}')]);
    expect(lines[0]).not.toContain('4711');
  });
});
