// What happens to the job of a worker that is killed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { enqueueAfter, enqueueBefore } from 'hookcell/bullmq';
import { pluginAnswering } from 'hookcell/testing';

import { until } from '../support/clock';
import { useMachines } from './machines';
import type { QueueServer } from './machines';

const rich = pluginAnswering({ ok: true, ctx: { input: { rich: true }, data: { rich: true } } });
const WORKER = path.join(__dirname, 'killed-worker.mjs');

/** Runs these tests against a server of queues. */
export function testKilledWorkers(queues: QueueServer): void {
  const { server, hooks, work, machine } = useMachines(queues);
  const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-killed-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['after', 'before'] as const)(
    'whose worker is killed while it applies the result of hooks %s an operation is run by another one, and says so',
    async (stage) => {
      await server.runtime.loadPluginBytes('enrich', rich);
      const file = path.join(folder, 'enrich.wasm');
      writeFileSync(file, rich);
      const settings = { queue: server.name, connection: queues.connection(), isPostgres: 'backend' in queues, file };
      const child = spawn(process.execPath, [WORKER, JSON.stringify(settings)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const enqueue = stage === 'after' ? enqueueAfter : enqueueBefore;
      await enqueue(hooks({ [stage]: 'enrich' }), { key: 'order-7', context: { input: {} } });
      const [said] = (await once(child.stdout, 'data')) as [Buffer];
      expect(String(said)).toBe('applying order-7');

      child.kill('SIGKILL');
      await once(child, 'exit');
      const before: unknown[] = [];
      const { outcomes, dead } = work(
        { source: () => rich, isolate: false, lockMs: 1_000, onBefore: (outcome) => before.push(outcome) },
        machine(),
      );
      await until(() => outcomes.length + before.length === 1);

      expect([...outcomes, ...before]).toMatchObject([{ key: 'order-7', earlierStarts: 1, result: { ok: true } }]);
      expect(dead).toEqual([]);
    },
    60_000,
  );
}
