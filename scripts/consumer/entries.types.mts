import { Queue } from 'bullmq';
import { WasmRuntime } from 'hookcell';
import { createHookQueue, createHookWorker, enqueueAfter, enqueueBefore } from 'hookcell/bullmq';
import { createHooks } from 'hookcell/hooks';
import { instrument } from 'hookcell/otel';
import { openPlugins } from 'hookcell/plugins';
import type { PluginSet } from 'hookcell/plugins';
import { collectMetrics } from 'hookcell/prometheus';
import { createStatus } from 'hookcell/status';
import { Registry } from 'prom-client';

const runtime = new WasmRuntime();

export async function main(): Promise<number> {
  const plugins: PluginSet = await openPlugins(runtime, {
    manifest: 'plugins.json',
    watch: { pollMs: 1_000 },
    allowedEnv: ['ORDERS_*'],
  });
  const hooks = createHooks(runtime, { before: plugins, after: plugins });
  const order = await hooks.run({ input: { id: 7 }, tenant_id: 'acme' }, (input: { id: number }) => ({ id: input.id }));
  const queue = createHookQueue(runtime, {
    queue: new Queue('hooks', { connection: {} }),
    before: plugins,
    after: plugins,
  });
  await enqueueAfter(queue, { key: 'order-7', context: { input: {}, data: order } });
  const { duplicate } = await enqueueBefore(queue, { key: 'order-7', context: { input: {} } });
  const worker = createHookWorker(runtime, {
    queue: 'hooks',
    bullmq: { connection: {} },
    plugins,
    onResult: ({ key, plugin, result }) => [key, plugin.name, result.ok],
    onBefore: ({ key, plugins: all, result }) => [key, all.length, result.ok ? result.ctx.input : result.error],
  });
  await worker.close();
  instrument(runtime).stop();
  collectMetrics(runtime, { register: new Registry(), tenants: true }).stop();
  const { plugins: seen } = createStatus(runtime, { maxPlugins: 10 }).snapshot();
  return seen.length + Number(duplicate);
}

// @ts-expect-error: a worker must apply results.
createHookWorker(runtime, { queue: 'hooks', bullmq: { connection: {} } });
