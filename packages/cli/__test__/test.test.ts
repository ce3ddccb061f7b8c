import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Folder } from './support/folder';
import { hookcell, jsonOf } from './support/hookcell';

const folder = new Folder();
const RUST = path.join(__dirname, '../../../pdk/rust/validate_email.wasm');
const trims = {
  name: 'an address is trimmed',
  context: { input: { email: ' a@b.c ' } },
  expected: { ok: true, ctx: { input: { email: 'a@b.c' } } },
};
const wrong = { context: { input: { email: 'A@b.c' } }, expected: { ok: true, ctx: { input: { email: 'A@b.c' } } } };

const tryOut = (file: string, ...args: string[]) => hookcell(['test', file, '--plugin', RUST, ...args]);

test('test passes if every call ends as its fixture expects', async () => {
  const same = { context: { input: { email: 'a@b.c' } }, expected: { ok: true, ctx: { input: { email: 'a@b.c' } } } };
  const rejected = { hook: 'before_hook', context: { input: { email: 'no' } }, expected: { ok: false } };
  const file = folder.write('good.json', [trims, same]);
  const ended = await tryOut(file, '--json');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(jsonOf(ended, 'test')).toMatchObject({ passed: 2, failed: 0 });
  // A rejection has a reason, which the fixture must expect too.
  expect((await tryOut(folder.write('rejected.json', rejected))).code).toBe(1);
});

test('test exits with 1 and shows the difference if a call ends otherwise', async () => {
  const file = folder.write('bad.json', [trims, wrong]);
  const ended = await tryOut(file);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain('ok      an address is trimmed');
  expect(ended.stdout).toContain('-    "email": "A@b.c"');
  expect(ended.stdout).toContain('+    "email": "a@b.c"');
  const json = jsonOf(await tryOut(file, '--json'), 'test');
  expect(json).toMatchObject({ passed: 1, failed: 1 });
  expect(json.tests[1].differences).toEqual([{ path: '/input/email', before: 'A@b.c', after: 'a@b.c' }]);
});

test('test --update writes what happened, and the fixture passes from then on', async () => {
  const file = folder.write('update.json', [trims, wrong, { context: { input: {} } }]);
  expect(jsonOf(await tryOut(file, '--update', '--json'), 'test')).toMatchObject({ passed: 3, failed: 0 });
  const [first, second] = JSON.parse(readFileSync(file, 'utf8'));
  expect(first).toEqual(trims);
  expect(second.expected.ctx.input.email).toBe('a@b.c');
  expect((await tryOut(file)).code).toBe(0);
});

test('a fixture can set limits, and expect a fault or a refusal', async () => {
  const context = { input: { email: 'a@b.c' } };
  const file = folder.write('limits.json', [
    { context, limits: { maxFuel: 100 }, expected: { ok: false, fault: { code: 'ERR_FUEL' } } },
    { context, limits: { maxModuleBytes: 100 }, expected: { refused: { code: 'ERR_LIMIT', limit: 'maxModuleBytes' } } },
    { context, hook: 'none', expected: { refused: { code: 'ERR_NO_HOOK' } } },
  ]);
  const ended = await tryOut(file, '--json');
  expect(jsonOf(ended, 'test')).toMatchObject({ passed: 3, failed: 0 });
});

test('test reports to JUnit, with text that is valid in XML', async () => {
  const file = folder.write('junit.json', [trims, { ...wrong, name: 'a <name> with \u0007 & "quotes"' }]);
  const ended = await tryOut(file, '--reporter', 'junit');
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain('<testsuites tests="2" failures="1"');
  expect(ended.stdout).toContain('a &lt;name> with \\u{7} &amp;');
  expect(ended.stdout).not.toContain('\u0007');
});

test('test exits with 2 if there is no fixture, or a file is not one', async () => {
  const notFixtures = [
    folder.at('missing'),
    folder.write('list.json', [{ context: { input: {} }, expect: {} }]),
    folder.write('number.json', '12'),
    folder.write('limit.json', { context: { input: {} }, limits: { maxFuel: 0 } }),
    folder.write('name.json', { context: { input: {} }, limits: { maxFule: 10 } }),
  ];
  for (const file of notFixtures) {
    const { code, stdout, stderr } = await tryOut(file, '--json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('error:');
  }
});

test('replay shows the whole input and whether a call ended as recorded, and exits as run does', async () => {
  const long = 'x'.repeat(10_000);
  const context = { input: { long } };
  const crash = await folder.plugin('crash');
  const recorded = folder.write('recorded.json', { context, expected: { ok: true }, plugin: 'f'.repeat(64) });
  const ended = await hookcell(['replay', recorded, '--plugin', crash]);
  expect(ended.code).toBe(3);
  expect(ended.stdout).toContain(long);
  expect(ended.stdout).toContain('not the same as recorded');
  expect(ended.stdout).toContain(`recorded with another plugin: ${'f'.repeat(64)}`);
  const accepted = await hookcell(['replay', recorded, '--plugin', await folder.plugin('pass_through'), '--json']);
  expect(accepted.code).toBe(0);
  expect(jsonOf(accepted, 'test')).toMatchObject({ passed: 1, tests: [{ otherPlugin: 'f'.repeat(64) }] });
});

test('test without a plugin says that build makes one', async () => {
  const file = folder.write('unbuilt.json', trims);
  const ended = await hookcell(['test', file, '--plugin', path.join(path.dirname(file), 'unbuilt.wasm')]);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain('hookcell build makes a plugin');
});
