// A server that follows a manifest, and hands hooks after some of its responses to a queue.

import { once } from 'node:events';
import { Queue } from 'bullmq';
import express from 'express';
import { WasmRuntime } from 'hookcell';
import { createHookQueue, enqueueAfter } from 'hookcell/bullmq';
import { problemHandler, wasmHooks } from 'hookcell/express';
import { openPlugins } from 'hookcell/plugins';

const BETWEEN_TRIES_MS = 100;

const { manifest, storeDir, cacheDir, redisPort, queue: name, jobPlugin } = JSON.parse(process.argv[2]);

const runtime = new WasmRuntime({ cacheDir, logger: false });
await runtime.loadPlugin(jobPlugin);
const set = await openPlugins(runtime, { manifest, storeDir, watch: { pollMs: 1_000 }, logger: false });
// A command to a Redis that is gone must not wait for ever.
const queue = new Queue(name, { connection: { host: '127.0.0.1', port: redisPort, commandTimeout: 2_000 } });
queue.on('error', () => undefined);
const jobs = createHookQueue(runtime, { queue, after: jobPlugin, enqueueTimeoutMs: 5_000 });

const app = express();
app.use(express.json());
const hooks = wasmHooks(runtime, {
  tenantId: (request) => request.get('x-tenant'),
  before: set,
  after: set,
  // A version that is refused must not stop what runs.
  circuitBreaker: false,
  logger: false,
});
app.post('/orders', hooks, async (request, response) => {
  const order = request.body;
  if (order.wantsJob === true) {
    await addJob(order, request.get('x-tenant'));
  }
  response.json({ ...order });
});
app.use(problemHandler());

for (const event of ['swapped', 'refused', 'manifestRefused']) {
  set.on(event, (message) => process.send({ event, name: message.name }));
}
process.on('message', async ({ rollBack }) => {
  try {
    await set.rollback(rollBack);
    process.send({ event: 'rolledBack' });
  } catch (error) {
    // There may be no earlier version any more.
    process.send({ event: 'rolledBack', error: error.code ?? error.message });
  }
});
process.once('SIGTERM', async () => {
  server.close();
  server.closeIdleConnections();
  await once(server, 'close');
  await set.close();
  await runtime.close();
  await queue.close();
  process.disconnect();
});

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send({ event: 'listening', port: server.address().port });

/** Tries again with the same key until the queue acknowledges the job. */
async function addJob(order, tenant) {
  const context = { input: {}, data: { id: order.id }, tenant_id: tenant };
  for (;;) {
    try {
      await enqueueAfter(jobs, { key: `order-${order.id}`, context });
      return;
    } catch (error) {
      if (String(error.code).startsWith('ERR_')) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  }
}
