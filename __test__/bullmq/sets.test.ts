// Jobs of the plugins of a plugin set.

import { enqueueAfter, enqueueBefore } from 'hookcell/bullmq';
import type { BeforeOutcome } from 'hookcell/bullmq';
import { pluginAnswering } from 'hookcell/testing';

import { closeAll, makeRuntime, SetFolder } from '../plugin-sets/set-folder';
import { until } from '../support/clock';
import { fixture } from '../support/wat';
import { useMachines } from './machines';
import { useRedis, withRedis } from './servers/redis';

afterEach(closeAll);

const job = (key: string, tenant: string | null = null) => ({
  key,
  context: { input: {}, data: { id: 7 }, tenant_id: tenant },
});
const shown = (config: unknown) => ({ result: { ok: true, ctx: { data: { config } } } });

withRedis('a job of a plugin set', () => {
  const { server, queue, hooks, work } = useMachines(useRedis());

  /** A manifest that a server and a worker read, each with a store of its own. */
  async function sets(more: object = {}) {
    const folder = new SetFolder();
    const module = await fixture('report_context');
    const list = (version: number) =>
      folder.list(
        folder.module('discount', module, {
          config: { version },
          tenantConfigs: { acme: { version, tenant: 'acme' } },
        }),
      );
    list(1);
    const machine = makeRuntime();
    const ofServer = await folder.open(server.runtime, { storeDir: folder.file('of-server') });
    const ofWorker = await folder.open(machine, { storeDir: folder.file('of-worker'), ...more });
    return { list, machine, module, ofServer, ofWorker };
  }

  test('runs the version that was chosen when it was made, with its configuration for the tenant', async () => {
    const { list, machine, ofServer, ofWorker } = await sets();
    const after = hooks({ after: ofServer });
    await enqueueAfter(after, job('a'));
    await enqueueAfter(after, job('b', 'acme'));
    list(2);
    await ofServer.reload();
    await ofWorker.reload();
    await enqueueAfter(after, job('c'));

    const { outcomes } = work({ plugins: ofWorker }, machine);
    await until(() => outcomes.length === 3);

    const byKey = outcomes.toSorted((one, other) => one.key.localeCompare(other.key));
    expect(byKey).toMatchObject([
      { plugin: { name: 'discount' }, ...shown({ version: 1 }) },
      shown({ version: 1, tenant: 'acme' }),
      shown({ version: 2 }),
    ]);
  });

  test('runs a version that the worker does not keep loaded, from the manifest in its store', async () => {
    const { list, machine, ofServer, ofWorker } = await sets({ keepVersions: 0, keepJobVersions: 0 });
    await enqueueAfter(hooks({ after: ofServer }), job('a'));
    list(2);
    await ofWorker.reload();
    expect(machine.plugins()).toHaveLength(1);

    const { outcomes } = work({ plugins: ofWorker }, machine);
    await until(() => outcomes.length === 1);

    expect(outcomes).toMatchObject([shown({ version: 1 })]);
    expect(machine.plugins()).toHaveLength(1);
  });

  test('of a version that the worker does not keep loads it once for many jobs, and few such versions stay loaded', async () => {
    const { list, machine, ofServer, ofWorker } = await sets({ keepVersions: 0, keepJobVersions: 2 });
    const after = hooks({ after: ofServer });
    for (const version of [1, 2, 3]) {
      list(version);
      await ofServer.reload();
      await ofWorker.reload();
      for (const number of [1, 2, 3, 4]) {
        await enqueueAfter(after, job(`${version}-${number}`));
      }
    }
    list(4);
    await ofWorker.reload();
    let loaded = 0;
    let unloaded = 0;
    ofWorker.on('loaded', () => (loaded += 1));
    ofWorker.on('unloaded', () => (unloaded += 1));

    const { outcomes, worker } = work({ plugins: ofWorker, concurrency: 1 }, machine);
    await until(() => outcomes.length === 12);
    await worker.close();

    expect(outcomes).toMatchObject([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3].map((version) => shown({ version })));
    expect(loaded).toBe(3);
    expect(unloaded).toBe(1);
    // The one that runs, and two of jobs, which are no reason to stay open.
    expect(machine.plugins()).toHaveLength(3);
    await ofWorker.close();
    expect(machine.plugins()).toEqual([]);
  });

  test('waits while the set of the worker does not have its version yet', async () => {
    const { list, machine, ofServer, ofWorker } = await sets();
    list(2);
    await ofServer.reload();
    await enqueueAfter(hooks({ after: ofServer }), job('a'));
    const { outcomes, lines, dead } = work({ plugins: ofWorker }, machine);
    await until(() => lines.length > 0);

    await ofWorker.reload();
    await until(() => outcomes.length === 1);

    expect(lines[0]).toMatch(/the version \w{12} of 'discount' cannot be had: the set does not have it \(plugins\)$/);
    expect(outcomes).toMatchObject([shown({ version: 2 })]);
    expect(dead).toEqual([]);
  });

  test('with a configuration never runs on a worker without the set, not even if that has the module', async () => {
    const { module, machine, ofServer } = await sets();
    await machine.loadPluginBytes('discount', module, { config: { of: 'another' } });
    await enqueueAfter(hooks({ after: ofServer }), job('a'));

    const { outcomes, lines } = work({ source: () => module, isolate: false }, machine);
    await until(() => lines.length > 1);

    expect(outcomes).toEqual([]);
    expect(lines[0]).toMatch(/cannot be had: the worker has no plugin set \(plugins\)$/);
  });

  test('runs on a worker without the set if its module alone decides what it does', async () => {
    const folder = new SetFolder();
    const module = pluginAnswering({ ok: true, ctx: { data: { plain: true } } });
    folder.list(folder.module('plain', module));
    const set = await folder.open(server.runtime);
    await enqueueAfter(hooks({ after: set }), job('a'));

    const { outcomes } = work({ source: () => module, isolate: false }, makeRuntime());
    await until(() => outcomes.length === 1);

    expect(outcomes).toMatchObject([{ plugin: { name: 'plain', inSet: { isModule: true } }, result: { ok: true } }]);
  });

  test('is a duplicate of one with the same key, although the set has another version now', async () => {
    const { list, ofServer } = await sets();
    const after = hooks({ after: ofServer });
    const [first] = await enqueueAfter(after, job('a'));
    list(2);
    await ofServer.reload();

    const [again] = await enqueueAfter(after, job('a'));

    expect(first).toMatchObject({ plugin: 'discount', duplicate: false });
    expect(again).toMatchObject({ id: first?.id, duplicate: true });
  });

  test('runs the plugins of the caller before an operation, with the policies of the manifest', async () => {
    const folder = new SetFolder();
    const passedOver = folder.plugin('no', { ok: false, error: 'no' }, { order: 1, onReject: 'open' });
    const ofAcme = folder.plugin('acme', { ok: true, ctx: { input: { of: 'acme' } } }, { tenants: ['acme'] });
    folder.list(passedOver, ofAcme);
    const set = await folder.open(server.runtime);
    const before: BeforeOutcome[] = [];
    work({ plugins: set, onBefore: (outcome) => void before.push(outcome) });

    await enqueueBefore(hooks({ before: set }), job('a', 'acme'));
    await enqueueBefore(hooks({ before: set }), job('b'));
    await until(() => before.length === 2);

    const results = before.map(({ key, plugins, result }) => [
      key,
      plugins.map(({ name }) => name),
      result.ok,
      result.ctx.input,
    ]);
    expect(results.toSorted()).toEqual([
      ['a', ['acme', 'no'], true, { of: 'acme' }],
      ['b', ['no'], true, {}],
    ]);
  });

  test.each<[string, object]>([
    ['a manifest that is no digest', { manifest: '../../plugins' }],
    ['a version that is no identifier', { id: '../1' }],
  ])('with %s is not run, and nothing is looked for', async (_, wrong) => {
    const { machine, ofServer, ofWorker } = await sets();
    const { worker, outcomes } = work({ plugins: ofWorker }, machine);
    await worker.worker.pause();
    const [added] = await enqueueAfter(hooks({ after: ofServer }), job('a'));
    const written = await queue().getJob(added?.id ?? '');
    const data = written?.data as { steps: { plugin: { inSet: object } }[] };
    const plugin = data.steps[0]?.plugin;
    await written?.updateData({ ...data, steps: [{ plugin: { ...plugin, inSet: { ...plugin?.inSet, ...wrong } } }] });
    const failed = jest.fn();
    worker.worker.on('failed', failed);
    worker.worker.resume();
    await until(() => failed.mock.calls.length === 1);

    expect(outcomes).toEqual([]);
    expect(failed.mock.calls[0]?.[1]).toMatchObject({ message: "it is none of hookcell's, or of a later version" });
  });
});
