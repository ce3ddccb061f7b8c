import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { strToU8, zipSync } from 'fflate';

import { Folder } from './support/folder';
import { hookcell, jsonOf } from './support/hookcell';

const folder = new Folder();

/** A new project in a folder of its own. */
async function project(name: string, lang: string): Promise<string> {
  const ended = await hookcell(['init', name, '--lang', lang, '--json'], { cwd: folder.path });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  jsonOf(ended, 'init');
  return folder.at(name);
}

test.each(['typescript', 'javascript', 'python'])(
  'a new project in %s builds, passes its tests, runs and is measured',
  async (lang) => {
    const cwd = await project(lang, lang);
    const built = await hookcell(['build', '--json'], { cwd });
    expect(built).toMatchObject({ code: 0, stderr: '' });
    const json = jsonOf(built, 'build');
    expect(json).toMatchObject({ language: lang, output: 'plugin.wasm', verdict: { accepted: true } });
    expect(json.verdict.hooks).toContain('before_hook');
    expect(jsonOf(await hookcell(['test', '--json'], { cwd }), 'test')).toMatchObject({ passed: 2, failed: 0 });
    expect((await hookcell(['run', 'plugin.wasm', '--context', 'context.json'], { cwd })).code).toBe(0);
    const bench = ['bench', 'plugin.wasm', '--context', 'context.json', '--calls', '5', '--json'];
    expect(jsonOf(await hookcell(bench, { cwd }), 'bench').subjects).toHaveLength(1);
  },
  240_000,
);

test('a build in Python keeps the compiled engine, and builds without a folder for it', async () => {
  const cwd = await project('cached', 'python');
  const home = folder.at('cache');
  expect((await hookcell(['build'], { cwd, env: { HOOKCELL_CACHE_DIR: home } })).code).toBe(0);
  const kept = readdirSync(path.join(home, 'plugins')).length;
  expect(kept).toBeGreaterThan(0);
  writeFileSync(path.join(cwd, 'src/plugin.py'), 'def before_hook(ctx): return {"data": 1}\n');
  expect((await hookcell(['build'], { cwd, env: { HOOKCELL_CACHE_DIR: home } })).code).toBe(0);
  expect(readdirSync(path.join(home, 'plugins'))).toHaveLength(kept);
  const file = path.join(cwd, 'package.json');
  expect((await hookcell(['build'], { cwd, env: { HOOKCELL_CACHE_DIR: file } })).code).toBe(0);
}, 240_000);

test.each(['rust', 'assemblyscript', 'zig', 'c'])('a new project in %s has a hook and fixtures', async (lang) => {
  const cwd = await project(lang, lang);
  const [fixture] = JSON.parse(readFileSync(path.join(cwd, 'fixtures/closed_on_sundays.json'), 'utf8'));
  expect(fixture.expected).toEqual({ ok: false, error: 'closed on Sundays' });
  const sources = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /plugin\.|lib\.rs/.test(file),
  );
  expect(sources).toHaveLength(1);
  expect(readFileSync(path.join(cwd, sources[0] ?? ''), 'utf8')).toContain('closed on Sundays');
});

test('a build that fails says where, leaves no plugin, not even an old one, and exits with 3', async () => {
  const cwd = await project('broken', 'typescript');
  expect((await hookcell(['build'], { cwd })).code).toBe(0);
  writeFileSync(path.join(cwd, 'src/plugin.ts'), 'export const before_hook = () => {\n  return 1 +;\n};\n');
  const ended = await hookcell(['build'], { cwd });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('plugin.ts:2:13');
  expect(readdirSync(cwd).filter((name) => /wasm|part/.test(name))).toEqual([]);
  expect(jsonOf(await hookcell(['build', '--json'], { cwd }), 'build').failed.message).toContain('ERR_SYNTAX');
});

test('a build in Python takes a requirements file, its wheels and time zones, and other languages refuse them', async () => {
  const cwd = folder.at('required');
  mkdirSync(path.join(cwd, 'store'), { recursive: true });
  writeFileSync(path.join(cwd, 'requirements.txt'), 'one==1.0\n');
  const plugin = 'import one\nfrom zoneinfo import ZoneInfo\nZoneInfo("Europe/Berlin")\ndef before_hook(ctx): pass\n';
  writeFileSync(path.join(cwd, 'plugin.py'), plugin);
  const args = ['build', 'plugin.py', '--requirements', 'requirements.txt', '--wheels', 'store', '--zoneinfo'];
  const missing = await hookcell([...args, 'Europe/Berlin'], { cwd });
  expect(missing.code).toBe(3);
  expect(missing.stderr).toContain('ERR_PACKAGE: store/ has no wheel of one==1.0');
  writeFileSync(path.join(cwd, 'store', 'one-1.0-py3-none-any.whl'), zipSync({ 'one.py': strToU8('') }));
  expect(await hookcell([...args, 'Europe/Berlin'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  const zone = await hookcell([...args, 'Europe/Berln'], { cwd });
  expect(zone.code).toBe(2);
  expect(zone.stderr).toContain('zoneinfo has no zone "Europe/Berln"');
  writeFileSync(path.join(cwd, 'plugin.js'), 'export const before_hook = () => {};\n');
  const other = await hookcell(['build', 'plugin.js', '--requirements', 'requirements.txt'], { cwd });
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('--requirements is for Python, and this plugin is in javascript');
}, 240_000);

test('a plugin that is too large is not written', async () => {
  const cwd = await project('huge', 'typescript');
  const source = `const table = '${'x'.repeat(5_000_000)}';\nexport const before_hook = () => ({ ok: table.length > 0 });\n`;
  writeFileSync(path.join(cwd, 'src/plugin.ts'), source);
  const ended = await hookcell(['build', '--json'], { cwd });
  expect(ended.code).toBe(3);
  expect(jsonOf(ended, 'build').failed.message).toContain('ERR_LIMIT');
  expect(existsSync(path.join(cwd, 'plugin.wasm'))).toBe(false);
}, 60_000);

test('a plugin that the host refuses is not written, and the build exits with 4', async () => {
  const cwd = await project('refused', 'zig');
  const module = await folder.plugin('wasi');
  const compiler = `#!/bin/sh
for each in "$@"; do
  case "$each" in -femit-bin=*) cp '${module}' "\${each#-femit-bin=}" ;; esac
done
echo 0.17.1
`;
  mkdirSync(path.join(cwd, 'bin'));
  writeFileSync(path.join(cwd, 'bin/zig'), compiler, { mode: 0o755 });
  writeFileSync(path.join(cwd, 'plugin.wasm'), 'an old plugin');
  const env = { PATH: `${path.join(cwd, 'bin')}:${process.env['PATH']}` };
  const ended = await hookcell(['build', '--json'], { cwd, env });
  expect(ended.code).toBe(4);
  expect(jsonOf(ended, 'build').refused.code).toBe('ERR_IMPORT');
  expect(existsSync(path.join(cwd, 'plugin.wasm'))).toBe(false);
});

test('a missing tool is named with the line that installs it', async () => {
  const cwd = await project('no tools', 'zig');
  const ended = await hookcell(['build'], { cwd, env: { PATH: '/nonexistent' } });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/Zig [\d.]+ is missing, which zig needs.*pip install ziglang==/su);
});

test('init replaces no file, and writes nothing if one is there', async () => {
  const cwd = folder.at('there');
  mkdirSync(cwd);
  writeFileSync(path.join(cwd, 'README.md'), 'mine');
  const ended = await hookcell(['init', '.', '--lang', 'rust'], { cwd });
  expect(ended.code).toBe(2);
  expect(readdirSync(cwd)).toEqual(['README.md']);
  expect(readFileSync(path.join(cwd, 'README.md'), 'utf8')).toBe('mine');
});

test('init without a language asks only on a terminal, and build without a source says what it looks for', async () => {
  const init = await hookcell(['init', folder.at('asks')]);
  expect(init.code).toBe(2);
  expect(init.stderr).toContain('--lang must say the language: typescript');
  mkdirSync(folder.at('empty'));
  const build = await hookcell(['build'], { cwd: folder.at('empty') });
  expect(build.code).toBe(2);
  expect(build.stderr).toContain('src/plugin.ts');
  expect((await hookcell(['build', 'missing.ts'], { cwd: folder.path })).code).toBe(2);
  expect((await hookcell(['init', '--lang', 'cobol'])).code).toBe(2);
});

test('doctor says what each language needs', async () => {
  const ended = await hookcell(['doctor', '--json'], { env: { PATH: '/nonexistent' } });
  expect(ended.code).toBe(0);
  const { languages } = jsonOf(ended, 'doctor');
  expect(languages.map(({ language }: { language: string }) => language)).toContain('typescript');
  expect(languages.find(({ language }: { language: string }) => language === 'rust').ready).toBe(false);
  const rust = await hookcell(['doctor', '--lang', 'rust'], { env: { PATH: '/nonexistent' } });
  expect(rust.code).toBe(2);
  expect(rust.stdout).toContain('rustup target add wasm32-unknown-unknown');
});
