// What a plugin logs: in the result, and to the logger of the runtime.

import { WasmRuntime } from 'hookcell';
import type { Logger } from 'hookcell';

import { compile } from '../support/wat';

const context = { input: {} };

const lines = [
  '{"level":"debug","message":"d"}',
  '{"level":"info","message":"i","fields":{"n":[1,{"x":null}]}}',
  '{"level":"warn","message":"w"}',
  '{"level":"error","message":"e\\u001b[31m\\nf"}',
  'plain',
];

const expected = [
  { level: 'debug', message: 'd' },
  { level: 'info', message: 'i', fields: { n: [1, { x: null }] } },
  { level: 'warn', message: 'w' },
  { level: 'error', message: 'e\\u{1b}[31m\\nf' },
  { level: 'info', message: 'plain' },
];

let written: [string, string][];
let runtime: WasmRuntime;

function logging(log: string, end = '(i64.const 0)'): Promise<Uint8Array> {
  const bytes = Buffer.from(log);
  const text = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  return compile(`(module
    (memory (export "memory") 2)
    (data (i32.const 4096) "${text}")
    (global (export "log_ptr") (mut i32) (i32.const 4096))
    (global (export "log_len") (mut i32) (i32.const ${bytes.length}))
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64) ${end}))`);
}

function logger(...methods: (keyof Logger)[]): Logger {
  const entries = methods.map((method) => [method, (line: string) => written.push([method, line])]);
  return Object.fromEntries(entries) as unknown as Logger;
}

beforeEach(async () => {
  written = [];
  runtime = new WasmRuntime({ logger: logger('debug', 'info', 'warn', 'error') });
  await runtime.loadPluginBytes('logs', await logging(lines.join('\n')));
});

afterEach(() => runtime.close());

test('a result has the lines that the plugin logged, in order, with level, message and fields', async () => {
  const result = await runtime.callHook('logs', 'before_hook', context);

  expect(result).toMatchObject({ ok: true, log: expected });
  expect(result.ok && result.ctx.input).toBe(context.input);
});

test('the result of a plugin that logs nothing has no log', async () => {
  await runtime.loadPluginBytes('silent', await logging(''));

  expect(await runtime.callHook('silent', 'before_hook', context)).not.toHaveProperty('log');
  expect(runtime.callHookSync('silent', 'before_hook', context)).not.toHaveProperty('log');
  expect(written).toEqual([]);
});

test('a call that blocks or runs inline has the same log', async () => {
  const inline = await runtime.callHook('logs', 'before_hook', context, { inlineFuel: 10_000 });

  expect(inline).toMatchObject({ log: expected, usage: { where: 'inline' } });
  expect(runtime.callHookSync('logs', 'before_hook', context)).toMatchObject({ log: expected });
});

test('each line goes to the method of the logger for its level, with the plugin and the hook', async () => {
  await runtime.callHook('logs', 'before_hook', context);

  expect(written).toEqual([
    ['debug', expect.stringContaining('hookcell: logs before_hook: d')],
    ['info', expect.stringContaining('hookcell: logs before_hook: i {"n":[1,{"x":null}]}')],
    ['warn', expect.stringContaining('hookcell: logs before_hook: w')],
    ['error', expect.stringContaining('hookcell: logs before_hook: e\\u{1b}[31m\\nf')],
    ['info', expect.stringContaining('hookcell: logs before_hook: plain')],
  ]);
});

test.each<[string, Logger, string[]]>([
  ['has only warn', logger('warn'), ['warn', 'warn', 'warn', 'warn', 'warn']],
  ['has log instead of info', logger('log', 'warn', 'error', 'debug'), ['debug', 'log', 'warn', 'error', 'log']],
])('a logger that %s gets every line', async (_, given, methods) => {
  const other = new WasmRuntime({ logger: given });
  await other.loadPluginBytes('logs', await logging(lines.join('\n')));

  await other.callHook('logs', 'before_hook', context);

  expect(written.map(([method]) => method)).toEqual(methods);
  await other.close();
});

test('a logger that throws does not fail the call', async () => {
  const fail = (): never => {
    throw new Error('disk full');
  };
  const other = new WasmRuntime({ logger: { warn: fail, info: fail, debug: fail, error: fail } });
  await other.loadPluginBytes('logs', await logging(lines.join('\n')));

  expect(await other.callHook('logs', 'before_hook', context)).toMatchObject({ ok: true, log: expected });
  await other.close();
});

test('no line of a plugin can hide in the log or break it', async () => {
  const fields = { key: 'a\u202eb\u2028c\u001b[31m\n' };
  await runtime.loadPluginBytes('logs', await logging(JSON.stringify({ message: 'm', fields })));

  const result = await runtime.callHook('logs', 'before_hook', context);

  expect(result.log).toEqual([{ level: 'info', message: 'm', fields }]);
  expect(written).toEqual([
    ['info', expect.stringContaining('hookcell: logs before_hook: m {"key":"a\\u{202e}b c\\u001b[31m\\n"}')],
  ]);
});

test('a __proto__ key in the fields does not reach the result', async () => {
  const line = '{"message":"m","fields":{"__proto__":{"admin":true}}}';
  await runtime.loadPluginBytes('logs', await logging(line));

  const result = await runtime.callHook('logs', 'before_hook', context);

  expect(result.log).toEqual([{ level: 'info', message: line }]);
});

test('a plugin that panics tells its message in the last line of its log', async () => {
  const thrown = { message: 'no item 7', backtrace: [{ function: 'total', file: 'src/lib.rs', line: 3, column: 9 }] };
  await runtime.loadPluginBytes('logs', await logging(`before\n${JSON.stringify({ thrown })}\n`, '(unreachable)'));

  const result = await runtime.callHook('logs', 'before_hook', context);

  expect(result).toMatchObject({
    ok: false,
    error: 'WASM plugin trapped: no item 7',
    fault: { code: 'ERR_THROWN', message: 'no item 7', backtrace: ['total (src/lib.rs:3:9)'] },
    log: [{ level: 'info', message: 'before' }],
  });
  expect(written).toEqual([
    ['info', expect.stringContaining('hookcell: logs before_hook: before')],
    ['warn', expect.stringContaining('hookcell: logs before_hook failed: ERR_THROWN no item 7')],
  ]);
});

test('a log that is longer than maxLogBytes is cut and says so', async () => {
  const other = new WasmRuntime({ logger: false, maxLogBytes: 100 });
  await other.loadPluginBytes('logs', await logging('x'.repeat(60_000)));

  const { log } = await other.callHook('logs', 'before_hook', context);

  expect(log).toEqual([
    { level: 'info', message: 'x'.repeat(100) },
    { level: 'warn', message: 'hookcell: the log has 60000 bytes and is cut; maxLogBytes is 100' },
  ]);
  await other.close();
});

test('each step of a chain has its log, and the result has that of the last step', async () => {
  await runtime.loadPluginBytes('silent', await logging(''));
  await runtime.loadPluginBytes('fails', await logging('failing', '(unreachable)'));

  const chain = await runtime.callChain(['logs', 'silent', 'fails'], 'before_hook', context);

  expect(chain).toMatchObject({ ok: false, log: [{ message: 'failing' }], fault: { code: 'ERR_TRAP' } });
  expect(chain.steps.map(({ log }) => log)).toEqual([expected, undefined, [{ level: 'info', message: 'failing' }]]);
  expect(chain).not.toHaveProperty('logs');
  expect(written.slice(-2)).toEqual([
    ['info', expect.stringContaining('hookcell: fails before_hook: failing')],
    ['warn', expect.stringContaining('hookcell: fails before_hook failed: ERR_TRAP')],
  ]);
  const accepted = await runtime.callChain(['logs', 'silent'], 'before_hook', context);
  expect(accepted).toMatchObject({ ok: true, steps: [{ log: expected }, { plugin: 'silent' }] });
  expect(accepted).not.toHaveProperty('log');
});
