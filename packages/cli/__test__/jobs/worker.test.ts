import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import { Queue } from 'bullmq';
import { WasmRuntime } from 'hookcell';
import { createHookQueue, enqueueAfter } from 'hookcell/bullmq';
import { openPlugins } from 'hookcell/plugins';
import { pluginAnswering } from 'hookcell/testing';

import { useRedis, withRedis } from '../../../../__test__/bullmq/servers/redis';
import { fixture } from '../../../../__test__/support/wat';
import { Folder } from '../support/folder';
import { COMMAND, hookcell } from '../support/hookcell';

const folder = new Folder();

withRedis('hookcell worker', () => {
  const redis = useRedis({ 'maxmemory-policy': 'noeviction' });

  test('runs jobs with the options of its file, and ends when it is told to', async () => {
    await using runtime = new WasmRuntime({ logger: false });
    const plugin = pluginAnswering({ ok: true, ctx: { data: { rich: true } } });
    await runtime.loadPluginBytes('enrich', plugin);
    const applied = folder.at('applied.json');
    const config = folder.write(
      'worker.config.mjs',
      `import { writeFileSync } from 'node:fs';
export default {
  queue: 'hooks',
  bullmq: { connection: { host: '127.0.0.1', port: ${redis.port} } },
  source: () => Buffer.from('${Buffer.from(plugin).toString('base64')}', 'base64'),
  sandbox: { timeoutMs: 500 },
  onResult: ({ key, result }) => writeFileSync(${JSON.stringify(applied)}, JSON.stringify({ key, data: result.ctx.data })),
};`,
    );
    const queue = new Queue('hooks', { connection: { host: '127.0.0.1', port: redis.port } });
    await enqueueAfter(createHookQueue(runtime, { queue, after: 'enrich' }), {
      key: 'order-7',
      context: { input: {} },
    });

    const worker = spawn(process.execPath, [COMMAND, 'worker', config]);
    let said = '';
    worker.stdout.on('data', (text) => (said += String(text)));
    const ended = once(worker, 'exit');
    while ((await queue.getCompletedCount()) === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    worker.kill('SIGTERM');

    expect(await ended).toEqual([0, null]);
    expect(said).toMatch(/^waiting for jobs of hooks\nending; jobs that run end first\n$/);
    expect(JSON.parse(readFileSync(applied, 'utf8'))).toEqual({ key: 'order-7', data: { rich: true } });
    await queue.close();
  });
});

withRedis('hookcell worker with a plugin set', () => {
  const redis = useRedis({ 'maxmemory-policy': 'noeviction' });

  test('runs the version that the server chose, with its configuration, and says why a set cannot be opened', async () => {
    const module = await fixture('report_context');
    const sha256 = createHash('sha256').update(module).digest('hex');
    folder.write('report.wasm', module);
    const manifest = folder.write(
      'plugins.json',
      JSON.stringify({ plugins: [{ name: 'report', file: 'report.wasm', sha256, config: { percent: 15 } }] }),
    );
    const applied = folder.at('of-set.json');
    const config = (name: string, path: string) =>
      folder.write(
        name,
        `import { writeFileSync } from 'node:fs';
export default {
  queue: 'sets',
  bullmq: { connection: { host: '127.0.0.1', port: ${redis.port} } },
  plugins: { manifest: ${JSON.stringify(path)}, storeDir: ${JSON.stringify(folder.at('store'))} },
  onResult: ({ plugin, result }) =>
    writeFileSync(${JSON.stringify(applied)}, JSON.stringify({ plugin: plugin.name, config: result.ctx.data.config })),
};`,
      );
    await using runtime = new WasmRuntime({ logger: false });
    await using set = await openPlugins(runtime, { manifest, storeDir: false, logger: false });
    const queue = new Queue('sets', { connection: { host: '127.0.0.1', port: redis.port } });
    await enqueueAfter(createHookQueue(runtime, { queue, after: set }), { key: 'order-7', context: { input: {} } });

    const worker = spawn(process.execPath, [COMMAND, 'worker', config('set.config.mjs', manifest)]);
    const ended = once(worker, 'exit');
    while ((await queue.getCompletedCount()) === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    worker.kill('SIGTERM');

    expect(await ended).toEqual([0, null]);
    expect(JSON.parse(readFileSync(applied, 'utf8'))).toEqual({ plugin: 'report', config: { percent: 15 } });
    await queue.close();
    const { code, stderr } = await hookcell(['worker', config('no-set.config.mjs', folder.at('nowhere.json'))]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no-set.config.mjs: .*nowhere.json cannot be read/);
  });
});

test.each([
  ['nowhere.mjs', '', /cannot be loaded/],
  ['nothing.mjs', 'export const a = 1;', /must export an object by default/],
  [
    'wrong.mjs',
    "export default { queue: 'hooks', bullmq: {}, onResult() {}, retries: 1 };",
    /unknown option 'retries'/,
  ],
])('hookcell worker says what is wrong with %s, and exits with 2', async (name, text, message) => {
  const file = text === '' ? folder.at(name) : folder.write(name, text);

  const { code, stderr } = await hookcell(['worker', file]);

  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
