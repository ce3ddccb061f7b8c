// The result of a call: the plugin accepts, rejects, or faults with each code.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { WasmRuntime } from 'hookcell';
import type { FaultCode, HookName, PluginResult } from 'hookcell';

import { answering, fixture, packed, plugin } from '../support/wat';

const context = { input: { email: 'ada@example.com' }, data: { id: 7 } };

let warnings: string[];
let runtime: WasmRuntime;

beforeEach(() => {
  warnings = [];
  runtime = new WasmRuntime({ timeoutMs: 200, maxMemoryPages: 4, logger: { warn: (line) => warnings.push(line) } });
});

afterEach(() => runtime.close());

async function call(bytes: Promise<Uint8Array>, hook: HookName = 'before_hook'): Promise<PluginResult> {
  await runtime.loadPluginBytes('plugin', await bytes);
  return runtime.callHook<object>('plugin', hook, context) as Promise<PluginResult>;
}

describe('a plugin that accepts', () => {
  test.each([
    ['no bytes at all', ''],
    ['ok alone', '{"ok":true}'],
    ['a null ctx', '{"ok":true,"ctx":null,"error":null,"details":null}'],
    ['an empty ctx', '{"ok":true,"ctx":{}}'],
    ['null changes', '{"ok":true,"ctx":{"input":null,"data":null}}'],
    ['unknown keys', '{"ok":true,"score":3,"ctx":{"colour":"red"}}'],
  ])('with %s changes nothing', async (_, answer) => {
    const result = await call(answering(answer));

    expect(result).toEqual({
      ok: true,
      ctx: { input: context.input, data: context.data, user: null, headers: {}, tenant_id: null },
      usage: expect.anything(),
    });
  });

  test('can change the input and leave the data', async () => {
    const result = await call(fixture('modifier'));

    expect(result).toMatchObject({ ok: true, ctx: { input: { seen: true }, data: { id: 7 } } });
  });

  test('can change the data and leave the input', async () => {
    const result = await call(fixture('changes_data'));

    expect(result).toMatchObject({ ok: true, ctx: { input: context.input, data: [1, 'two', null] } });
  });

  test.each([false, 0, '', [], {}])('can make the data %j', async (data) => {
    const result = await call(answering(JSON.stringify({ ok: true, ctx: { data } })));

    expect(result).toMatchObject({ ok: true, ctx: { data } });
  });
});

describe('a plugin that rejects', () => {
  test('returns its reason and its details', async () => {
    const result = await call(fixture('plugin_error'));

    expect(result).toEqual({
      ok: false,
      error: 'the e-mail address is not valid',
      details: [{ field: 'email' }],
      usage: expect.anything(),
    });
  });

  test('can omit both', async () => {
    expect(await call(answering('{"ok":false}'))).toEqual({ ok: false, usage: expect.anything() });
  });

  test('is not logged', async () => {
    await call(fixture('plugin_error'));

    expect(warnings).toEqual([]);
  });
});

describe('a plugin that faults', () => {
  const faults: [string, FaultCode, () => Promise<Uint8Array>][] = [
    ['a trap in its hook', 'ERR_TRAP', () => fixture('crash')],
    ['a trap in its alloc', 'ERR_TRAP', () => plugin({ alloc: '(unreachable)' })],
    [
      'a trap in its start section',
      'ERR_TRAP',
      () => plugin({ definitions: '(func $start (unreachable)) (start $start)' }),
    ],
    ['an access out of bounds', 'ERR_TRAP', () => plugin({ hook: '(i64.load (i32.const -8))' })],
    ['a division by zero', 'ERR_TRAP', () => plugin({ hook: '(i64.div_u (i64.const 1) (i64.const 0))' })],
    ['an exception that it tells', 'ERR_THROWN', () => answering('{"thrown":{"message":"no"}}')],
    ['an exception that it tells wrongly', 'ERR_RESULT', () => answering('{"thrown":"no"}')],
    ['an exception and a result', 'ERR_RESULT', () => answering('{"ok":true,"thrown":{"message":"no"}}')],
    ['an endless hook', 'ERR_FUEL', () => fixture('endless_hook')],
    ['endless recursion', 'ERR_STACK', () => fixture('endless_recursion')],
    [
      'memory that it is refused and needs',
      'ERR_MEMORY',
      () =>
        plugin({ hook: '(if (i32.eq (memory.grow (i32.const 4)) (i32.const -1)) (then (unreachable))) (i64.const 0)' }),
    ],
    ['an alloc that gives 0', 'ERR_MEMORY', () => plugin({ alloc: '(i32.const 0)' })],
    ['an alloc outside its memory', 'ERR_ABI', () => plugin({ alloc: '(i32.const 65530)' })],
    ['an alloc above 2 GiB', 'ERR_ABI', () => plugin({ alloc: '(i32.const -1)' })],
    ['a result outside its memory', 'ERR_ABI', () => plugin({ hook: packed(65_535, 2) })],
    ['a result above 2 GiB', 'ERR_ABI', () => plugin({ hook: packed(4_294_967_295, 1) })],
    ['a result that is too long', 'ERR_RESULT', () => plugin({ hook: packed(0, 4_294_967_295) })],
    ['a result that is not UTF-8', 'ERR_RESULT', () => answering(Buffer.from([0x22, 0xff, 0x22]))],
    ['a result that is not JSON', 'ERR_RESULT', () => answering('yes')],
    ['a result that is not of the shape', 'ERR_RESULT', () => answering('{"ok":"yes"}')],
    ['an input that is no object', 'ERR_RESULT', () => answering('{"ok":true,"ctx":{"input":[]}}')],
    ['a key __proto__', 'ERR_RESULT', () => answering('{"ok":true,"ctx":{"input":{"__proto__":{"admin":true}}}}')],
  ];

  test.each(faults)('by %s resolves with the fault %s, and the next call is served', async (_, code, bytes) => {
    const result = await call(bytes());

    expect(result).toMatchObject({ ok: false, fault: { code, message: expect.stringMatching(/./) } });
    expect(result.error).toBe(`WASM plugin trapped: ${result.fault?.message}`);
    expect(await call(fixture('pass_through'))).toMatchObject({ ok: true });
  });

  test('by an exception tells its message and its backtrace, cut and escaped', async () => {
    const thrown = {
      name: 'TypeError',
      message: 'not a\u001b[31m function',
      backtrace: [
        'f (plugin.ts:3:5)',
        { function: 'g\n', file: 'src/lib.rs', line: 7, column: 2 },
        ['?'],
        'x'.repeat(999),
      ],
      more: 'ignored',
    };
    const result = await call(answering(JSON.stringify({ thrown })));

    const message = 'TypeError: not a\\u{1b}[31m function';
    expect(result).toEqual({
      ok: false,
      error: `WASM plugin trapped: ${message}`,
      fault: {
        code: 'ERR_THROWN',
        message,
        backtrace: ['f (plugin.ts:3:5)', 'g\\n (src/lib.rs:7:2)', `${'x'.repeat(200)}…`],
      },
      usage: expect.objectContaining({ fuel: expect.any(Number) }),
    });
    expect(warnings).toEqual([expect.stringContaining(`hookcell: plugin before_hook failed: ERR_THROWN ${message}`)]);
  });

  test.each([
    ['hook', () => fixture('endless_hook')],
    ['alloc', () => plugin({ alloc: '(loop $forever (br $forever)) (unreachable)' })],
    ['start section', () => plugin({ definitions: '(func $start (loop $forever (br $forever))) (start $start)' })],
  ])('to end its %s is stopped at its deadline', async (_, bytes) => {
    await runtime.loadPluginBytes('plugin', await bytes(), { maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 50 });

    const result = await runtime.callHook('plugin', 'before_hook', context);

    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_TIMEOUT' } });
    expect(result.usage.runMs).toBeGreaterThanOrEqual(50);
    expect(result.usage.runMs).toBeLessThan(1_000);
  });

  test('leaves one line in the log, with the plugin, the hook and the code', async () => {
    const result = await call(fixture('crash'));

    expect(warnings).toEqual([
      expect.stringContaining(`hookcell: plugin before_hook failed: ERR_TRAP ${result.fault?.message}`),
    ]);
  });

  test('cannot break the line by its name', async () => {
    await runtime.loadPluginBytes('two\nlines', await fixture('crash'));
    await runtime.callHook('two\nlines', 'before_hook', context);

    expect(warnings).toEqual([expect.stringMatching(/^hookcell: two lines before_hook failed: ERR_TRAP .+$/)]);
  });

  test.each([0x200b, 0x200f, 0x202e, 0x2066, 0x2060, 0xfeff, 0xfe0f, 0xad, 0x61c, 0x180e, 0x3164, 0xe0041, 0xe0100])(
    'cannot hide or turn around what is logged, by a character such as %p in its name',
    async (code) => {
      const character = String.fromCodePoint(code);
      await runtime.loadPluginBytes(`a${character}b`, await fixture('crash'));
      await runtime.callHook(`a${character}b`, 'before_hook', context);

      expect(warnings).toEqual([expect.stringContaining(`hookcell: a\\u{${code.toString(16)}}b before_hook failed`)]);
      expect(warnings.join('')).not.toContain(character);
    },
  );

  test('is logged to the console by default', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      await using plain = new WasmRuntime();
      await plain.loadPluginBytes('plugin', await fixture('crash'));
      await plain.callHook('plugin', 'before_hook', context);

      expect(warn).toHaveBeenCalledTimes(1);
      expect(warn).toHaveBeenCalledWith(expect.stringContaining('hookcell: plugin before_hook failed: ERR_TRAP'));
    } finally {
      warn.mockRestore();
    }
  });

  test('still has a result if the logger throws', async () => {
    await using noisy = new WasmRuntime({
      logger: {
        warn: () => {
          throw new Error('the disk is full');
        },
      },
    });
    await noisy.loadPluginBytes('plugin', await fixture('crash'));

    expect(await noisy.callHook('plugin', 'before_hook', context)).toMatchObject({ fault: { code: 'ERR_TRAP' } });
  });

  test('is published on the diagnostics channel', async () => {
    const messages: unknown[] = [];
    const listener = (message: unknown) => messages.push(message);
    subscribe('hookcell:fault', listener);
    try {
      const { fault, usage } = await call(fixture('crash'));

      expect(messages).toEqual([{ plugin: 'plugin', hook: 'before_hook', fault, usage }]);
    } finally {
      unsubscribe('hookcell:fault', listener);
    }
  });
});

test('a call starts in a fresh cell, with nothing left of an earlier call', async () => {
  await runtime.loadPluginBytes('counter', await fixture('counter'));

  const results = await Promise.all(
    Array.from({ length: 20 }, () => runtime.callHook('counter', 'before_hook', context)),
  );

  expect(results.map((result) => result.ok && result.ctx.data)).toEqual(Array.from({ length: 20 }, () => [1, 1]));
});

test('each result says what the call used', async () => {
  const { usage } = await call(fixture('pass_through'));

  expect(usage).toEqual({
    fuel: expect.any(Number),
    memoryBytes: 65_536,
    queueMs: expect.any(Number),
    runMs: expect.any(Number),
    where: 'pool',
  });
  expect(usage.fuel).toBeGreaterThan(0);
  expect(usage.queueMs).toBeGreaterThan(0);
  expect(usage.runMs).toBeGreaterThan(0);
});

test('the fuel of a call that trapped is unknown, and that of a call that ran out is all of it', async () => {
  expect((await call(fixture('crash'))).usage.fuel).toBeNull();

  await runtime.loadPluginBytes('plugin', await fixture('endless_hook'), { maxFuel: 5_000 });
  expect((await runtime.callHook('plugin', 'before_hook', context)).usage.fuel).toBe(5_000);
});
