// A path means the same plugin in every spelling.

import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { WasmRuntime } from 'hookcell';

import { fixture } from '../support/wat';
import { makeFolder } from './folder';

const context = { input: {} };

let folder: string;
let file: string;
let runtime: WasmRuntime;

beforeAll(async () => {
  folder = await makeFolder();
  await mkdir(path.join(folder, 'sub folder'));
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  file = path.join(folder, 'sub folder', 'plugin #1.wasm');
  await writeFile(file, await fixture('pass_through'));
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

describe('a plugin in a file', () => {
  const spellings: [string, () => string | URL | Promise<string>][] = [
    ['an absolute path', () => file],
    ['a relative path', () => path.relative(process.cwd(), file)],
    ['a path with detours', () => path.join(folder, 'sub folder') + '/../sub folder/./plugin #1.wasm'],
    ['a file: URL', () => pathToFileURL(file)],
    ['a file: URL as a string', () => pathToFileURL(file).href],
    ['the prefix wasm:', () => `wasm:${file}`],
    ['the prefix wasm: and a relative path', () => `wasm:${path.relative(process.cwd(), file)}`],
    ['the prefix wasm: and a file: URL', () => `wasm:${pathToFileURL(file).href}`],
    ['the prefix in capitals', () => `WASM:${file}`],
    [
      'a link to the file',
      async () => {
        const link = path.join(folder, 'link.wasm');
        await rm(link, { force: true });
        await symlink(file, link);
        return link;
      },
    ],
    [
      'a link to its folder',
      async () => {
        const link = path.join(folder, 'linked');
        await rm(link, { force: true });
        await symlink(path.dirname(file), link);
        return path.join(link, path.basename(file));
      },
    ],
  ];

  test.each(spellings)('is the same plugin under %s, to every method', async (_, spell) => {
    const spelling = await spell();
    await runtime.loadPlugin(file);

    expect((await runtime.loadPlugin(spelling)).key).toBe(file);
    expect(runtime.plugins()).toHaveLength(1);
    expect(runtime.isLoaded(spelling)).toBe(true);
    expect(await runtime.callHook(spelling, 'before_hook', context)).toMatchObject({ ok: true });
    expect(runtime.unloadPlugin(spelling)).toBe(true);
    expect(runtime.isLoaded(file)).toBe(false);
  });

  test.each(spellings)('can be loaded under %s and called by its path', async (_, spell) => {
    expect((await runtime.loadPlugin(await spell())).key).toBe(file);
    expect(await runtime.callHook(file, 'before_hook', context)).toMatchObject({ ok: true });
  });
});

describe('a value that is no path, name or file: URL', () => {
  test.each([
    ['an empty string', ''],
    ['a null character', 'plugin\0.wasm'],
    ['a number', 7],
    ['null', null],
    ['undefined', undefined],
    ['an object', { href: 'file:///x.wasm' }],
    ['a web address', new URL('https://example.com/x.wasm')],
    ['a file on another machine', new URL('file://elsewhere/x.wasm')],
    ['a broken escape', 'file:///%E0%A4%A.wasm'],
    ['an escaped slash', 'file:///a%2Fb.wasm'],
  ])('such as %s, is a TypeError of every method', async (_, value) => {
    const spelling = value as string;

    await expect(runtime.loadPlugin(spelling)).rejects.toThrow(TypeError);
    await expect(runtime.callHook(spelling, 'before_hook', context)).rejects.toThrow(TypeError);
    expect(() => runtime.isLoaded(spelling)).toThrow(TypeError);
    expect(() => runtime.unloadPlugin(spelling)).toThrow(TypeError);
  });
});

describe('half of a surrogate pair', () => {
  const halves = ['t-\ud800', 't-\udbff', '\udc00'];
  const wellFormed = /must be well-formed Unicode, without half of a surrogate pair/;

  test.each(halves)('in a name or a path is a TypeError of every method (%j)', async (name) => {
    const bytes = await fixture('pass_through');

    await expect(runtime.loadPluginBytes(name, bytes)).rejects.toThrow(wellFormed);
    await expect(runtime.loadPlugin(name)).rejects.toThrow(wellFormed);
    await expect(runtime.loadPlugin(`wasm:${name}`)).rejects.toThrow(wellFormed);
    await expect(runtime.callHook(name, 'before_hook', context)).rejects.toThrow(wellFormed);
    await expect(runtime.callChain([{ plugin: name }], 'before_hook', context)).rejects.toThrow(wellFormed);
    expect(() => runtime.callHookSync(name, 'before_hook', context)).toThrow(wellFormed);
    expect(() => runtime.isLoaded(name)).toThrow(wellFormed);
    expect(() => runtime.unloadPlugin(name)).toThrow(wellFormed);
  });

  test('in a hook, a tenant, a digest or the directory of a cache is a TypeError', async () => {
    await runtime.loadPlugin(file);
    const load = runtime.loadPlugin(file, { sha256: '\ud800'.repeat(64) });

    await expect(runtime.callHook(file, 'hook-\ud800', context)).rejects.toThrow(/^the hook must be well-formed/);
    await expect(runtime.callHook(file, 'before_hook', context, { tenant: 't-\ud800' })).rejects.toThrow(
      /^tenant must be well-formed/,
    );
    await expect(load).rejects.toThrow(TypeError);
    expect(() => new WasmRuntime({ cacheDir: '/tmp/\ud800' })).toThrow(/^cacheDir must be well-formed/);
  });

  test('in the caller makes the context invalid', async () => {
    await runtime.loadPlugin(file);
    const call = (parts: object) => runtime.callHook(file, 'before_hook', { input: {}, ...parts });

    await expect(call({ tenant_id: 't-\ud800' })).rejects.toThrow(/tenant_id must be well-formed/);
    await expect(call({ user: { id: '\udfff', role: '' } })).rejects.toThrow(/user\.id must be well-formed/);
    await expect(call({ user: { id: '7', role: '\udfff' } })).rejects.toThrow(/user\.role must be well-formed/);
  });
});

test.each(['wasm:acme', 'WASM:acme', 'wasm:wasm:acme', 'file:acme', 'file:///acme', 'wasm:file:///acme'])(
  'bytes cannot be loaded under %j, which would mean the plugin of another name',
  async (name) => {
    await runtime.loadPluginBytes('acme', await fixture('pass_through'));

    const load = runtime.loadPluginBytes(name, await fixture('plugin_error'));

    await expect(load).rejects.toThrow(TypeError);
    await expect(load).rejects.toThrow(/leave|URL/);
    expect(await runtime.callHook('acme', 'before_hook', context)).toMatchObject({ ok: true });
  },
);

test('the prefix wasm: is removed once, and twice is a TypeError', () => {
  expect(() => runtime.isLoaded('wasm:wasm:acme')).toThrow(/the prefix 'wasm:' more than once.+leave it out/);
});

test.each([
  'acme',
  '/no/such/file.wasm',
  './relative.wasm',
  '../up',
  'https://example.com/plugin.wasm?version=1#part',
  'with%20percent%2Fsigns%',
  'C:\\windows\\style.wasm',
  'wasm',
  'file',
  ' space around ',
  'é, and 😀',
  'é as two characters',
  'wasm；acme',
])('info.key of a plugin with the name %j leads back to it', async (name) => {
  const { key } = await runtime.loadPluginBytes(name, await fixture('pass_through'));

  expect(key).toBe(name);
  expect(runtime.isLoaded(key)).toBe(true);
  expect(await runtime.callHook(key, 'before_hook', context)).toMatchObject({ ok: true });
  await runtime.loadPluginBytes(key, await fixture('plugin_error'));
  expect(runtime.plugins()).toHaveLength(1);
  expect(runtime.unloadPlugin(key)).toBe(true);
});

test.each(['plain.wasm', 'percent%41.wasm', '%2F.wasm', 'wasm:inner.wasm', 'file:inner.wasm', 'a b#c?d.wasm'])(
  'info.key of the file %j leads back to it',
  async (name) => {
    const odd = path.join(folder, name);
    await writeFile(odd, await fixture('pass_through'));

    const { key } = await runtime.loadPlugin(odd);

    expect(key).toBe(odd);
    expect(runtime.isLoaded(key)).toBe(true);
    expect((await runtime.loadPlugin(key)).key).toBe(key);
    expect(await runtime.callHook(key, 'before_hook', context)).toMatchObject({ ok: true });
    expect(runtime.unloadPlugin(key)).toBe(true);
  },
);

test('no method that takes a plugin runs a regular expression, which fails to compile at the end of the stack', async () => {
  await runtime.loadPluginBytes('acme', await fixture('pass_through'));
  const exec = jest.spyOn(RegExp.prototype, 'exec');
  try {
    runtime.isLoaded('wasm:acme');
    runtime.callHookSync('acme', 'before_hook', context);
    expect(exec).not.toHaveBeenCalled();
  } finally {
    exec.mockRestore();
  }
});
