import { createHash } from 'node:crypto';
import path from 'node:path';

import { fixture, plugin } from '../../../__test__/support/wat';
import { Folder } from './support/folder';
import { hookcell, jsonOf } from './support/hookcell';

const folder = new Folder();
const RUST = path.join(__dirname, '../../../pdk/rust/validate_email.wasm');

test('inspect shows exports with their signatures, the memory, the sections and the digest', async () => {
  const module = await fixture('pass_through');
  const ended = await hookcell(['inspect', folder.write('pass.wasm', module), '--json']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const json = jsonOf(ended, 'inspect');
  expect(json.sha256).toBe(createHash('sha256').update(module).digest('hex'));
  expect(json.exports).toContainEqual({ name: 'before_hook', type: '(i32, i32) -> i64' });
  expect(json.exports).toContainEqual({ name: 'memory', type: 'memory' });
  expect(json.memories).toEqual([{ minPages: 1 }]);
  const headers = 8;
  expect(json.sections.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, headers)).toBe(module.length);
  expect(json.verdict).toMatchObject({ accepted: true, hooks: ['before_hook', 'after_hook'], needed: [] });
});

test('inspect reads a plugin from standard input', async () => {
  const ended = await hookcell(['inspect', '-', '--json'], { stdin: await fixture('pass_through') });
  expect(jsonOf(ended, 'inspect').verdict.accepted).toBe(true);
});

test('inspect never runs a plugin, not even its start section', async () => {
  const ended = await hookcell(['inspect', await folder.plugin('endless_start'), '--json']);
  expect(ended.code).toBe(0);
  expect(jsonOf(ended, 'inspect')).toMatchObject({ hasStart: true, verdict: { accepted: true } });
});

test('inspect names imports, and exits with 4 because the host refuses them', async () => {
  const ended = await hookcell(['inspect', await folder.plugin('wasi'), '--json']);
  expect(ended.code).toBe(4);
  const json = jsonOf(ended, 'inspect');
  expect(json.imports).toContainEqual({
    module: 'wasi_snapshot_preview1',
    name: 'fd_write',
    type: '(i32, i32, i32, i32) -> i32',
  });
  expect(json.verdict).toMatchObject({ accepted: false, refused: { code: 'ERR_IMPORT' } });
});

test('inspect says which limits a plugin needs, and values that are enough', async () => {
  const args = ['inspect', RUST, '--max-functions', '10', '--max-function-bytes', '1000'];
  const ended = await hookcell([...args, '--json']);
  expect(ended.code).toBe(4);
  const { verdict } = jsonOf(ended, 'inspect');
  expect(verdict.accepted).toBe(false);
  const needed = new Map<string, number>(verdict.needed.map(({ limit, needed: value }: any) => [limit, value]));
  expect([...needed.keys()].toSorted()).toEqual(['maxFunctionBytes', 'maxFunctions']);
  const enough = [
    `--max-functions=${needed.get('maxFunctions')}`,
    `--max-function-bytes=${needed.get('maxFunctionBytes')}`,
  ];
  expect((await hookcell(['inspect', RUST, ...enough])).code).toBe(0);
});

test('inspect shows what it can of a module that is cut short', async () => {
  const whole = await fixture('pass_through');
  for (const length of [0, 4, 8, 20, whole.length - 3]) {
    const ended = await hookcell(['inspect', '-', '--json'], { stdin: whole.subarray(0, length) });
    expect(ended.code).toBe(4);
    expect(jsonOf(ended, 'inspect').verdict.refused.code).toMatch(/^ERR_(COMPILE|ABI)$/);
  }
});

test('what a module says cannot act on the terminal', async () => {
  const module = await plugin({ definitions: String.raw`(func (export "\1b]0;title\07\e2\80\ae"))` });
  const file = folder.write('escape.wasm', module);
  for (const args of [[], ['--json']]) {
    const { stdout, stderr } = await hookcell(['inspect', file, ...args]);
    expect(stdout).toContain('title');
    // oxlint-disable-next-line no-control-regex -- that is what is looked for
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/);
  }
});

test('inspect shows the language and the tools that a module names', async () => {
  const section = Buffer.from('\x02\x08language\x01\x04Rust\x042021\x0cprocessed-by\x01\x05rustc\x061.80.0', 'latin1');
  const custom = Buffer.concat([Buffer.from('\x09producers', 'latin1'), section]);
  const module = Buffer.concat([await plugin({}), Buffer.from([0, custom.length]), custom]);
  const json = jsonOf(await hookcell(['inspect', '-', '--json'], { stdin: module }), 'inspect');
  expect(json.languages).toEqual([{ name: 'Rust', version: '2021' }]);
  expect(json.tools).toEqual([{ name: 'rustc', version: '1.80.0' }]);
});

test('inspect exits with 2 if it is used wrongly', async () => {
  for (const args of [[], ['missing.wasm'], [RUST, '--max-fuel', '0'], [RUST, '--no-such-option']]) {
    const { code, stdout, stderr } = await hookcell(['inspect', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('error:');
  }
});

test('the help of inspect has an example and the exit codes', async () => {
  const { code, stdout } = await hookcell(['inspect', '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('$ hookcell inspect plugin.wasm');
  expect(stdout).toContain('4  the host refused');
});
