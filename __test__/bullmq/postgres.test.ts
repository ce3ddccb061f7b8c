// The same jobs, with a queue in PostgreSQL.

import { createPostgresBackend, Queue } from 'bullmq';
import { WasmRuntime } from 'hookcell';
import { createHookQueue, createHookWorker, enqueueAfter } from 'hookcell/bullmq';
import type { HookOutcome } from 'hookcell/bullmq';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { until } from '../support/clock';
import { usePostgres, withPostgres } from './postgres';

withPostgres('on PostgreSQL,', () => {
  const postgres = usePostgres();
  const connection = () => ({ connectionString: postgres.url(), migrate: true });

  test('jobs are run once for a key, by their outcome, and nothing there could lose them', async () => {
    await using server = new WasmRuntime({ logger: false });
    await using machine = new WasmRuntime({ logger: false });
    const rich = pluginAnswering({ ok: true, ctx: { data: { rich: true } } });
    await server.loadPluginBytes('enrich', rich);
    await server.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'not today' }));
    await server.loadPluginBytes('crash', pluginFailing());
    const modules = new Map(server.plugins().map(({ sha256, key }) => [sha256, key]));
    const bytes: Record<string, Uint8Array> = {
      enrich: rich,
      no: pluginAnswering({ ok: false, error: 'not today' }),
      crash: pluginFailing(),
    };
    const queue = new Queue('hooks', { connection: connection() }, createPostgresBackend);
    const hooks = createHookQueue(server, { queue, after: ['enrich', 'no', 'crash'] });
    const outcomes: HookOutcome[] = [];
    const dead: unknown[] = [];
    let lookedUp = 0;
    const worker = createHookWorker(machine, {
      queue: 'hooks',
      bullmq: { connection: connection() },
      backend: createPostgresBackend,
      source({ sha256 }) {
        lookedUp += 1;
        return bytes[modules.get(sha256) ?? ''] ?? new Uint8Array();
      },
      onResult: (outcome) => outcomes.push(outcome),
      onDead: (each) => dead.push(each),
      logger: false,
    });

    expect(await worker.ready()).toEqual([]);
    await enqueueAfter(hooks, { key: 'order-7', context: { input: {}, data: { id: 7 }, tenant_id: 'acme' } });
    await until(() => outcomes.length === 2 && dead.length === 1);
    const again = await enqueueAfter(hooks, {
      key: 'order-7',
      context: { input: {}, data: { id: 7 }, tenant_id: 'acme' },
    });

    expect(again.map(({ duplicate }) => duplicate)).toEqual([true, true, true]);
    expect(lookedUp).toBe(3);
    expect(outcomes.map(({ plugin, result }) => [plugin.name, result.ok]).toSorted()).toEqual([
      ['enrich', true],
      ['no', false],
    ]);
    expect(dead).toMatchObject([{ plugin: { name: 'crash' }, why: 'faulted' }]);
    await worker.close();
    await queue.close();
  }, 60_000);
});
