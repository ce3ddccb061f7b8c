import { readdirSync, statSync, writeFileSync } from 'node:fs';

import type { PluginEntry, SourceRequest } from 'hookcell/plugins';
import { pluginAnswering } from 'hookcell/testing';

import { until } from '../support/clock';
import { refusal } from '../support/refusal';
import { accepting, closeAll, makeRuntime, resultFor, SetFolder, sha256 } from './set-folder';

afterEach(closeAll);

const bytes = pluginAnswering(accepting({ version: 1 }));
const entry = { name: 'one', source: 's3://plugins/one.wasm', sha256: sha256(bytes) };

function folderWithSource(): SetFolder {
  const folder = new SetFolder();
  folder.list(entry);
  return folder;
}

test.each([
  ['bytes', () => bytes],
  ['a promise of bytes', async () => bytes],
  ['a stream', () => new Response(bytes).body as unknown as AsyncIterable<Uint8Array>],
  ['pieces', () => [bytes.subarray(0, 10), bytes.subarray(10)]],
])('a source may give %s', async (_, source) => {
  const set = await folderWithSource().open(makeRuntime(), { source });

  expect(await resultFor(set)).toEqual({ version: 1 });
});

test('a source gets the entry, a signal and the most bytes', async () => {
  const calls: [PluginEntry, SourceRequest][] = [];
  const source = (...call: [PluginEntry, SourceRequest]) => (calls.push(call), bytes);
  await folderWithSource().open(makeRuntime(), { source, maxSourceBytes: 1_000_000 });

  expect(calls).toEqual([[expect.objectContaining(entry), { signal: expect.any(Object), maxBytes: 1_000_000 }]]);
});

test.each<[string, () => unknown, RegExp]>([
  [
    'throws',
    () => {
      throw new Error('access denied');
    },
    /'s3:\/\/plugins\/one\.wasm': access denied/,
  ],
  [
    'throws nothing',
    () => {
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- a source of a user may
      throw undefined;
    },
    /undefined/,
  ],
  ['gives no bytes', () => 'text', /must give a Uint8Array or a stream/],
  ['gives a stream of text', () => ['text'], /stream must give Uint8Arrays/],
  ['gives too many bytes', () => new Uint8Array(2_001), /more than maxSourceBytes \(2000\)/],
  [
    'gives an endless stream',
    async function* endless() {
      for (;;) {
        yield new Uint8Array(100);
      }
    },
    /more than maxSourceBytes/,
  ],
  ['never answers', () => new Promise(() => {}), /took longer than sourceTimeoutMs \(100\)/],
])('a source that %s refuses the plugin', async (_, source, message) => {
  const opening = folderWithSource().open(makeRuntime(), {
    source: source as never,
    maxSourceBytes: 2_000,
    sourceTimeoutMs: 100,
  });

  expect((await refusal(opening, 'ERR_SOURCE')).message).toMatch(message);
});

test('other bytes than those of the digest never reach the compiler or the store', async () => {
  const folder = folderWithSource();
  const runtime = makeRuntime();
  const loads = jest.spyOn(runtime, 'loadPluginBytes');

  await refusal(folder.open(runtime, { source: () => pluginAnswering({ ok: false, error: 'evil' }) }), 'ERR_DIGEST');

  expect(loads).not.toHaveBeenCalled();
  expect(readdirSync(folder.file('.hookcell', 'modules'))).toEqual([]);
});

test('a source that goes on with its array changes nothing of what was checked', async () => {
  const own = Uint8Array.from(bytes);
  const source = () => {
    setImmediate(() => own.fill(0));
    return own;
  };
  const set = await folderWithSource().open(makeRuntime(), { source });

  expect(await resultFor(set)).toEqual({ version: 1 });
});

test('a module is fetched once, and then had from the store, which only its user can read', async () => {
  const folder = folderWithSource();
  let calls = 0;
  const source = () => ((calls += 1), bytes);
  const set = await folder.open(makeRuntime(), { source });
  await set.close();
  await folder.open(makeRuntime(), { source });

  expect(calls).toBe(1);
  const file = folder.file('.hookcell', 'modules', `${entry.sha256}.wasm`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(folder.file('.hookcell', 'modules')).mode & 0o777).toBe(0o700);
});

test('a damaged module of the store is fetched again', async () => {
  const folder = folderWithSource();
  let calls = 0;
  const source = () => ((calls += 1), bytes);
  const set = await folder.open(makeRuntime(), { source });
  await set.close();
  const file = folder.file('.hookcell', 'modules', `${entry.sha256}.wasm`);
  writeFileSync(file, bytes.subarray(0, 100));

  const again = await folder.open(makeRuntime(), { source });

  expect(calls).toBe(2);
  expect(await resultFor(again)).toEqual({ version: 1 });
  expect(statSync(file).size).toBe(bytes.length);
});

test('without a store nothing is written, and every start fetches', async () => {
  const folder = folderWithSource();
  let calls = 0;
  const source = () => ((calls += 1), bytes);
  const set = await folder.open(makeRuntime(), { source, storeDir: false });
  await set.close();
  await folder.open(makeRuntime(), { source, storeDir: false });

  expect(calls).toBe(2);
  expect(readdirSync(folder.path)).toEqual(['plugins.json']);
});

test('modules that are not in use make room for others in the store, and those in use never do', async () => {
  const folder = new SetFolder();
  const wide = (version: number) => folder.plugin('one', accepting({ version, text: 'x'.repeat(30_000) }));
  folder.list(wide(1));
  const set = await folder.open(makeRuntime(), { maxStoreBytes: 65_536, keepVersions: 0 });
  for (const version of [2, 3, 4]) {
    folder.list(wide(version));
    expect((await set.reload()).refused).toEqual([]);
  }
  expect(readdirSync(folder.file('.hookcell', 'modules')).length).toBeLessThanOrEqual(2);

  folder.list(wide(4), { ...wide(5), name: 'two' }, { ...wide(6), name: 'three' });
  const { refused } = await set.reload();

  expect(refused.map(({ code }) => code)).toEqual(['ERR_STORE']);
  expect(refused[0]?.message).toContain('maxStoreBytes (65536)');
});

test('a store that cannot be written is refused with the name of the option', async () => {
  const folder = folderWithSource();
  folder.write('occupied', 'a file');

  const error = await refusal(
    folder.open(makeRuntime(), { source: () => bytes, storeDir: folder.file('occupied') }),
    'ERR_STORE',
  );

  expect(error.message).toContain('storeDir');
});

test('closing a set aborts its sources', async () => {
  const folder = new SetFolder();
  folder.list();
  let signal: AbortSignal | undefined;
  const set = await folder.open(makeRuntime(), {
    source(_, request) {
      ({ signal } = request);
      return new Promise(() => {});
    },
  });
  folder.list(entry);
  const reload = set.reload();
  await until(() => signal !== undefined);

  await Promise.all([set.close(), refusal(reload, 'ERR_CLOSED')]);

  expect(signal?.reason).toMatchObject({ code: 'ERR_CLOSED' });
});

test('closing a set during a reload unloads what the reload has loaded, and what ran', async () => {
  const folder = new SetFolder();
  const running = folder.plugin('running', accepting({ running: 1 }));
  folder.list(running);
  const runtime = makeRuntime();
  let isAsked = false;
  const set = await folder.open(runtime, {
    source() {
      isAsked = true;
      return new Promise(() => {});
    },
  });
  folder.list(running, entry);
  const reload = set.reload();
  await until(() => isAsked);

  const [, error] = await Promise.all([set.close(), refusal(reload, 'ERR_CLOSED')]);

  expect(error.message).toBe('the plugin set is closed');
  expect(runtime.plugins()).toEqual([]);
});

describe('opening a set', () => {
  test('ends with the reason of its signal, and leaves nothing loaded', async () => {
    const folder = new SetFolder();
    const runtime = makeRuntime();
    const opening = new AbortController();
    const { file: _, ...far } = folder.plugin('far', accepting({}));
    folder.list(folder.plugin('near', accepting({})), { ...far, source: 'far' });
    const asked = jest.fn();
    const source = (_entry: unknown, { signal }: { signal: AbortSignal }) => {
      asked();
      return new Promise<Uint8Array>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
    };

    const opened = folder.open(runtime, { source, signal: opening.signal });
    await until(() => asked.mock.calls.length === 1 && runtime.isLoaded(runtime.plugins()[0]?.key ?? 'none'));
    opening.abort(new Error('the server ends'));

    await expect(opened).rejects.toThrow('the server ends');
    expect(runtime.plugins()).toEqual([]);
    await expect(folder.open(runtime, { source, signal: opening.signal })).rejects.toThrow('the server ends');
    await expect(folder.open(runtime, { signal: 7 as never })).rejects.toThrow('signal must be an AbortSignal');
  });

  test('is not ended by its signal once the set is open', async () => {
    const folder = new SetFolder();
    const opening = new AbortController();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime(), { signal: opening.signal });

    opening.abort();

    expect(await resultFor(set)).toEqual({ version: 1 });
  });
});
