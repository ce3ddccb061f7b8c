// Every limit at its edge: the last value within it, and the first value beyond it.

import { WasmRuntime } from 'hookcell';
import type { CallOptions, LoadOptions } from 'hookcell';

import { refusal } from '../support/refusal';
import { answering, fixture, plugin } from '../support/wat';

const context = { input: {} };
const CONTEXT_BYTES = '{"input":{},"data":null,"user":null,"headers":{},"tenant_id":null}'.length;

const input = (letter: string) => ({ input: { a: letter.repeat(2) } });
const padded = (length: number) => `{"ok":true${' '.repeat(length - 11)}}`;
const threePages = () => plugin({ memory: '(memory (export "memory") 3)' });
const growing = (pages: number) =>
  plugin({
    hook: `(if (i32.eq (memory.grow (i32.const ${pages})) (i32.const -1)) (then (unreachable))) (i64.const 0)`,
  });
const table = (elements: number) => plugin({ definitions: `(table ${elements} funcref)` });
const growingTable = (elements: number) =>
  plugin({
    definitions: '(table $table 1 funcref)',
    hook: `(if (i32.eq (table.grow $table (ref.null func) (i32.const ${elements})) (i32.const -1))
      (then (unreachable))) (i64.const 0)`,
  });

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

async function call(bytes: Promise<Uint8Array>, load?: LoadOptions, options?: CallOptions) {
  await runtime.loadPluginBytes('plugin', await bytes, load);
  return runtime.callHook('plugin', 'before_hook', context, options);
}

describe('maxContextBytes', () => {
  test('accepts a context of exactly that many bytes', async () => {
    expect(await call(fixture('pass_through'), { maxContextBytes: CONTEXT_BYTES })).toMatchObject({ ok: true });
  });

  test('refuses one more byte', async () => {
    const error = await refusal(call(fixture('pass_through'), { maxContextBytes: CONTEXT_BYTES - 1 }), 'ERR_LIMIT');

    expect(error.limit).toBe('maxContextBytes');
  });

  test('counts bytes of UTF-8, not characters', async () => {
    await runtime.loadPluginBytes('plugin', await fixture('pass_through'), { maxContextBytes: CONTEXT_BYTES + 8 });

    expect(await runtime.callHook('plugin', 'before_hook', input('x'))).toMatchObject({ ok: true });
    await refusal(runtime.callHook('plugin', 'before_hook', input('é')), 'ERR_LIMIT');
  });
});

describe('maxResultBytes', () => {
  const answer = '{"ok":true}';

  test('accepts a result of exactly that many bytes', async () => {
    expect(await call(answering(answer), { maxResultBytes: answer.length })).toMatchObject({ ok: true });
  });

  test('makes one more byte a fault', async () => {
    const result = await call(answering(answer), { maxResultBytes: answer.length - 1 });

    expect(result).toMatchObject({ fault: { code: 'ERR_RESULT', message: expect.stringContaining('maxResultBytes') } });
  });

  test('accepts a result of 1 MiB by default, and not a byte more', async () => {
    expect(await call(answering(padded(1_048_576)))).toMatchObject({ ok: true });
    expect(await call(answering(padded(1_048_577)))).toMatchObject({ fault: { code: 'ERR_RESULT' } });
  });
});

describe('maxResultValues', () => {
  // An array of two numbers.
  const answer = '{"ok":true,"ctx":{"data":[1,2]}}';

  test('accepts a result of exactly that cost', async () => {
    expect(await call(answering(answer), { maxResultValues: 10 })).toMatchObject({ ok: true, ctx: { data: [1, 2] } });
  });

  test('makes one more value a fault', async () => {
    const result = await call(answering(answer), { maxResultValues: 9 });

    expect(result).toMatchObject({
      fault: { code: 'ERR_RESULT', message: expect.stringContaining('maxResultValues') },
    });
  });

  test('accepts 1 MiB of rows by default', async () => {
    const row = (id: number) => ({
      id,
      name: `Customer ${id}`,
      email: `${id}@example.com`,
      total: id / 4,
      tags: ['a'],
    });
    const rows = Array.from({ length: 11_000 }, (_, id) => row(id));
    const text = JSON.stringify({ ok: true, ctx: { data: rows } });

    expect(text.length).toBeGreaterThan(900_000);
    expect(text.length).toBeLessThanOrEqual(1_048_576);
    expect(await call(answering(text))).toMatchObject({ ok: true, ctx: { data: { length: 11_000 } } });
  });
});

describe('maxModuleBytes', () => {
  test('accepts a module of exactly that many bytes', async () => {
    const bytes = await fixture('pass_through');

    await runtime.loadPluginBytes('plugin', bytes, { maxModuleBytes: bytes.length });
    expect(runtime.isLoaded('plugin')).toBe(true);
  });

  test('refuses one more byte', async () => {
    const bytes = await fixture('pass_through');

    const load = runtime.loadPluginBytes('plugin', bytes, { maxModuleBytes: bytes.length - 1 });
    expect((await refusal(load, 'ERR_LIMIT')).limit).toBe('maxModuleBytes');
    expect(runtime.isLoaded('plugin')).toBe(false);
  });
});

describe('maxMemoryPages', () => {
  test('accepts a module that starts with exactly that many', async () => {
    const result = await call(threePages(), { maxMemoryPages: 3 });

    expect(result).toMatchObject({ ok: true, usage: { memoryBytes: 3 * 65_536 } });
  });

  test('refuses the load of a module that starts with one more', async () => {
    const error = await refusal(call(threePages(), { maxMemoryPages: 2 }), 'ERR_LIMIT');

    expect(error.limit).toBe('maxMemoryPages');
  });

  test('lets a plugin grow to exactly that many', async () => {
    const result = await call(growing(3), { maxMemoryPages: 4 });

    expect(result).toMatchObject({ ok: true, usage: { memoryBytes: 4 * 65_536 } });
  });

  test('lets no plugin grow to one more', async () => {
    const result = await call(growing(4), { maxMemoryPages: 4 });

    expect(result).toMatchObject({ fault: { code: 'ERR_MEMORY', message: expect.stringContaining('maxMemoryPages') } });
  });

  test('is 256 by default: 16 MiB', async () => {
    expect(await call(growing(255))).toMatchObject({ ok: true, usage: { memoryBytes: 16_777_216 } });
    expect(await call(growing(256))).toMatchObject({ fault: { code: 'ERR_MEMORY' } });
  });

  test('can be higher for one call, and lower', async () => {
    expect(await call(growing(3), { maxMemoryPages: 1 }, { maxMemoryPages: 4 })).toMatchObject({ ok: true });
    expect(await call(growing(3), { maxMemoryPages: 4 }, { maxMemoryPages: 3 })).toMatchObject({
      fault: { code: 'ERR_MEMORY' },
    });
  });

  test('of a call, below what the plugin starts with, makes the call a fault', async () => {
    const result = await call(threePages(), {}, { maxMemoryPages: 2 });

    expect(result).toMatchObject({ fault: { code: 'ERR_MEMORY' } });
  });
});

describe('maxTableElements', () => {
  test('accepts a table of exactly that many', async () => {
    expect(await call(table(20), { maxTableElements: 20 })).toMatchObject({ ok: true });
    expect(await call(growingTable(19), { maxTableElements: 20 })).toMatchObject({ ok: true });
  });

  test('refuses one more', async () => {
    expect((await refusal(call(table(21), { maxTableElements: 20 }), 'ERR_LIMIT')).limit).toBe('maxTableElements');
    expect(await call(growingTable(20), { maxTableElements: 20 })).toMatchObject({ fault: { code: 'ERR_MEMORY' } });
  });
});

describe('maxFuel', () => {
  test('is exactly what a call needs: one less is a fault', async () => {
    const { usage } = await call(fixture('report_context'));
    const fuel = usage.fuel ?? 0;

    expect(fuel).toBeGreaterThan(1);
    expect(await call(fixture('report_context'), { maxFuel: fuel })).toMatchObject({ ok: true, usage: { fuel } });
    expect(await call(fixture('report_context'), { maxFuel: fuel - 1 })).toMatchObject({ fault: { code: 'ERR_FUEL' } });
  });

  test('grows with the context by default: 1,000,000 and 1,000 for each byte', async () => {
    const { usage } = await call(fixture('endless_hook'));

    expect(usage.fuel).toBe(1_000_000 + 1_000 * CONTEXT_BYTES);
  });

  test('is exact when it is set, for the runtime, the plugin or the call', async () => {
    await using frugal = new WasmRuntime({ maxFuel: 1_000, logger: false });
    await frugal.loadPluginBytes('runtime', await fixture('endless_hook'));
    await frugal.loadPluginBytes('plugin', await fixture('endless_hook'), { maxFuel: 2_000 });

    const fuel = async (...[name, options]: [string, CallOptions?]) =>
      (await frugal.callHook(name, 'before_hook', context, options)).usage.fuel;

    expect(await fuel('runtime')).toBe(1_000);
    expect(await fuel('plugin')).toBe(2_000);
    expect(await fuel('plugin', { maxFuel: 3_000 })).toBe(3_000);
    expect(await fuel('plugin', { maxFuel: undefined })).toBe(2_000);
    expect(await fuel('plugin')).toBe(2_000);
  });
});

describe('timeoutMs', () => {
  const forever = { maxFuel: Number.MAX_SAFE_INTEGER };

  test('ends a call at its deadline and not before', async () => {
    const { fault, usage } = await call(fixture('endless_hook'), { ...forever, timeoutMs: 100 });

    expect(fault).toMatchObject({ code: 'ERR_TIMEOUT', message: expect.stringContaining('100 ms') });
    expect(usage.runMs).toBeGreaterThanOrEqual(100);
  });

  test('of one call does not shorten another', async () => {
    await runtime.loadPluginBytes('plugin', await fixture('endless_hook'), forever);

    const [long, short] = await Promise.all([
      runtime.callHook('plugin', 'before_hook', context, { timeoutMs: 300 }),
      runtime.callHook('plugin', 'before_hook', context, { timeoutMs: 20 }),
    ]);

    expect(long.usage.runMs).toBeGreaterThanOrEqual(300);
    expect(short.usage.runMs).toBeGreaterThanOrEqual(20);
    expect(short.usage.runMs).toBeLessThan(300);
  });
});
