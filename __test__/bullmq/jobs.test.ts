// Hooks as jobs, with queues in Redis and in PostgreSQL.

import { enqueueAfter } from 'hookcell/bullmq';
import { pluginAnswering } from 'hookcell/testing';

import { testJobs } from './job-tests';
import { testKilledWorkers } from './killed-workers';
import { useMachines } from './machines';
import { usePostgres, withPostgres } from './servers/postgres';
import { useRedis, withRedis } from './servers/redis';

withRedis('with Redis, a job of hooks', () => {
  const redis = useRedis();
  testJobs(redis);
  testKilledWorkers(redis);
});

withPostgres('with PostgreSQL, a job of hooks', () => {
  const postgres = usePostgres();
  testJobs(postgres);
  testKilledWorkers(postgres);

  const { work } = useMachines(postgres);
  test('cannot be lost by wrong settings, which a worker of Redis would warn of', async () => {
    expect(await work().worker.ready()).toEqual([]);
  });
});

withRedis('without the server of the queue', () => {
  const { server, hooks } = useMachines({
    connection: () => ({ host: '127.0.0.1', port: 1, maxRetriesPerRequest: null }),
  });

  test('adding a job ends after enqueueTimeoutMs', async () => {
    await server.runtime.loadPluginBytes('enrich', pluginAnswering({ ok: true }));

    await expect(
      enqueueAfter(hooks({ after: 'enrich', enqueueTimeoutMs: 50 }), { key: 'order-7', context: { input: {} } }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
