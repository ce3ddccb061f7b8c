import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';

const command = path.join(__dirname, '../bin/hookcell-js.cjs');
const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-js-'));
const plugin = path.join(folder, 'plugin.wasm');
const hook = 'export const before_hook = ({ input }) => ({ data: input.n + 1 });';

beforeAll(() => mkdirSync(path.join(folder, 'node_modules')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

function write(name: string, text: string): string {
  writeFileSync(path.join(folder, name), text);
  return name;
}

test('a source becomes a plugin that can be called, and nothing else is left behind', async () => {
  const { code, stdout, stderr } = await run(write('good.ts', hook), '-o', 'plugin.wasm');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^plugin\.wasm: [\d.]+ KB in [\d.]+ s\n {2}hooks {5}before_hook\n/);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  const runtime = new WasmRuntime({ logger: false, maxFuel: 100_000_000 });
  await runtime.loadPlugin(plugin);
  const result = await runtime.callHook(plugin, 'before_hook', { input: { n: 1 } });
  expect(result).toMatchObject({ ok: true, ctx: { data: 2 } });
  await runtime.close();
}, 120_000);

test('a second build takes the compiled engine from the folder of the project', async () => {
  const { stdout } = await run('good.ts', '-o', 'plugin.wasm', '--json');
  expect(
    readdirSync(path.join(folder, 'node_modules/.cache/hookcell')).filter((name) => name.endsWith('.code')),
  ).toHaveLength(2);
  const report = JSON.parse(stdout) as { output: string; size: { total: number } };
  expect(report).toMatchObject({ output: 'plugin.wasm', hooks: ['before_hook'] });
  expect(report.size.total).toBe(statSync(plugin).size);
}, 60_000);

test('samples are read from files, one or many in each', async () => {
  const one = write('one.json', '{ "input": { "n": 1 } }');
  const many = write('many.json', '[{ "input": { "n": 2 } }, { "data": 1 }]');
  const rehearsed = await run(
    'good.ts',
    '-o',
    'plugin.wasm',
    '--sample',
    one,
    '--sample',
    many,
    '--rehearse',
    '--minify',
  );
  expect([rehearsed.code, rehearsed.stderr]).toEqual([0, '']);
  const missing = await run('good.ts', '-o', 'plugin.wasm', '--sample', 'none.json');
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('the sample none.json cannot be read') });
}, 60_000);

test('a source that makes no plugin ends with 3, shows the line, and leaves no old plugin', async () => {
  writeFileSync(plugin, 'old');
  const { code, stdout, stderr } = await run(write('bad.ts', `${hook}\n\tconst a = eval("é");`), '-o', 'plugin.wasm');
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr.split('\n')).toEqual([
    'ERR_EVAL: eval makes code from text, which a plugin cannot: it has no compiler in it',
    '  at bad.ts:2:12',
    '',
    '  2 |  const a = eval("é");',
    '    |            ^',
    '',
  ]);
  expect(existsSync(plugin)).toBe(false);
}, 60_000);

test('an exception of the top level is told with the calls that led there, and as JSON', async () => {
  const source = `${hook}\nconst f = () => { throw new Error('x'); };\nf();`;
  const { code, stdout, stderr } = await run(write('thrower.ts', source), '-o', 'plugin.wasm', '--json');
  expect(code).toBe(3);
  expect(stderr).toMatch(/\n {4}at f \(thrower\.ts:2:\d+\)\n {4}at <anonymous> \(thrower\.ts:3:\d+\)\n$/);
  expect(JSON.parse(stdout)).toMatchObject({ problems: [{ code: 'ERR_THROWN', file: 'thrower.ts', line: 2 }] });
}, 60_000);

test.each([
  [[], 'name the entry'],
  [['good.ts'], 'name the plugin to write'],
  [['good.ts', 'bad.ts', '-o', 'plugin.wasm'], 'one entry, not also bad.ts'],
  [['good.ts', '-o', 'plugin.wasm', '--no-such'], '--no-such'],
  [['good.ts', '-o', 'plugin.wasm', '--max-bytes', '4 MB'], '--max-bytes must be a whole number'],
  [['good.ts', '-o', 'plugin.wasm', '--timeout-ms', '0'], 'timeoutMs'],
  [['good.ts', '-o', 'good.ts'], 'replace its own source'],
])(
  'a wrong command line ends with 2: %j',
  async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(readFileSync(path.join(folder, 'good.ts'), 'utf8')).toBe(hook);
  },
  60_000,
);

test('a plugin that cannot be written ends with 1', async () => {
  const { code, stderr } = await run('good.ts', '-o', 'no/such/folder/plugin.wasm');
  expect(code).toBe(1);
  expect(stderr).toContain('ENOENT');
}, 60_000);

test('--help lists the options and exit codes, and --version gives the version', async () => {
  const help = await run('--help');
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/--sample[^]*Exit codes: 0/) });
  const { version } = JSON.parse(readFileSync(path.join(__dirname, '../package.json'), 'utf8')) as { version: string };
  expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
});
