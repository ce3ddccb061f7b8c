// Hooks as jobs, whose plugins have configurations.

import { readdirSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Job, Queue } from 'bullmq';
import { enqueueAfter } from 'hookcell/bullmq';
import { pluginAnswering } from 'hookcell/testing';

import { until } from '../support/clock';
import { fixture } from '../support/wat';
import { useMachines } from './machines';
import { useRedis, withRedis } from './servers/redis';

const job = { key: 'order-7', context: { input: { a: 1 }, data: { id: 7 } } };

/** The failed jobs of a queue, once there are any. */
async function failures(queue: Queue): Promise<Job[]> {
  const jobs = await queue.getFailed();
  return jobs.length > 0 ? jobs : await failures(queue);
}

withRedis('a job of hooks', () => {
  const { server, queue, hooks, work, machine } = useMachines(useRedis());

  test('whose plugin repeats a secret leaves it neither in the queue nor in a file', async () => {
    process.env['HOOKCELL_TEST_JOB'] = 'the secret of the jobs';
    const tells = pluginAnswering('{"thrown":{"message":"no access with the secret of the jobs","backtrace":[]}}');
    await server.runtime.loadPluginBytes('tells', tells, { config: { env: 'HOOKCELL_TEST_JOB' } });
    const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-dead-'));
    const { dead } = work({ deadLetterDir: folder });

    await enqueueAfter(hooks({ after: 'tells' }), job);
    await until(() => dead.length === 1);

    const [failed] = await failures(queue());
    const files = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));
    expect(files).toHaveLength(1);
    for (const text of [...files, String(failed?.failedReason), JSON.stringify(failed?.stacktrace)]) {
      expect(text).toContain('{env:HOOKCELL_TEST_JOB}');
      expect(text).not.toContain('the secret of the jobs');
    }
    rmSync(folder, { recursive: true });
  });

  test('never runs with the configuration of another plugin that has the same bytes', async () => {
    const shows = await fixture('report_context');
    await server.runtime.loadPluginBytes('acme', shows, { config: { secret: 'of acme' } });
    await server.runtime.loadPluginBytes('zeta', shows, { config: { secret: 'of zeta' } });
    const tenants = machine();
    await tenants.loadPluginBytes('acme', shows, { config: { secret: 'of acme' } });
    const { outcomes, lines } = work({}, tenants);

    await enqueueAfter(hooks({ after: 'zeta' }), job);
    await until(() => lines.length > 0);
    expect(outcomes).toEqual([]);
    expect(lines[0]).toMatch(/'zeta' \(\w{64}\) is loaded only as 'acme', and the worker has no source$/);

    await tenants.loadPluginBytes('zeta', shows, { config: { secret: 'of zeta' } });
    await until(() => outcomes.length === 1);
    expect(outcomes).toMatchObject([{ result: { ctx: { data: { config: { secret: 'of zeta' } } } } }]);
  });
});
