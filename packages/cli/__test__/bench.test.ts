import path from 'node:path';

import { Folder } from './support/folder';
import { hookcell, jsonOf } from './support/hookcell';

const folder = new Folder();
const RUST = path.join(__dirname, '../../../pdk/rust/validate_email.wasm');
const WAT = path.join(__dirname, '../../../pdk/wat/validate_email.wasm');
const context = folder.write('context.json', { input: { email: 'a@b.c', items: [{ id: 1 }, { id: 2 }] } });

test('bench measures contexts of several sizes, and suggests limits with which the same calls pass', async () => {
  const ended = await hookcell(['bench', RUST, '--context', context, '--scale', '1,8', '--calls', '30', '--json']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const [subject] = jsonOf(ended, 'bench').subjects;
  const [small, large] = subject.rows;
  expect(large.contextBytes).toBeGreaterThan(small.contextBytes);
  expect(large.fuel.median).toBeGreaterThan(small.fuel.max);
  expect(small).toMatchObject({ calls: 30, outcomes: { accepted: 30, rejected: 0, faulted: 0 } });
  const { maxFuel, timeoutMs } = subject.suggestions;
  expect(maxFuel).toBeGreaterThanOrEqual(2 * large.fuel.max);
  expect(timeoutMs).toBeGreaterThanOrEqual(10);
  const within = ['--max-fuel', String(maxFuel), '--timeout-ms', String(timeoutMs)];
  expect((await hookcell(['run', RUST, '--context', context, ...within])).code).toBe(0);
});

test('bench compares two plugins with a table and a chart', async () => {
  const { code, stdout } = await hookcell(['bench', RUST, '--compare', WAT, '--context', context, '--calls', '20']);
  expect(code).toBe(0);
  expect(stdout).toContain('beside');
  expect(stdout).toMatch(/[\d.]+ times +[\d.]+ times/);
  expect(stdout).toMatch(/\|[ ▁▂▃▄▅▆▇█]{30}\|/);
});

test('bench takes the contexts of fixtures, from the shortest to the longest', async () => {
  const fixtures = folder.write('fixtures.json', [
    { name: 'long', context: { input: { email: `${'a'.repeat(500)}@b.c` } } },
    { name: 'short', context: { input: { email: 'a@b.c' } } },
  ]);
  const ended = await hookcell(['bench', RUST, '--fixtures', fixtures, '--calls', '5', '--json']);
  const [subject] = jsonOf(ended, 'bench').subjects;
  expect(subject.rows.map(({ name }: { name: string }) => name)).toEqual(['short', 'long']);
});

test('bench exits with 3 and suggests nothing if calls fault', async () => {
  const args = ['--context', context, '--calls', '3', '--json'];
  const ended = await hookcell(['bench', await folder.plugin('crash'), ...args]);
  expect(ended.code).toBe(3);
  expect(jsonOf(ended, 'bench').subjects[0].suggestions).toBeUndefined();
});

test('bench exits with 4 if the host refuses, and with 2 if it is used wrongly', async () => {
  const refused = await hookcell(['bench', RUST, '--context', context, '--hook', 'none', '--json']);
  expect(refused.code).toBe(4);
  expect(jsonOf(refused, 'bench').refused.code).toBe('ERR_NO_HOOK');
  for (const args of [
    [RUST],
    [RUST, '--context', context, '--scale', '0'],
    [RUST, '--context', context, '--calls', 'x'],
  ]) {
    expect((await hookcell(['bench', ...args])).code).toBe(2);
  }
});
