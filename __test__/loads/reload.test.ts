// `reloadPlugin` replaces a plugin in one step, and a path means one plugin in every spelling.

import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';

import { refusal } from '../support/refusal';
import { answering, fixture } from '../support/wat';
import { makeFolder } from './folder';

const context = { input: {} };

let folder: string;
let file: string;
let warnings: string[];
let runtime: WasmRuntime;

beforeEach(async () => {
  folder = await makeFolder();
  file = path.join(folder, 'plugin.wasm');
  warnings = [];
  runtime = new WasmRuntime({ logger: { warn: (line) => warnings.push(line) } });
});

afterEach(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});

/** A plugin that rejects with a reason. */
const saying = (error: string) => answering(JSON.stringify({ ok: false, error }));

/** The reason that the plugin gives. */
async function said(plugin: string): Promise<string | undefined> {
  const result = await runtime.callHook(plugin, 'before_hook', context);
  return result.ok ? undefined : result.error;
}

describe('a file that has changed', () => {
  test('is read again by reloadPlugin, which returns what is loaded now', async () => {
    await writeFile(file, await saying('one'));
    const before = await runtime.loadPlugin(file);
    await writeFile(file, await saying('other'));

    const after = await runtime.reloadPlugin(file);

    expect(after.key).toBe(file);
    expect(after.sha256).not.toBe(before.sha256);
    expect(runtime.plugins()).toEqual([after]);
    expect(await said(file)).toBe('other');
  });

  test('is not loaded by a second loadPlugin, which says so in the log', async () => {
    await writeFile(file, await saying('one'));
    const before = await runtime.loadPlugin(file);
    await writeFile(file, await saying('other'));

    expect(await runtime.loadPlugin(file)).toEqual(before);
    expect(warnings).toEqual([expect.stringContaining('has changed since it was loaded')]);
  });

  test('only in its modification time is not reported', async () => {
    await writeFile(file, await saying('one'));
    await runtime.loadPlugin(file);
    await rename(file, `${file}.old`);
    await writeFile(file, await saying('one'));
    await runtime.loadPlugin(file);

    expect(warnings).toEqual([]);
  });

  test('to an invalid module leaves the old plugin loaded', async () => {
    await writeFile(file, await saying('one'));
    const before = await runtime.loadPlugin(file);
    await writeFile(file, await fixture('wasi'));

    await refusal(runtime.reloadPlugin(file), 'ERR_IMPORT');
    await rm(file);
    await refusal(runtime.reloadPlugin(file), 'ERR_READ');

    expect(runtime.plugins()).toEqual([before]);
    expect(await said(file)).toBe('one');
  });

  test('keeps the limits of earlier loads, and those of the reload replace them', async () => {
    await writeFile(file, await saying('one'));
    await runtime.loadPlugin(file, { maxFuel: 1 });

    await runtime.reloadPlugin(file);
    expect(await runtime.callHook(file, 'before_hook', context)).toMatchObject({ fault: { code: 'ERR_FUEL' } });
    await runtime.reloadPlugin(file, { maxFuel: 1_000_000 });
    expect(await said(file)).toBe('one');
  });

  test('behind a link of its folder, as Kubernetes mounts it, is the new plugin by every spelling', async () => {
    for (const version of ['1', '2']) {
      await mkdir(path.join(folder, version));
      await writeFile(path.join(folder, version, 'plugin.wasm'), await saying(version));
    }
    const current = path.join(folder, 'current');
    await symlink('1', current);
    const spelling = path.join(current, 'plugin.wasm');
    const { key } = await runtime.loadPlugin(spelling);
    await symlink('2', `${current}.new`);
    await rename(`${current}.new`, current);

    const reloaded = await runtime.reloadPlugin(spelling);

    expect(reloaded.key).toBe(path.join(folder, '2', 'plugin.wasm'));
    expect(runtime.plugins()).toEqual([reloaded]);
    expect([await said(spelling), await said(key), await said(reloaded.key)]).toEqual(['2', '2', '2']);
  });
});

describe('a stream of calls', () => {
  test('loses and mixes up none while its plugin is reloaded hundreds of times', async () => {
    const versions = [await saying('one'), await saying('other')];
    await writeFile(file, versions[0]!);
    await runtime.loadPlugin(file);
    const stop = new AbortController();
    let calls = 0;
    const answers = new Set<string | undefined>();
    const stream = Array.from({ length: 4 }, async () => {
      while (!stop.signal.aborted) {
        answers.add(await said(file));
        calls += 1;
      }
    });
    for (let count = 0; count < 100; count += 1) {
      await writeFile(`${file}.new`, versions[count % 2]!);
      await rename(`${file}.new`, file);
      await runtime.reloadPlugin(file);
    }
    stop.abort();
    await Promise.all(stream);

    expect([...answers].toSorted()).toEqual(['one', 'other']);
    expect(calls).toBeGreaterThan(100);
    expect(runtime.plugins()).toHaveLength(1);
  }, 60_000);

  test('finds the plugin of the last reload when it is over', async () => {
    await runtime.loadPluginBytes('plugin', await saying('first'));
    const texts = Array.from({ length: 10 }, (_, number) => `version ${number}`);
    const bytes = await Promise.all(texts.map(saying));
    await Promise.all(bytes.map((each) => runtime.reloadPlugin('plugin', each, { isolate: false })));

    expect(await said('plugin')).toBe('version 9');
  });
});

describe('a plugin from bytes', () => {
  test('is reloaded from new bytes', async () => {
    await runtime.loadPluginBytes('plugin', await saying('one'), { maxFuel: 500_000 });

    const info = await runtime.reloadPlugin('plugin', await saying('other'), { isolate: false });

    expect(runtime.plugins()).toEqual([info]);
    expect(await said('plugin')).toBe('other');
  });

  test('has no file to read again', async () => {
    await runtime.loadPluginBytes('plugin', await saying('one'));

    const error = await refusal(runtime.reloadPlugin('plugin'), 'ERR_READ');

    expect(error.message).toContain('loaded from bytes');
    expect(await said('plugin')).toBe('one');
  });

  test('is loaded by reloadPlugin if it is not loaded yet', async () => {
    expect((await runtime.reloadPlugin('plugin', await saying('one'), { isolate: false })).key).toBe('plugin');
    expect(await said('plugin')).toBe('one');
  });
});

describe('a path means one plugin in every spelling', () => {
  const spelled = () => path.relative(process.cwd(), file);

  beforeEach(async () => writeFile(file, await saying('file')));

  test('when bytes replace a file', async () => {
    await runtime.loadPlugin(file);
    const info = await runtime.loadPluginBytes(spelled(), await saying('bytes'));

    expect(info.key).toBe(file);
    expect([await said(spelled()), await said(file)]).toEqual(['bytes', 'bytes']);
    expect(runtime.plugins()).toEqual([info]);
  });

  test.each([
    ['the same spelling', spelled],
    ['another spelling', () => file],
  ])('when a file takes the place of bytes that had its path for a name: %s', async (_, spelling) => {
    await runtime.loadPluginBytes(spelled(), await saying('bytes'));
    const info = await runtime.loadPlugin(spelling());

    expect([await said(spelled()), await said(file)]).toEqual(['file', 'file']);
    expect(runtime.plugins()).toEqual([info]);
  });

  test('when bytes replaced it, and it is loaded again', async () => {
    await runtime.loadPlugin(file);
    await runtime.loadPluginBytes(file, await saying('bytes'));
    await runtime.loadPlugin(spelled());

    expect([await said(spelled()), await said(file)]).toEqual(['file', 'file']);
  });
});
