import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import type { RollbackMessage } from 'hookcell/plugins';

import { refusal } from '../support/refusal';
import { accepting, closeAll, makeRuntime, next, resultFor, SetFolder } from './set-folder';

afterEach(closeAll);

const tenants = Array.from({ length: 400 }, (_, index) => `tenant-${index}`);

describe('a version with a share', () => {
  test('goes to about that share of tenants, and each tenant that has it keeps it while the share grows', async () => {
    const folder = new SetFolder();
    const base = folder.plugin('one', accepting({ version: 1 }));
    const canary = folder.plugin('one', accepting({ version: 2 }));
    folder.list(base, { ...canary, share: 0.1 });
    const set = await folder.open(makeRuntime());
    const withCanary = async () => {
      const results = await Promise.all(tenants.map((tenant) => resultFor(set, tenant)));
      return tenants.filter((_, index) => (results[index] as { version: number }).version === 2);
    };

    const few = await withCanary();
    folder.list(base, { ...canary, share: 0.5 });
    await set.reload();
    const half = await withCanary();
    folder.list(base, { ...canary, share: 1 });
    await set.reload();

    expect(few.length).toBeGreaterThan(10);
    expect(few.length).toBeLessThan(90);
    expect(half.length).toBeGreaterThan(140);
    expect(half.length).toBeLessThan(260);
    expect(half).toEqual(expect.arrayContaining(few));
    expect(await withCanary()).toEqual(tenants);
  });

  test('goes to users if it is sticky by user, and never to a request without one', async () => {
    const folder = new SetFolder();
    folder.list(
      folder.plugin('one', accepting({ version: 1 })),
      folder.plugin('one', accepting({ version: 2 }), { share: 0.5, sticky: 'user' }),
    );
    const set = await folder.open(makeRuntime());

    const results = await Promise.all(tenants.slice(0, 100).map((user) => resultFor(set, 'same', user)));
    const again = await Promise.all(tenants.slice(0, 100).map((user) => resultFor(set, 'other', user)));

    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(2);
    expect(again).toEqual(results);
    expect(await resultFor(set, 'same')).toEqual({ version: 1 });
  });

  test('is taken out by a rollback, and stays out', async () => {
    const folder = new SetFolder();
    folder.list(
      folder.plugin('one', accepting({ version: 1 })),
      folder.plugin('one', accepting({ version: 2 }), { share: 1 }),
    );
    const set = await folder.open(makeRuntime());
    expect(await resultFor(set, 'acme')).toEqual({ version: 2 });

    await set.rollback('one');

    expect(await resultFor(set, 'acme')).toEqual({ version: 1 });
    await set.reload();
    expect(await resultFor(set, 'acme')).toEqual({ version: 1 });
  });
});

describe('a rollback', () => {
  test('takes effect before its promise resolves, goes on over a reload and a restart, and ends with the next version', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime());
    folder.list(folder.plugin('one', accepting({ version: 2 })));
    await set.reload();

    const rollback = set.rollback('one');
    const result = resultFor(set);
    await rollback;
    expect(await result).toEqual({ version: 1 });
    expect(await set.reload()).toEqual({ changes: [], refused: [] });
    expect(await resultFor(set)).toEqual({ version: 1 });

    await set.close();
    for (const file of readdirSync(folder.path).filter((name) => name.endsWith('.wasm'))) {
      rmSync(folder.file(file));
    }
    const restarted = await folder.open(makeRuntime());
    expect(await resultFor(restarted)).toEqual({ version: 1 });
    expect(restarted.status().plugins[0]).toMatchObject({
      rolledBack: [expect.any(String)],
      kept: [expect.any(String)],
    });

    folder.list(folder.plugin('one', accepting({ version: 3 })));
    await restarted.reload();
    expect(await resultFor(restarted)).toEqual({ version: 3 });
    expect(restarted.status().plugins[0]?.rolledBack).toEqual([]);
  });

  test('goes to any kept version, by its identifier or its name', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 }), { version: '1.0' }));
    const set = await folder.open(makeRuntime());
    const [first] = set.status().plugins[0]?.versions ?? [];
    for (const version of [2, 3, 4]) {
      folder.list(folder.plugin('one', accepting({ version }), { version: `${version}.0` }));
      await set.reload();
    }

    await set.rollback('one', '2.0');
    expect(await resultFor(set)).toEqual({ version: 2 });
    await set.rollback('one', first?.id);
    expect(await resultFor(set)).toEqual({ version: 1 });
    await set.rollback('one', '4.0');
    expect(await resultFor(set)).toEqual({ version: 4 });
  });

  test('to a configuration is one too, because a version is code and configuration', async () => {
    const folder = new SetFolder();
    const entry = folder.plugin('one', accepting({ version: 1 }));
    folder.list({ ...entry, config: { percent: 10 } });
    const set = await folder.open(makeRuntime());
    const [before] = set.status().plugins[0]?.versions ?? [];

    folder.list({ ...entry, config: { percent: 20 } });
    await set.reload();
    const { to } = await set.rollback('one');

    expect(to).toBe(before?.id);
  });

  test('to a version that is not kept, of a plugin that is not there, or without an earlier version, is refused', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 }), { version: '1.0' }));
    const set = await folder.open(makeRuntime(), { keepVersions: 1 });

    await refusal(set.rollback('other'), 'ERR_NO_VERSION');
    await refusal(set.rollback('one'), 'ERR_NO_VERSION');
    await refusal(set.rollback('one', '1.0'), 'ERR_NO_VERSION');
    for (const version of [2, 3]) {
      folder.list(folder.plugin('one', accepting({ version }), { version: `${version}.0` }));
      await set.reload();
    }
    await refusal(set.rollback('one', '1.0'), 'ERR_NO_VERSION');
    expect(await resultFor(set)).toEqual({ version: 3 });
  });

  test('during a reload is not undone by it', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime());
    folder.list(folder.plugin('one', accepting({ version: 2 })));
    await set.reload();
    const entry = folder.plugin('two', accepting({ two: 1 }), { tenants: ['two'] });
    folder.list(folder.plugin('one', accepting({ version: 2 })), entry);

    const reload = set.reload();
    const loaded = next(set, 'loaded');
    set.once('loaded', () => void set.rollback('one'));
    await Promise.all([reload, loaded]);

    expect(await resultFor(set)).toEqual({ version: 1 });
    expect(await resultFor(set, 'two')).toEqual({ two: 1 });
  });

  test('reaches another process of the same store', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const watch = { debounceMs: 20, pollMs: 200 };
    const one = await folder.open(makeRuntime());
    const other = await folder.open(makeRuntime(), { watch });
    const swapped = next(other, 'swapped');
    folder.list(folder.plugin('one', accepting({ version: 2 })));
    await Promise.all([one.reload(), swapped]);

    const followed = next(other, 'swapped');
    await one.rollback('one');
    await followed;

    expect(await resultFor(other)).toEqual({ version: 1 });
  });

  test('is told', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime());
    folder.list(folder.plugin('one', accepting({ version: 2 })));
    const { changes } = await set.reload();
    const told: RollbackMessage[] = [];
    set.on('rolledBack', (message) => told.push(message));

    await set.rollback('one');

    expect(told).toEqual([{ name: 'one', from: [changes[0]?.to], to: changes[0]?.from }]);
  });
});

describe('a restart', () => {
  test('with a version that is refused goes on with the version that ran before', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const set = await folder.open(makeRuntime());
    await set.close();

    folder.list(folder.module('one', Buffer.from('not wasm')));
    const restarted = await folder.open(makeRuntime());

    expect(await resultFor(restarted)).toEqual({ version: 1 });
    expect(restarted.status().refused).toMatchObject([{ name: 'one', code: 'ERR_COMPILE' }]);
  });

  test('with a version that is refused, and none before, does not start, and leaves nothing loaded', async () => {
    const folder = new SetFolder();
    folder.list(folder.module('one', Buffer.from('not wasm')), folder.plugin('two', accepting({ two: 1 })));
    const runtime = makeRuntime();

    const error = await refusal(folder.open(runtime), 'ERR_COMPILE');

    expect(error.message).toContain('the plugin one (');
    expect(runtime.plugins()).toEqual([]);
  });

  test('with a state or a module that was damaged or replaced uses neither', async () => {
    const folder = new SetFolder();
    const entry = folder.plugin('one', accepting({ version: 1 }));
    folder.list(entry);
    const set = await folder.open(makeRuntime());
    await set.close();

    writeFileSync(
      folder.file('.hookcell', 'state.json'),
      '{"format":1,"plugins":{"one":{"active":7,"kept":[{}],"refused":7}}',
    );
    writeFileSync(
      folder.file('.hookcell', 'modules', `${String(entry['sha256'])}.wasm`),
      readFileSync(folder.file(String(folder.plugin('one', accepting({ version: 666 }))['file']))),
    );
    const restarted = await folder.open(makeRuntime());

    expect(await resultFor(restarted)).toEqual({ version: 1 });
  });
});
