import { mkdirSync, symlinkSync } from 'node:fs';

import type { HookcellError } from 'hookcell';
import type { RefusedVersion } from 'hookcell/plugins';
import { pluginFailing } from 'hookcell/testing';

import { refusal } from '../support/refusal';
import { accepting, closeAll, makeRuntime, resultFor, SetFolder } from './set-folder';

afterEach(closeAll);

describe('a reload', () => {
  test('swaps in what is new, keeps what is the same, and takes out what is gone', async () => {
    const folder = new SetFolder();
    const same = folder.plugin('same', accepting({ same: 1 }), { hooks: ['after_hook'] });
    folder.list(
      same,
      folder.plugin('changed', accepting({ version: 1 })),
      folder.plugin('gone', accepting({ gone: 1 }), { order: 2 }),
    );
    const runtime = makeRuntime();
    const set = await folder.open(runtime, { keepVersions: 0 });
    const loaded: string[] = [];
    set.on('loaded', ({ name }) => loaded.push(name));

    folder.list(same, folder.plugin('changed', accepting({ version: 2 })));
    const { changes } = await set.reload();

    expect(changes.map(({ name, from, to }) => [name, from !== undefined, to !== undefined])).toEqual([
      ['changed', true, true],
      ['gone', true, false],
    ]);
    expect(loaded).toEqual(['changed']);
    expect(await resultFor(set)).toEqual({ version: 2 });
    expect(runtime.plugins()).toHaveLength(2);
  });

  test('that finds nothing new changes nothing', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime());

    expect(await set.reload()).toEqual({ changes: [], refused: [] });
  });

  test('loads another version if only its limits have changed', async () => {
    const folder = new SetFolder();
    const entry = folder.plugin('one', accepting({ version: 1 }));
    folder.list(entry);
    const set = await folder.open(makeRuntime());

    folder.list({ ...entry, limits: { maxFuel: 1 } });
    const { changes } = await set.reload();

    expect(changes).toHaveLength(1);
    expect(await set.callChain('before_hook', { input: {} })).toMatchObject({ fault: { code: 'ERR_FUEL' } });
  });

  test('of a manifest that is not valid changes nothing and is told', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime());
    const told: HookcellError[] = [];
    set.on('manifestRefused', (error) => told.push(error));

    folder.list({ name: 'one' });
    await refusal(set.reload(), 'ERR_MANIFEST');

    expect(told).toMatchObject([{ code: 'ERR_MANIFEST', path: 'plugins[0].sha256' }]);
    expect(set.status().problem).toMatchObject({ code: 'ERR_MANIFEST' });
    expect(await resultFor(set)).toEqual({ version: 1 });
  });

  test.each<[string, (folder: SetFolder) => Record<string, unknown>, string]>([
    [
      'has other bytes than its digest',
      (folder) => ({ ...folder.plugin('one', accepting({ version: 2 })), sha256: 'a'.repeat(64) }),
      'ERR_DIGEST',
    ],
    ['has no file', () => ({ name: 'one', file: 'gone.wasm', sha256: 'a'.repeat(64) }), 'ERR_READ'],
    ['has a folder as its file', () => ({ name: 'one', file: '.', sha256: 'a'.repeat(64) }), 'ERR_READ'],
    ['is no module', (folder) => folder.module('one', Buffer.from('not wasm')), 'ERR_COMPILE'],
    [
      'has a source, which the set has not',
      () => ({ name: 'one', source: 's3://one', sha256: 'a'.repeat(64) }),
      'ERR_SOURCE',
    ],
  ])('keeps the old version if the new one %s, and takes in the other plugins', async (_, entryOf, code) => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const runtime = makeRuntime();
    const set = await folder.open(runtime);
    const told: RefusedVersion[] = [];
    set.on('refused', (refused) => told.push(refused));

    folder.list(entryOf(folder), folder.plugin('other', accepting({ other: 1 }), { tenants: ['acme'] }));
    const { refused } = await set.reload();

    expect(refused).toMatchObject([{ name: 'one', role: 'base', code }]);
    expect(told).toEqual(refused);
    expect(set.status().refused).toEqual(refused);
    expect(await resultFor(set)).toEqual({ version: 1 });
    expect(await resultFor(set, 'acme')).toEqual({ other: 1 });
    expect(runtime.plugins()).toHaveLength(2);
  });

  test('of a listener that throws goes on', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime());
    set.on('swapped', () => {
      throw new Error('a mistake of the listener');
    });

    folder.list(folder.plugin('one', accepting({ version: 2 })));
    await set.reload();

    expect(await resultFor(set)).toEqual({ version: 2 });
  });

  test('that is asked for many times at once reads the manifest twice at most', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime());

    const reports = await Promise.all(Array.from({ length: 50 }, () => set.reload()));

    expect(new Set(reports).size).toBeLessThanOrEqual(2);
  });
});

describe('fixtures', () => {
  const fixture = { context: { input: {} }, expected: { ok: true, ctx: { input: { version: 1 } } } };

  test.each<[string, unknown, string | undefined]>([
    ['accepts otherwise', fixture, 'at /input/version'],
    [
      'accepts and is expected to reject',
      { ...fixture, expected: { ok: false, error: 'no' } },
      'should have rejected with no, but accepted',
    ],
    ['does as expected', { ...fixture, expected: { ok: true, ctx: { input: { version: 2 } } } }, undefined],
    ['accepts, and nothing is expected', { context: { input: {} } }, undefined],
    ['is one of a list', [{ context: { input: {} } }, fixture], "the fixture 'one 2' fails"],
  ])('that a new version fails keep the old one: it %s', async (_, content, problem) => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    mkdirSync(folder.file('fixtures'));
    const set = await folder.open(makeRuntime(), { fixtures: folder.file('fixtures') });

    folder.write('fixtures/one.json', JSON.stringify(content));
    folder.list(folder.plugin('one', accepting({ version: 2 })));
    const { refused } = await set.reload();

    expect(refused.map(({ code, message }) => [code, message])).toEqual(
      problem === undefined ? [] : [['ERR_FIXTURE', expect.stringContaining(problem) as string]],
    );
    expect(await resultFor(set)).toEqual({ version: problem === undefined ? 2 : 1 });
  });

  test('of a folder of the plugin are all run, and a fault fails them', async () => {
    const folder = new SetFolder();
    folder.write('fixtures/one/first.json', JSON.stringify({ context: { input: {} } }));
    folder.write('fixtures/one/deep/second.json', JSON.stringify({ context: { input: {} }, hook: 'after_hook' }));
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime(), { fixtures: folder.file('fixtures') });
    expect(set.status().plugins[0]?.versions[0]?.fixtures).toBe(2);

    folder.list(folder.module('one', pluginFailing()));
    const { refused } = await set.reload();

    expect(refused).toMatchObject([
      { code: 'ERR_FIXTURE', message: expect.stringContaining('faulted with ERR_TRAP') as string },
    ]);
  });

  test('that are links count, as Kubernetes mounts them, and a link to nothing refuses the plugin', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    folder.write('fixtures/one/..data/first.json', JSON.stringify({ context: { input: {} }, expected: { ok: false } }));
    symlinkSync('..data/first.json', folder.file('fixtures', 'one', 'first.json'));
    const fixtures = folder.file('fixtures');
    const { message } = await refusal(folder.open(makeRuntime(), { fixtures }), 'ERR_FIXTURE');
    expect(message).toContain("the fixture 'first' fails: it should have rejected");

    folder.write('fixtures/one/..data/first.json', JSON.stringify({ context: { input: {} } }));
    const set = await folder.open(makeRuntime(), { fixtures });
    expect(set.status().plugins[0]?.versions[0]?.fixtures).toBe(1);

    symlinkSync('nowhere.json', folder.file('fixtures', 'one', 'second.json'));
    await refusal(folder.open(makeRuntime(), { fixtures }), 'ERR_FIXTURE');
  });

  test('that are not fixtures refuse the plugin at the start', async () => {
    const folder = new SetFolder();
    folder.write('fixtures/one.json', '{"context":7}');
    folder.list(folder.plugin('one', accepting({ version: 1 })));

    await refusal(folder.open(makeRuntime(), { fixtures: folder.file('fixtures') }), 'ERR_FIXTURE');
    await refusal(folder.open(makeRuntime(), { fixtures: folder.file('nowhere') }), 'ERR_FIXTURE');
  });
});
