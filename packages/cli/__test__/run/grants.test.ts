import { readFileSync } from 'node:fs';

import { fixture, plugin } from '../../../../__test__/support/wat';
import { Folder } from '../support/folder';
import { hookcell, jsonOf } from '../support/hookcell';

const folder = new Folder();
const context = folder.write('context.json', { input: { email: 'a@b.c' } });
const config = folder.write('config.json', { limit: 3 });
const NOW = 1_780_000_000_000;
const flags = ['--config', config, '--now', String(NOW), '--seed', 'a seed'];

/** What a plugin got that puts its context into its input. */
const granted = { config: { limit: 3 }, now: { ms: NOW, iso: '2026-05-28T20:26:40.000Z' }, seed: 'a seed' };

let seen: string;

beforeAll(async () => {
  seen = folder.write('seen.wasm', await fixture('report_context'));
});

test('run gives the plugin the config, the time and the seed of its flags', async () => {
  const ended = await hookcell(['run', seen, '--context', context, ...flags, '--json']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(jsonOf(ended, 'run').result.ctx.input.seen).toMatchObject(granted);
  const asText = await hookcell(['run', seen, '--context', context, '--now', '2026-05-28T20:26:40Z', '--json']);
  expect(jsonOf(asText, 'run').result.ctx.input.seen.now).toEqual(granted.now);
  const without = await hookcell(['run', seen, '--context', context, '--json']);
  expect(Object.keys(jsonOf(without, 'run').result.ctx.input.seen)).not.toContain('config');
});

test('run shows the default fuel as the host has it, which grows with what is granted, too', async () => {
  const text = JSON.stringify({
    input: { email: 'a@b.c' },
    data: null,
    user: null,
    headers: {},
    tenant_id: null,
    ...granted,
  });
  const ended = await hookcell(['run', seen, '--context', context, ...flags, '--json']);
  expect(jsonOf(ended, 'run').limits.maxFuel).toBe(1_000_000 + 1_000 * Buffer.byteLength(text));
});

test('the grants of a fixture are over those of the flags, in test, replay and bench', async () => {
  const call = { hook: 'before_hook', context: { input: {} } };
  const own = { ...call, config: { limit: 9 }, seed: 7 };
  const file = folder.write('fixtures.json', [call, own]);
  expect((await hookcell(['test', file, '--plugin', seen, ...flags, '--update'])).code).toBe(0);
  const [first, second] = JSON.parse(readFileSync(file, 'utf8'));
  expect(first.expected.ctx.input.seen).toMatchObject(granted);
  expect(second.expected.ctx.input.seen).toMatchObject({ ...granted, config: { limit: 9 }, seed: 7 });
  expect(jsonOf(await hookcell(['replay', file, '--plugin', seen, ...flags, '--json']), 'test').failed).toBe(0);
  expect(jsonOf(await hookcell(['replay', file, '--plugin', seen, '--json']), 'test').failed).toBe(2);
  const benched = await hookcell(['bench', seen, '--fixtures', file, ...flags, '--calls', '2', '--json']);
  const rows = jsonOf(benched, 'bench').subjects[0].rows;
  const whole = { input: {}, data: null, user: null, headers: {}, tenant_id: null, ...granted };
  expect(rows[1].contextBytes).toBe(Buffer.byteLength(JSON.stringify(whole)));
});

test('a config that the plugin does not accept is a refusal, before the hook is called', async () => {
  const module = await plugin({
    definitions: `(data (i32.const 64) "{\\"ok\\":false,\\"error\\":\\"no limit\\"}")
      (func (export "validate_config") (param i32 i32) (result i64) (i64.const ${64n * 2n ** 32n + 31n}))`,
    hook: 'unreachable',
  });
  const file = folder.write('validates.wasm', module);
  const ended = await hookcell(['run', file, '--context', context, '--config', config, '--json']);
  expect(ended.code).toBe(4);
  expect(jsonOf(ended, 'run').refused.code).toBe('ERR_CONFIG');
  expect((await hookcell(['run', file, '--context', context])).code).toBe(3);
});

test('a config that is no JSON, a time that is none, or two files from standard input exit with 2', async () => {
  const wrong = [
    ['--config', folder.write('broken.json', '{')],
    ['--config', '-', '--context', '-'],
    ['--now', 'tomorrow'],
  ];
  for (const args of wrong) {
    const { code, stdout } = await hookcell(['run', seen, '--context', context, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  }
});
