// How tenants share the workers, and what a worker says of its Redis.

import { enqueueAfter } from 'hookcell/bullmq';
import { pluginAnswering } from 'hookcell/testing';

import { soon, until } from '../support/clock';
import { useMachines } from './machines';
import { useRedis, withRedis } from './servers/redis';

withRedis('tenants', () => {
  const { server, queue, hooks, work } = useMachines(useRedis());

  test('take turns, whatever number of jobs one of them has added before', async () => {
    await server.runtime.loadPluginBytes('yes', pluginAnswering({ ok: true }));
    const after = hooks({ after: 'yes' });
    const other = hooks({ after: 'yes' });
    for (let index = 0; index < 20; index += 1) {
      // Two servers add them.
      const context = { input: {}, tenant_id: 'flooder' };
      await enqueueAfter(index % 2 === 0 ? after : other, { key: `flooder-${index}`, context });
    }
    for (let index = 0; index < 3; index += 1) {
      await enqueueAfter(after, { key: `acme-${index}`, context: { input: {}, tenant_id: 'acme' } });
    }

    const { outcomes } = work({ concurrency: 1 });
    await until(() => outcomes.length === 23);

    const places = outcomes.flatMap(({ key }, place) => (key.startsWith('acme') ? [place] : []));
    expect(places).toEqual([1, 3, 5]);
  });

  test('leave a slot of each worker to others, also if their jobs take long', async () => {
    await server.runtime.loadPluginBytes('yes', pluginAnswering({ ok: true }));
    const after = hooks({ after: 'yes' });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const started: string[] = [];
    const ended: string[] = [];
    work({
      concurrency: 3,
      async onResult({ key, context }) {
        started.push(key);
        await (context.tenant_id === 'slow' ? held : undefined);
        ended.push(key);
      },
    });
    for (const key of ['slow-1', 'slow-2', 'slow-3']) {
      await enqueueAfter(after, { key, context: { input: {}, tenant_id: 'slow' } });
    }
    await until(() => started.length === 2);

    await enqueueAfter(after, { key: 'acme', context: { input: {}, tenant_id: 'acme' } });
    await until(() => ended.includes('acme'));

    expect(started).not.toContain('slow-3');
    release();
    await until(() => ended.length === 4);
  });

  test('of whom no job waits leave nothing in Redis', async () => {
    await server.runtime.loadPluginBytes('yes', pluginAnswering({ ok: true }));
    const { outcomes } = work();
    await enqueueAfter(hooks({ after: 'yes' }), { key: 'a', context: { input: {}, tenant_id: 'acme' } });
    await until(() => outcomes.length === 1);

    const client = (await queue().getBackend().client) as unknown as { keys(pattern: string): Promise<string[]> };
    while ((await client.keys(`bull:${server.name}:hookcell:*`)).length > 0) {
      await soon();
    }
  });
});

withRedis('a worker', () => {
  const durable = useMachines(useRedis({ 'maxmemory-policy': 'noeviction' }));
  const losing = useMachines(useRedis({ appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' }));

  test('finds nothing wrong with a Redis that keeps what it acknowledges', async () => {
    expect(await durable.work().worker.ready()).toEqual([]);
  });

  test('warns of a Redis that may lose what it has acknowledged', async () => {
    const { worker, lines } = losing.work();

    const risks = await worker.ready();

    expect(risks).toEqual([
      expect.stringMatching(/set maxmemory-policy to noeviction, not allkeys-lru$/),
      expect.stringMatching(/set appendonly to yes$/),
    ]);
    expect(lines).toEqual(risks.map((risk) => `hookcell: ${risk}`));
  });
});
