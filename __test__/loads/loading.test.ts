// Loading plugins from files and from memory, and loads that overlap.

import { createHash } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';

import { nestedLoops } from '../support/compile-bomb';
import { refusal } from '../support/refusal';
import { fixture, plugin } from '../support/wat';
import { makeFolder } from './folder';

const context = { input: {} };

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

describe('a plugin in a file', () => {
  test('is described by its PluginInfo', async () => {
    const bytes = await fixture('pass_through');

    expect(await runtime.loadPlugin(file)).toEqual({
      key: file,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      codeFrom: 'compiler',
      codeBytes: expect.any(Number),
      hooks: ['before_hook', 'after_hook'],
      memory: { minPages: 1 },
      preInitialized: false,
      loadedInMs: expect.any(Number),
    });
  });

  test('reports the maximum memory that it declares', async () => {
    await writeFile(file, await plugin({ memory: '(memory (export "memory") 2 7)' }));

    expect((await runtime.loadPlugin(file)).memory).toEqual({ minPages: 2, maxPages: 7 });
  });

  test('is loaded once: a second load is a no-op', async () => {
    const first = await runtime.loadPlugin(file);
    await writeFile(file, 'no module any more');

    expect(await runtime.loadPlugin(file)).toEqual(first);
    expect(runtime.plugins()).toEqual([first]);
  });

  test('is loaded once if two loads race', async () => {
    const [one, other] = await Promise.all([runtime.loadPlugin(file), runtime.loadPlugin(file)]);

    expect(one.key).toBe(other.key);
    expect(runtime.plugins()).toHaveLength(1);
  });

  test('is read again after it was unloaded', async () => {
    await runtime.loadPlugin(file);
    await writeFile(file, await fixture('plugin_error'));
    runtime.unloadPlugin(file);
    await runtime.loadPlugin(file);

    expect(await runtime.callHook(file, 'before_hook', context)).toMatchObject({ ok: false });
  });

  test('stays loaded, and can be unloaded, when its file is gone', async () => {
    const { key } = await runtime.loadPlugin(file);
    await rename(file, `${file}.old`);

    expect(runtime.isLoaded(key)).toBe(true);
    expect(await runtime.callHook(key, 'before_hook', context)).toMatchObject({ ok: true });
    expect(runtime.unloadPlugin(key)).toBe(true);
    expect(runtime.plugins()).toEqual([]);
  });

  test('has the limits of a later load from then on', async () => {
    await runtime.loadPlugin(file);
    await runtime.loadPlugin(file, { maxFuel: 1 });

    expect(await runtime.callHook(file, 'before_hook', context)).toMatchObject({ fault: { code: 'ERR_FUEL' } });
  });

  test('is refused if it is a folder', async () => {
    await refusal(runtime.loadPlugin(folder), 'ERR_READ');
  });

  test('is refused if it is larger than maxModuleBytes', async () => {
    const error = await refusal(runtime.loadPlugin(file, { maxModuleBytes: 50 }), 'ERR_LIMIT');

    expect(error.limit).toBe('maxModuleBytes');
  });
});

describe('a plugin in memory', () => {
  test('has the name that it is loaded under', async () => {
    const info = await runtime.loadPluginBytes('greeting', await fixture('pass_through'));

    expect(info.key).toBe('greeting');
    expect(runtime.isLoaded('greeting')).toBe(true);
    expect(runtime.isLoaded('wasm:greeting')).toBe(true);
  });

  test('replaces the plugin of the same name', async () => {
    await runtime.loadPluginBytes('plugin', await fixture('pass_through'));
    await runtime.loadPluginBytes('plugin', await fixture('plugin_error'));

    expect(await runtime.callHook('plugin', 'before_hook', context)).toMatchObject({ ok: false });
    expect(runtime.plugins()).toHaveLength(1);
  });

  test('leaves the plugin of the same name loaded if it is refused', async () => {
    await runtime.loadPluginBytes('plugin', await fixture('pass_through'));
    await refusal(runtime.loadPluginBytes('plugin', await fixture('wasi')), 'ERR_IMPORT');

    expect(await runtime.callHook('plugin', 'before_hook', context)).toMatchObject({ ok: true });
  });

  test('can come as any view of bytes, and is copied at once', async () => {
    const bytes = await fixture('pass_through');
    const padded = new Uint8Array(bytes.length + 16);
    padded.set(bytes, 8);
    const view = padded.subarray(8, 8 + bytes.length);

    const loading = runtime.loadPluginBytes('view', view);
    padded.fill(0);

    expect(await loading).toMatchObject({ bytes: bytes.length });
    await runtime.loadPluginBytes('buffer', Buffer.from(bytes));
    expect(runtime.plugins().map(({ key }) => key)).toEqual(['buffer', 'view']);
  });

  test.each([
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['a string', 'AGFzbQ=='],
    ['words of 16 bits', new Uint16Array(4)],
    ['nothing', undefined],
  ])('given as %s is a TypeError', async (_, bytes) => {
    await expect(runtime.loadPluginBytes('plugin', bytes as unknown as Uint8Array)).rejects.toThrow(
      /^the bytes must be a Uint8Array, got /,
    );
  });

  test.each([
    ['', /empty string/],
    ['wasm:', /empty string/],
    [7, /must be a string, got a number/],
  ])('cannot be named %p', async (name, message) => {
    const load = runtime.loadPluginBytes(name as string, await fixture('pass_through'));

    await expect(load).rejects.toThrow(message);
    await expect(load).rejects.toThrow(TypeError);
  });
});

describe('loads of one name that overlap', () => {
  /** Takes far longer to compile than any other plugin here. */
  const slow = () => nestedLoops(90);

  test('leave the plugin that was requested last, in whatever order they end', async () => {
    const ends: string[] = [];
    // On a busy machine the first one may end first.
    for (let tries = 0; tries < 5 && !ends.includes('newer, older'); tries++) {
      const ended: string[] = [];
      const older = runtime.loadPluginBytes('plugin', await slow()).finally(() => ended.push('older'));
      const newer = runtime.loadPluginBytes('plugin', await fixture('plugin_error')).finally(() => ended.push('newer'));
      const infos = await Promise.all([older, newer]);

      expect(infos[0].sha256).not.toBe(infos[1].sha256);
      expect(runtime.plugins()).toEqual([infos[1]]);
      ends.push(ended.join(', '));
    }
    expect(ends).toContain('newer, older');
  });

  test('do not bring back a plugin that was unloaded meanwhile', async () => {
    const load = runtime.loadPluginBytes('plugin', await slow());
    expect(runtime.unloadPlugin('plugin')).toBe(false);

    expect((await load).key).toBe('plugin');
    expect(runtime.isLoaded('plugin')).toBe(false);
  });

  test('combine their limits, and those of the last one win', async () => {
    const options = [{ maxFuel: 1 }, { maxFuel: 1_000_000, timeoutMs: 5_000 }, {}, { timeoutMs: 4_000 }];
    await Promise.all(options.map((each) => runtime.loadPlugin(file, each)));

    expect(await runtime.callHook(file, 'before_hook', context)).toMatchObject({ ok: true });
  });
});

describe('maxLoads', () => {
  test('refuses one load too many at once, and accepts it after another has ended', async () => {
    await using bounded = new WasmRuntime({ maxLoads: 2 });
    const loads = [bounded.loadPlugin(file), bounded.loadPluginBytes('plugin', await fixture('pass_through'))];
    const error = await refusal(bounded.loadPlugin(file), 'ERR_QUEUE_FULL');

    expect(error.limit).toBe('maxLoads');
    expect(await Promise.all(loads)).toHaveLength(2);
    expect((await bounded.loadPlugin(file)).key).toBe(file);
  });

  test('is 64 by default', async () => {
    const loads = Array.from({ length: 65 }, () => runtime.loadPlugin(file));
    await refusal(loads[64]!, 'ERR_QUEUE_FULL');
    await loads[0];

    const [info] = runtime.plugins();
    expect(await Promise.all(loads.slice(0, 64))).toEqual(Array.from({ length: 64 }, () => info));
  });

  test('counts a failing load until it ends', async () => {
    await using bounded = new WasmRuntime({ maxLoads: 1 });
    await refusal(bounded.loadPlugin(folder), 'ERR_READ');

    expect((await bounded.loadPlugin(file)).key).toBe(file);
  });
});

describe('a call of a plugin that is still loading', () => {
  test.each([
    ['from bytes', 'slow', (bytes: Uint8Array) => runtime.loadPluginBytes('slow', bytes)],
    ['from a file', './', () => runtime.loadPlugin(file)],
  ])('says so: %s', async (_, name, load) => {
    const slow = await nestedLoops(90);
    await writeFile(file, slow);
    const key = name === 'slow' ? name : file;
    const loading = load(slow);

    const error = await refusal(runtime.callHook(key, 'before_hook', context), 'ERR_NOT_LOADED');

    expect(error.message).toContain('is still loading: await');
    await loading;
    expect(await runtime.callHook(key, 'before_hook', context)).toMatchObject({ ok: true });
  });
});
