// `cacheDir`: compiled code that outlives the process.

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';

import { pluginFile, removePluginFiles, runScript } from '../support/child';
import { refusal } from '../support/refusal';

const onUnix = process.platform === 'win32' ? test.skip : test;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hookcell-cache-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

afterAll(removePluginFiles);

/** Where a new process gets the plugin's code from. It also runs the plugin. */
async function loadElsewhere(
  file: string,
  cacheDir: string,
  { options = {}, type = 'commonjs' }: { options?: object; type?: 'commonjs' | 'module' } = {},
): Promise<string> {
  const imports = {
    commonjs: `const { WasmRuntime } = require('hookcell');`,
    module: `import { WasmRuntime } from 'hookcell';`,
  };
  const script = `${imports[type]}
    (async () => {
      const runtime = new WasmRuntime({ cacheDir: ${JSON.stringify(cacheDir)} });
      const { key, codeFrom } = await runtime.loadPlugin(${JSON.stringify(file)}, ${JSON.stringify(options)});
      const { ok } = await runtime.callHook(key, 'before_hook', { input: {} });
      console.log(ok ? codeFrom : 'the plugin does not run');
    })();`;
  const { stdout, stderr } = await runScript(script, [`--input-type=${type}`]);
  expect(stderr).toBe('');
  return stdout.trim();
}

test.each(['commonjs', 'module'] as const)('a second process (%s) loads what the first one compiled', async (type) => {
  const file = await pluginFile('pass_through');
  const cacheDir = path.join(folder, 'code');

  expect(await loadElsewhere(file, cacheDir, { type })).toBe('compiler');
  expect(await loadElsewhere(file, cacheDir, { type })).toBe('cache');
});

test('code from a child process is cached, and a cached load starts no process', async () => {
  const file = await pluginFile('pass_through');
  const cacheDir = path.join(folder, 'code');

  expect(await loadElsewhere(file, cacheDir, { options: { isolate: true } })).toBe('isolate');
  expect(await loadElsewhere(file, cacheDir, { options: { isolate: true } })).toBe('cache');
});

test('a changed cache file is not used, and the plugin is compiled again', async () => {
  const file = await pluginFile('pass_through');
  const cacheDir = path.join(folder, 'code');
  await loadElsewhere(file, cacheDir);
  const code = readdirSync(cacheDir).find((name) => name.endsWith('.code')) ?? '';
  const contents = readFileSync(path.join(cacheDir, code));
  contents[contents.length >> 1]! ^= 1;
  writeFileSync(path.join(cacheDir, code), contents);

  expect(await loadElsewhere(file, cacheDir)).toBe('compiler');
  expect(await loadElsewhere(file, cacheDir)).toBe('cache');
});

test('without `cacheDir` nothing is written, and plugins of one module share their code', async () => {
  const runtime = new WasmRuntime();
  const bytes = readFileSync(await pluginFile('modifier'));

  const first = await runtime.loadPluginBytes('first', bytes);
  const second = await runtime.loadPluginBytes('second', bytes);
  await runtime.close();

  expect([first.codeFrom, second.codeFrom]).toEqual(['compiler', 'memory']);
  expect(first.codeBytes).toBeGreaterThan(first.bytes);
  expect(second.codeBytes).toBe(first.codeBytes);
});

test.each([
  ['a path', (directory: string) => directory],
  ['a file: URL', (directory: string) => pathToFileURL(directory)],
  ['a file: URL as a string', (directory: string) => pathToFileURL(directory).href],
  ['a path from the current directory', (directory: string) => path.relative(process.cwd(), directory)],
])('`cacheDir` may be %s', async (_, spell) => {
  const directory = path.join(folder, 'code');
  const runtime = new WasmRuntime({ cacheDir: spell(directory) });
  await runtime.close();

  expect(readdirSync(directory)).toEqual(['secret']);
});

onUnix.each([
  ['a link', 'it is a link', (directory: string) => symlinkSync(folder, directory)],
  [
    'writable for others',
    'others can write to it',
    (directory: string) => {
      mkdirSync(directory);
      chmodSync(directory, 0o777);
    },
  ],
  ['a file', 'it cannot be made', (directory: string) => writeFileSync(directory, '')],
])('a `cacheDir` that is %s is refused with the reason', async (_, reason, make) => {
  const cacheDir = path.join(folder, 'code');
  make(cacheDir);

  const error = await refusal(
    Promise.resolve().then(() => new WasmRuntime({ cacheDir })),
    'ERR_CACHE_DIR',
  );

  expect(error.message).toContain(`cacheDir ${cacheDir} cannot be used: ${reason}`);
});

test.each([
  [{ cacheDir: 1 }, TypeError, 'cacheDir must be a path or a file: URL, got a number'],
  [{ cacheDir: null }, TypeError, 'cacheDir must be a path or a file: URL, got null'],
  [{ cacheDir: '' }, TypeError, 'cacheDir must be a path or a file: URL, got the string ""'],
  [{ cacheDir: 'a\0b' }, TypeError, 'cacheDir must be a path or a file: URL, got the string "a\\u{0}b"'],
  [{ cacheDir: new URL('https://example.com/') }, TypeError, "got 'https://example.com/'"],
  [{ maxCacheBytes: 1_000 }, RangeError, 'maxCacheBytes must be a whole number from 1048576'],
  [{ cachedir: '.' }, TypeError, "unknown option 'cachedir'"],
])('%j is refused by its name', (config, type, message) => {
  const make = () => new WasmRuntime(config as SandboxConfig);

  expect(make).toThrow(type);
  expect(make).toThrow(message);
});
