import path from 'node:path';

import { Folder } from '../support/folder';
import { hookcell, jsonOf } from '../support/hookcell';

const folder = new Folder();
const RUST = path.join(__dirname, '../../../../pdk/rust/validate_email.wasm');
const context = folder.write('context.json', { input: { email: ' Ada@Example.com ', note: 'as it is' } });

test('run shows the result, what changed, and what the call used of its limits', async () => {
  const ended = await hookcell(['run', RUST, '--context', context, '--max-fuel', '500000', '--json']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const json = jsonOf(ended, 'run');
  expect(json.outcome).toBe('accepted');
  expect(json.result.ctx.input).toEqual({ email: 'ada@example.com', note: 'as it is' });
  expect(json.changes).toEqual([{ path: '/input/email', before: ' Ada@Example.com ', after: 'ada@example.com' }]);
  expect(json.limits.maxFuel).toBe(500_000);
  expect(json.usage.fuel).toBeGreaterThan(0);
  expect(json.touchedBytes % 4096).toBe(0);
  expect(json.touchedBytes).toBeGreaterThan(0);
  expect(json.touchedBytes).toBeLessThan(json.usage.memoryBytes);
});

test('run shows a difference to people, without colors if standard output is no terminal', async () => {
  const { stdout } = await hookcell(['run', RUST, '--context', context], { env: { FORCE_COLOR: '' } });
  expect(stdout).toContain('-    "email": " Ada@Example.com ",\n+    "email": "ada@example.com",\n');
  expect(stdout).toMatch(/^fuel +[\d,]+ of [\d,]+ \(/m);
  expect(stdout).toMatch(/^memory +\d+ declared, [\d.]+ \w+ touched, \d+ pages? in the end/m);
  expect(stdout).not.toContain('\u001B[');
});

test('run reads a context from standard input', async () => {
  const ended = await hookcell(['run', RUST, '--context', '-', '--json'], { stdin: '{"input":{"email":"a@b.c"}}' });
  expect(jsonOf(ended, 'run')).toMatchObject({ outcome: 'accepted', changes: [] });
});

test('run shows the default fuel as the host has it, which grows with the context', async () => {
  const input = { email: 'ä@b.c' };
  const bytes = Buffer.byteLength(JSON.stringify({ input, data: null, user: null, headers: {}, tenant_id: null }));
  const ended = await hookcell(['run', RUST, '--context', '-', '--json'], { stdin: JSON.stringify({ input }) });
  expect(jsonOf(ended, 'run').limits.maxFuel).toBe(1_000_000 + 1_000 * bytes);
});

test('run exits with 1 if the plugin rejects', async () => {
  const ended = await hookcell(['run', await folder.plugin('plugin_error'), '--context', context, '--json']);
  expect(ended.code).toBe(1);
  const { outcome, result } = jsonOf(ended, 'run');
  expect(outcome).toBe('rejected');
  expect(result).toEqual({ ok: false, error: 'the e-mail address is not valid', details: [{ field: 'email' }] });
});

test('run exits with 3 if the plugin is at fault', async () => {
  const ended = await hookcell(['run', await folder.plugin('crash'), '--context', context, '--json']);
  expect(ended.code).toBe(3);
  expect(jsonOf(ended, 'run').result.fault).toMatchObject({ code: 'ERR_TRAP', backtrace: expect.any(Array) });
  const endless = ['run', await folder.plugin('endless_hook'), '--context', context];
  const outOfFuel = await hookcell([...endless, '--max-fuel', '1000', '--json']);
  expect(outOfFuel.code).toBe(3);
  expect(jsonOf(outOfFuel, 'run').result.fault.code).toBe('ERR_FUEL');
});

test('run exits with 4 if the host refuses the plugin, the hook or the context', async () => {
  const refusals = [
    [['run', await folder.plugin('wasi'), '--context', context], 'ERR_IMPORT'],
    [['run', RUST, '--context', context, '--hook', 'no_such_hook'], 'ERR_NO_HOOK'],
    [['run', RUST, '--context', context, '--max-context-bytes', '10'], 'ERR_LIMIT'],
    [['run', RUST, '--context', folder.write('wrong.json', { output: {} })], 'ERR_CONTEXT'],
  ] as const;
  for (const [args, code] of refusals) {
    const ended = await hookcell([...args, '--json']);
    expect(ended.code).toBe(4);
    expect(jsonOf(ended, 'run').refused.code).toBe(code);
    expect(ended.stderr).toContain(code);
  }
});

test('run exits with 2 if it is used wrongly', async () => {
  const wrong = [
    ['run', RUST],
    ['run', RUST, '--context', folder.at('missing.json')],
    ['run', RUST, '--context', folder.write('broken.json', '{"input":')],
    ['run', '-', '--context', '-'],
    ['run', RUST, '--context', context, '--timeout-ms', '1.5'],
    ['no-such-command'],
  ];
  for (const args of wrong) {
    const { code, stdout, stderr } = await hookcell([...args, '--json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('error:');
  }
});
