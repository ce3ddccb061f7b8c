import { readdirSync, renameSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { RefusedVersion, SwapMessage } from 'hookcell/plugins';
import { pluginAnswering } from 'hookcell/testing';

import { accepting, closeAll, makeRuntime, next, resultFor, SetFolder, sha256 } from './set-folder';

afterEach(closeAll);

const watch = { debounceMs: 20, pollMs: 3_600_000 };

/** Waits until a watch has looked at what was changed before. */
const soonAfterLook = () => new Promise((resolve) => setTimeout(resolve, 10 * watch.debounceMs));

/** Folders with a manifest each, whose modules and store are elsewhere, so that only the manifest's folder changes. */
function apart() {
  const folder = new SetFolder();
  const modules = new SetFolder();
  const store = new SetFolder();
  const entries = [1, 2, 3].map((version) => {
    const entry = modules.plugin('one', accepting({ version }));
    return Object.assign(entry, { file: modules.file(String(entry['file'])) });
  });
  const publish = (to: string, version: number) =>
    void folder.write(path.join(to, 'plugins.json'), JSON.stringify({ plugins: [entries[version - 1]] }));
  return { folder, publish, store };
}

describe('a watch', () => {
  test('follows a manifest that an editor replaces, truncates or writes in pieces', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime(), { watch });

    const replaced = next<SwapMessage>(set, 'swapped');
    folder.write('new.json', JSON.stringify({ plugins: [folder.plugin('one', accepting({ version: 2 }))] }));
    renameSync(folder.file('new.json'), folder.manifest);
    await replaced;
    expect(await resultFor(set)).toEqual({ version: 2 });

    const written = next<SwapMessage>(set, 'swapped');
    const text = JSON.stringify({ plugins: [folder.plugin('one', accepting({ version: 3 }))] });
    truncateSync(folder.manifest);
    for (const piece of [text.slice(0, 20), text.slice(20, 70), text.slice(70)]) {
      writeFileSync(folder.manifest, piece, { flag: 'a' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await written;
    expect(await resultFor(set)).toEqual({ version: 3 });
  });

  test('follows a mounted folder that Kubernetes changes by swapping a link', async () => {
    const folder = new SetFolder();
    const publish = (version: number) => {
      const bytes = pluginAnswering(accepting({ version }));
      const data = `..2026_${version}`;
      folder.write(path.join(data, 'one.wasm'), bytes);
      folder.write(
        path.join(data, 'plugins.json'),
        JSON.stringify({ plugins: [{ name: 'one', file: 'one.wasm', sha256: sha256(bytes) }] }),
      );
      symlinkSync(data, folder.file('..data_tmp'));
      renameSync(folder.file('..data_tmp'), folder.file('..data'));
    };
    publish(1);
    symlinkSync('..data/plugins.json', folder.manifest);
    symlinkSync('..data/one.wasm', folder.file('one.wasm'));
    const store = new SetFolder();
    const set = await folder.open(makeRuntime(), { watch, storeDir: store.path });

    const swapped = next<SwapMessage>(set, 'swapped');
    publish(2);
    rmSync(folder.file('..2026_1'), { recursive: true });
    await swapped;

    expect(await resultFor(set)).toEqual({ version: 2 });
  });

  test('follows a folder that is taken away and made anew', async () => {
    const folder = new SetFolder();
    const place = new SetFolder();
    const list = (version: number) => {
      const entry = place.plugin('one', accepting({ version }));
      folder.write(
        'set/plugins.json',
        JSON.stringify({ plugins: [{ ...entry, file: place.file(String(entry['file'])) }] }),
      );
    };
    list(1);
    const set = await folder.open(makeRuntime(), {
      manifest: folder.file('set', 'plugins.json'),
      watch: { debounceMs: 20, pollMs: 100 },
      storeDir: place.path,
    });

    const swapped = next<SwapMessage>(set, 'swapped');
    rmSync(folder.file('set'), { recursive: true });
    await next(set, 'manifestRefused');
    list(2);
    await swapped;

    expect(await resultFor(set)).toEqual({ version: 2 });
  });

  test.each<[string, (folder: SetFolder, publish: (to: string, version: number) => void) => Promise<void> | void]>([
    [
      'is taken away, and made anew later',
      async (folder, publish) => {
        rmSync(folder.file('set'), { recursive: true });
        await soonAfterLook();
        publish('set', 2);
      },
    ],
    [
      'is taken away, and made anew at once',
      (folder, publish) => {
        rmSync(folder.file('set'), { recursive: true });
        publish('set', 2);
      },
    ],
    [
      'another one takes the place of',
      (folder, publish) => {
        publish('next', 2);
        renameSync(folder.file('set'), folder.file('old'));
        renameSync(folder.file('next'), folder.file('set'));
      },
    ],
  ])('follows a folder that %s, without a look from time to time', async (_, change) => {
    const { folder, publish, store } = apart();
    publish('set', 1);
    const set = await folder.open(makeRuntime(), {
      manifest: folder.file('set', 'plugins.json'),
      watch,
      storeDir: store.path,
    });
    await soonAfterLook();

    const swapped = next<SwapMessage>(set, 'swapped');
    await change(folder, publish);
    await swapped;
    expect(await resultFor(set)).toEqual({ version: 2 });

    const again = next<SwapMessage>(set, 'swapped');
    publish('set', 3);
    await again;
    expect(await resultFor(set)).toEqual({ version: 3 });
  });

  test('follows a folder that is a link to another one, as releases are', async () => {
    const { folder, publish, store } = apart();
    publish('release-1', 1);
    publish('release-2', 2);
    symlinkSync('release-1', folder.file('current'));
    const set = await folder.open(makeRuntime(), {
      manifest: folder.file('current', 'plugins.json'),
      watch,
      storeDir: store.path,
    });
    await soonAfterLook();

    const swapped = next<SwapMessage>(set, 'swapped');
    symlinkSync('release-2', folder.file('coming'));
    renameSync(folder.file('coming'), folder.file('current'));
    await swapped;

    expect(await resultFor(set)).toEqual({ version: 2 });
  });

  test('tries again if a module arrives after the manifest', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime(), { watch });
    const entry = folder.plugin('one', accepting({ version: 2 }));
    unlinkSync(folder.file(String(entry['file'])));

    const refused = next<RefusedVersion>(set, 'refused');
    folder.list(entry);
    expect(await refused).toMatchObject({ code: 'ERR_READ' });
    const swapped = next<SwapMessage>(set, 'swapped');
    folder.plugin('one', accepting({ version: 2 }));
    await swapped;

    expect(await resultFor(set)).toEqual({ version: 2 });
  });

  test('looks from time to time, where the system tells of no change', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const store = new SetFolder();
    const link = new SetFolder();
    // A change behind a link is in none of the watched folders, as on a network file system.
    symlinkSync(folder.path, link.file('far'));
    symlinkSync(folder.manifest, link.manifest);
    const far = folder.plugin('one', accepting({ version: 1 }));
    folder.list({ ...far, file: `far/${String(far['file'])}` });
    const set = await link.open(makeRuntime(), { watch: { debounceMs: 20, pollMs: 100 }, storeDir: store.path });

    const swapped = next<SwapMessage>(set, 'swapped');
    const entry = folder.plugin('one', accepting({ version: 2 }));
    folder.list({ ...entry, file: `far/${String(entry['file'])}` });
    await swapped;

    expect(await resultFor(set)).toEqual({ version: 2 });
  });

  test('leaves no file open when the set is closed', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const runtime = makeRuntime();
    const first = await folder.open(runtime, { watch });
    await first.close();
    const before = readdirSync('/proc/self/fd').length;

    for (let round = 0; round < 5; round += 1) {
      const set = await folder.open(runtime, { watch });
      await set.close();
    }

    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before + 1);
  });
});
