// Two processes with one store, which are two sets of one process here, and what the store has after trouble.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import type { RollbackMessage, SwapMessage } from 'hookcell/plugins';
import { HookcellError } from 'hookcell';

import { refusal } from '../../support/refusal';
import { until } from '../../support/clock';
import { accepting, closeAll, makeRuntime, next, resultFor, SetFolder } from '../set-folder';

afterEach(closeAll);

const watch = { debounceMs: 20, pollMs: 100 };

/** A logger, and what it got. */
function log(): { lines: string[]; logger: { warn(line: string): void } } {
  const lines: string[] = [];
  return { lines, logger: { warn: (line) => void lines.push(line) } };
}

/** A folder whose version 2 runs after version 1. */
async function withTwoVersions(): Promise<SetFolder> {
  const folder = new SetFolder();
  folder.list(folder.plugin('one', accepting({ version: 1 })));
  const set = await folder.open(makeRuntime());
  folder.list(folder.plugin('one', accepting({ version: 2 })));
  await set.reload();
  await set.close();
  return folder;
}

describe('processes of one store', () => {
  test('that cannot agree which version runs do not take turns in changing it', async () => {
    process.env['HOOKCELL_ONE_SIDE'] = 'only one of them may read it';
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const one = await folder.open(makeRuntime(), { watch: { ...watch, pollMs: 3_600_000 } });
    const other = await folder.open(makeRuntime(), { watch: { ...watch, pollMs: 3_600_000 }, allowedEnv: [] });
    let swaps = 0;
    let refusals = 0;
    one.on('swapped', () => (swaps += 1));
    other.on('refused', () => (refusals += 1));

    const refused = next(other, 'refused');
    folder.list(folder.plugin('one', accepting({ version: 2 }), { config: { env: 'HOOKCELL_ONE_SIDE' } }));
    await refused;
    await until(() => swaps > 0);
    // Enough for twenty rounds, if each wrote what the other one reads.
    await new Promise((resolve) => setTimeout(resolve, 1_000));

    expect(await resultFor(one)).toEqual({ version: 2 });
    expect(await resultFor(other)).toEqual({ version: 1 });
    expect(swaps).toBe(1);
    expect(refusals).toBeLessThan(6);
  });

  test('all run the earlier version if one of them rolls back while another one deploys', async () => {
    const folder = await withTwoVersions();
    const one = await folder.open(makeRuntime(), { watch });
    const other = await folder.open(makeRuntime(), { watch });
    const told = next<RollbackMessage>(other, 'rolledBack');

    folder.list(
      folder.plugin('one', accepting({ version: 2 })),
      folder.plugin('two', accepting({}), { tenants: ['t'] }),
    );
    other.once('loaded', () => void one.rollback('one'));
    const rolledBack = next<RollbackMessage>(one, 'rolledBack');
    await Promise.all([other.reload(), rolledBack]);

    expect(await told).toEqual(await rolledBack);
    await Promise.all([one.reload(), other.reload()]);
    expect(await resultFor(one)).toEqual({ version: 1 });
    expect(await resultFor(other)).toEqual({ version: 1 });
    expect(await resultFor(await folder.open(makeRuntime()))).toEqual({ version: 1 });
  });

  test('that write at the same moment lose no rollback', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const one = await folder.open(makeRuntime());
    const other = await folder.open(makeRuntime());
    for (let round = 2; round < 12; round += 1) {
      folder.list(folder.plugin('one', accepting({ version: round })));
      await one.reload();
      // The other one writes at about the time of the rollback, in each round a little later.
      const reloaded = other.reload();
      await new Promise((resolve) => setTimeout(resolve, round));
      await Promise.all([one.rollback('one'), reloaded]);

      const restarted = await folder.open(makeRuntime());
      expect(await resultFor(restarted)).toEqual({ version: 1 });
      await restarted.close();
    }
  });

  test('go on after 10 seconds if one of them ended while it wrote', async () => {
    const folder = await withTwoVersions();
    const set = await folder.open(makeRuntime());
    writeFileSync(folder.file('.hookcell', 'state.json.lock'), '');

    const start = performance.now();
    await set.rollback('one');

    expect(performance.now() - start).toBeGreaterThan(9_000);
    expect(await resultFor(await folder.open(makeRuntime()))).toEqual({ version: 1 });
    expect(readdirSync(folder.file('.hookcell')).toSorted()).toEqual(['manifests', 'modules', 'state.json']);
  });

  test('keep a rollback of a version that one of them does not know yet', async () => {
    const folder = new SetFolder();
    folder.list(folder.plugin('one', accepting({ version: 1 })));
    const late = await folder.open(makeRuntime());
    const early = await folder.open(makeRuntime());
    const old = readFileSync(folder.manifest);
    folder.list(folder.plugin('one', accepting({ version: 2 })));
    const now = readFileSync(folder.manifest);
    await early.reload();
    await early.rollback('one');

    writeFileSync(folder.manifest, old);
    await late.reload();
    writeFileSync(folder.manifest, now);
    await late.reload();

    expect(await resultFor(late)).toEqual({ version: 1 });
  });

  test('follow a rollback also while the manifest is not valid', async () => {
    const folder = await withTwoVersions();
    const one = await folder.open(makeRuntime());
    const other = await folder.open(makeRuntime(), { watch });

    folder.write('plugins.json', '{');
    const swapped = next<SwapMessage>(other, 'swapped');
    await one.rollback('one');
    await swapped;

    expect(await resultFor(other)).toEqual({ version: 1 });
  });

  test('keep what was rolled back last, if both roll back', async () => {
    const folder = await withTwoVersions();
    const one = await folder.open(makeRuntime());
    const other = await folder.open(makeRuntime());

    await one.rollback('one');
    const [second] = other.status().plugins[0]?.versions ?? [];
    await other.rollback('one');
    await other.rollback('one', second?.id);
    await one.reload();

    expect(await resultFor(one)).toEqual({ version: 2 });
    expect(await resultFor(other)).toEqual({ version: 2 });
  });
});

describe('a store', () => {
  test.each([
    ['is empty', ''],
    ['is cut off', '{"format":1,"plugins":{"one":'],
    ['is of another format', '{"format":2,"plugins":{}}'],
    ['has something else for a plugin', '{"format":1,"plugins":{"one":{"kept":[7],"refused":[]}}}'],
  ])('whose state %s is used without it, which is told once', async (_, text) => {
    const folder = await withTwoVersions();
    const { lines, logger } = log();
    writeFileSync(folder.file('.hookcell', 'state.json'), text);

    const set = await folder.open(makeRuntime(), { logger });
    await set.reload();

    expect(await resultFor(set)).toEqual({ version: 2 });
    expect(lines).toEqual([
      expect.stringMatching(/^hookcell: the state in .* is not used: .*rollbacks.* are forgotten$/),
    ]);
    expect(readFileSync(folder.file('.hookcell', 'state.json'), 'utf8')).toContain('"format":1');
  });

  test('whose state is damaged while the set runs gets it again', async () => {
    const folder = await withTwoVersions();
    const set = await folder.open(makeRuntime());
    await set.rollback('one');
    const state = folder.file('.hookcell', 'state.json');
    const before = readFileSync(state, 'utf8');

    writeFileSync(state, before.slice(0, 50));
    await set.reload();

    expect(JSON.parse(readFileSync(state, 'utf8'))).toEqual(JSON.parse(before));
    expect(await resultFor(set)).toEqual({ version: 1 });
  });

  test('that cannot be written is told by a watch, and the plugins stay as they are until it can', async () => {
    const folder = await withTwoVersions();
    const { lines, logger } = log();
    const set = await folder.open(makeRuntime(), { watch, logger });
    const manifests = folder.file('.hookcell', 'manifests');
    rmSync(manifests, { recursive: true });
    writeFileSync(manifests, '');

    const refused = next<HookcellError>(set, 'manifestRefused');
    folder.list(folder.plugin('one', accepting({ version: 3 })));
    expect(await refused).toMatchObject({ code: 'ERR_STORE' });

    expect(await resultFor(set)).toEqual({ version: 2 });
    expect(set.status().problem).toMatchObject({ code: 'ERR_STORE' });
    expect(lines).toEqual([expect.stringContaining('the plugins stay as they are: ERR_STORE')]);
    const swapped = next<SwapMessage>(set, 'swapped');
    rmSync(manifests);
    mkdirSync(manifests);
    await swapped;
    expect(await resultFor(set)).toEqual({ version: 3 });
    expect(set.status().problem).toBeUndefined();
  });

  test('whose state cannot be written leaves the change in effect, and says that it is not remembered', async () => {
    const folder = await withTwoVersions();
    const { lines, logger } = log();
    const set = await folder.open(makeRuntime(), { logger });
    rmSync(folder.file('.hookcell', 'state.json'));
    mkdirSync(folder.file('.hookcell', 'state.json'));

    const error = await refusal(set.rollback('one'), 'ERR_STORE');

    expect(error.message).toContain('what runs now is not remembered');
    expect(lines).toEqual([expect.stringContaining('what runs now is not remembered')]);
    expect(await resultFor(set)).toEqual({ version: 1 });
  });

  test('that lost the manifest of one version still has the others, by their names', async () => {
    const folder = new SetFolder();
    const manifests: string[] = [];
    for (const version of [1, 2, 3]) {
      folder.list(folder.plugin('one', accepting({ version }), { version: `${version}.0` }));
      const set = await folder.open(makeRuntime());
      manifests.push(set.status().manifest.sha256);
      await set.close();
    }
    const set = await folder.open(makeRuntime());
    rmSync(folder.file('.hookcell', 'manifests', `${manifests[1] as string}.json`));

    await set.rollback('one', '1.0');

    expect(await resultFor(set)).toEqual({ version: 1 });
  });
});
