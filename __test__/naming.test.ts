// A path means the same plugin however it is spelled.

import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { WasmRuntime } from 'hookcell';

import { fixture } from './support/wat';

const context = { input: {} };

let folder: string;
let file: string;
let runtime: WasmRuntime;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'hookcell-')));
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

describe('what is no path, name or file: URL', () => {
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
