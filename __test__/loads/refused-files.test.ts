// What is checked before a plugin is compiled: its digest, its length, and whether its file can be read.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { LoadOptions } from 'hookcell';

import { refusal } from '../support/refusal';
import { fixture } from '../support/wat';
import { makeFolder } from './folder';

let folder: string;
let file: string;
let runtime: WasmRuntime;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  file = path.join(folder, 'plugin.wasm');
  await writeFile(file, await fixture('pass_through'));
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

describe('sha256', () => {
  const digest = async () =>
    createHash('sha256')
      .update(await fixture('pass_through'))
      .digest('hex');

  test('accepts matching bytes, in upper or lower case', async () => {
    const sha256 = await digest();

    expect((await runtime.loadPlugin(file, { sha256 })).sha256).toBe(sha256);
    expect((await runtime.loadPlugin(file, { sha256: sha256.toUpperCase() })).sha256).toBe(sha256);
  });

  test('refuses other bytes, and gives their digest', async () => {
    await writeFile(file, await fixture('plugin_error'));

    const error = await refusal(runtime.loadPlugin(file, { sha256: await digest() }), 'ERR_DIGEST');

    expect(error.message).toContain(await digest());
    expect(runtime.isLoaded(file)).toBe(false);
  });

  test('is also checked for a plugin that is already loaded', async () => {
    await runtime.loadPlugin(file);

    await refusal(runtime.loadPlugin(file, { sha256: 'a'.repeat(64) }), 'ERR_DIGEST');
    expect(runtime.isLoaded(file)).toBe(true);
  });

  test.each(['', 'abc', 'g'.repeat(64), 'a'.repeat(65), 7, null])('as %p is a TypeError', async (sha256) => {
    const load = runtime.loadPlugin(file, { sha256 } as LoadOptions);

    await expect(load).rejects.toThrow(/^sha256 must be 64 hexadecimal digits, got /);
    await expect(load).rejects.toThrow(TypeError);
  });
});

describe('an error for what loadPlugin cannot read gives', () => {
  test('the absolute path, and the working directory', async () => {
    const error = await refusal(runtime.loadPlugin('./plugins/nobody.wasm'), 'ERR_READ');

    expect(error.message).toContain(path.resolve('plugins/nobody.wasm'));
    expect(error.message).toContain(`the working directory is ${process.cwd()}`);
  });

  test.each(['https://example.com/plugin.wasm', 'HTTP://example.com/a', 'wasm:https://example.com/a', 's3://bucket/a'])(
    'what to do instead: %s',
    async (url) => {
      for (const load of [runtime.loadPlugin(url), runtime.reloadPlugin(url)]) {
        await expect(load).rejects.toThrow(TypeError);
        await expect(load).rejects.toThrow(/loadPluginBytes/);
      }
    },
  );

  test('what to do instead, also for a URL object', async () => {
    await expect(runtime.loadPlugin(new URL('https://example.com/plugin.wasm'))).rejects.toThrow(/loadPluginBytes/);
  });

  (process.platform === 'win32' ? test.skip : test)('its kind, and a pipe is not waited for', async () => {
    const pipe = path.join(folder, 'pipe.wasm');
    execFileSync('mkfifo', [pipe]);

    const error = await refusal(runtime.loadPlugin(pipe), 'ERR_READ');

    expect(error.message).toContain('it is not a file');
    await rm(pipe);
  });
});

describe('a module longer than maxModuleBytes', () => {
  const LENGTH = 200_000_000;

  test('as a file is refused with its real length', async () => {
    await truncate(file, LENGTH);

    const error = await refusal(runtime.loadPlugin(file), 'ERR_LIMIT');

    expect(error.limit).toBe('maxModuleBytes');
    expect(error.message).toContain(`has ${LENGTH} bytes; maxModuleBytes is 16777216`);
  });

  test('as bytes is refused before it is copied', async () => {
    const bytes = new Uint8Array(LENGTH);
    const before = process.resourceUsage().maxRSS;

    const error = await refusal(runtime.loadPluginBytes('large', bytes), 'ERR_LIMIT');

    expect(error.message).toContain(`has ${LENGTH} bytes; maxModuleBytes is 16777216`);
    // A copy would touch all of it. In kilobytes.
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(LENGTH / 2 / 1_024);
  });
});
