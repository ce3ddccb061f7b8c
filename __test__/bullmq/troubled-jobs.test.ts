// What is told of jobs that go wrong, and of a queue that could lose some.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createHookWorker, enqueueAfter } from 'hookcell/bullmq';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { closeAll, makeRuntime, SetFolder } from '../plugin-sets/set-folder';
import { until } from '../support/clock';
import { fixture } from '../support/wat';
import { useMachines } from './machines';
import { useRedis, withRedis } from './servers/redis';

afterEach(closeAll);

const yes = pluginAnswering({ ok: true });
const order = (key: string) => ({ key, context: { input: {} } });

withRedis('a job', () => {
  const { server, queue, hooks, work } = useMachines(useRedis());

  test.each<[string, object, object]>([
    ['a limit out of bounds', {}, { limits: { timeoutMs: -1 } }],
    ['a limit that is none', {}, { limits: { signal: 7 } }],
    ['a context of another shape', { context: '{"input":7,"user":"root"}' }, {}],
  ])('with %s is dead and told, and does not hold up others', async (_, ofJob, ofStep) => {
    const { sha256 } = await server.runtime.loadPluginBytes('yes', yes);
    const { outcomes, dead } = work();
    const about = { format: 2, stage: 'after', key: 'a', hook: 'after_hook', context: '{"input":{}}', tenant: null };
    const steps = [{ plugin: { name: 'yes', sha256 }, ...ofStep }];

    await queue().add('after_hook', { ...about, nonce: 'x', steps, ...ofJob }, { attempts: 3 });
    await enqueueAfter(hooks({ after: 'yes' }), order('order-7'));
    await until(() => dead.length === 1 && outcomes.length === 1);

    expect(dead).toMatchObject([{ key: 'a', why: 'refused' }]);
    expect(outcomes).toMatchObject([{ key: 'order-7' }]);
  });

  test('is tried again if onFault throws, and then dead', async () => {
    await server.runtime.loadPluginBytes('crash', pluginFailing());
    const { dead, lines } = work({
      onFault: () => {
        throw new Error('a mistake');
      },
    });

    await enqueueAfter(hooks({ after: 'crash', attempts: 2 }), order('order-7'));
    await until(() => dead.length === 1);

    expect(dead).toMatchObject([{ why: 'faulted' }]);
    expect(lines.filter((line) => line.includes('onFault threw'))).toHaveLength(2);
  });

  test('whose plugin repeats a secret leaves it neither in the queue, nor in its file, nor in the log', async () => {
    const secret = 'correct horse "battery" staple';
    process.env['HOOKCELL_SECRET_OF_JOBS'] = secret;
    const folder = new SetFolder();
    const reports = await fixture('report_context');
    folder.list(folder.module('tells', reports, { config: { env: 'HOOKCELL_SECRET_OF_JOBS' }, hooks: ['after_hook'] }));
    const set = await folder.open(server.runtime);
    const letters = mkdtempSync(path.join(tmpdir(), 'hookcell-dead-'));
    const { dead, lines } = work({
      plugins: set,
      deadLetterDir: letters,
      onResult: ({ result }) => Promise.reject(new Error(JSON.stringify(result))),
    });

    const [added] = await enqueueAfter(hooks({ after: set, attempts: 2 }), order('order-7'));
    await until(() => dead.length === 1);
    const job = await queue().getJob(added?.id ?? '');
    const files = readdirSync(letters).map((file) => readFileSync(path.join(letters, file), 'utf8'));
    rmSync(letters, { recursive: true });

    const texts = [JSON.stringify(job), JSON.stringify(dead), ...files, ...lines];
    expect(files).toHaveLength(1);
    expect(texts.join()).not.toContain('horse');
    expect(texts.join()).toContain('{env:HOOKCELL_SECRET_OF_JOBS}');
  });
});

withRedis('a worker', () => {
  const redis = useRedis({ 'maxmemory-policy': 'noeviction' });

  /** A way to Redis on which it says that it acknowledged before it wrote. */
  async function slowDisk(): Promise<Server> {
    const way = createServer((client) => {
      const upstream = connect(redis.port, '127.0.0.1');
      client.pipe(upstream).on('error', () => client.destroy());
      upstream.on('data', (bytes) =>
        client.write(
          Buffer.from(bytes.toString('latin1').replace('aof_delayed_fsync:0', 'aof_delayed_fsync:3'), 'latin1'),
        ),
      );
      client.on('close', () => upstream.destroy()).on('error', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    });
    await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
    return way;
  }

  test('is ready without a risk, and tells if the disk of Redis has been too slow', async () => {
    const lines: string[] = [];
    const settings = { queue: 'hooks', onResult: () => {}, logger: { warn: (line: string) => lines.push(line) } };
    const way = await slowDisk();
    const { port } = way.address() as AddressInfo;
    await using good = createHookWorker(makeRuntime(), { ...settings, bullmq: { connection: redis.connection() } });
    await using slow = createHookWorker(makeRuntime(), {
      ...settings,
      bullmq: { connection: { ...redis.connection(), port } },
    });

    expect(await good.ready()).toEqual([]);
    expect(await slow.ready()).toEqual([expect.stringMatching(/acknowledged jobs before it wrote them.*appendfsync/)]);
    expect(lines).toHaveLength(1);
    way.close();
  });
});
