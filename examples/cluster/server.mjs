// A server that runs the plugins of the manifest around its orders. Any number of these processes run the same thing.

import { once } from 'node:events';
import path from 'node:path';
import express from 'express';
import { WasmRuntime } from 'hookcell';
import { problemHandler, wasmHooks } from 'hookcell/express';
import { openPlugins } from 'hookcell/plugins';
import { collectMetrics } from 'hookcell/prometheus';
import { createStatus } from 'hookcell/status';
import { Registry } from 'prom-client';

const { name, plugins, cacheDir, storeDir, redisPort } = JSON.parse(process.argv[2]);

const runtime = new WasmRuntime({ cacheDir });
const register = new Registry();
collectMetrics(runtime, { register });
const status = createStatus(runtime);
const set = await openPlugins(runtime, {
  manifest: path.join(plugins, 'plugins.json'),
  storeDir,
  watch: true,
  logger: false,
});
const jobs = redisPort === undefined ? undefined : await openJobs();

const app = express();
app.use(express.json());
const hooks = wasmHooks(runtime, { tenantId: (request) => request.get('x-tenant'), before: set });
let orders = 0;
app.post('/orders', hooks, async (request, response) => {
  orders += 1;
  const order = { id: `${name}-${orders}`, ...request.body };
  // A real server stores the order here, and adds the job after the commit.
  if (order.member === true) {
    await jobs?.add(order, request.get('x-tenant'));
  }
  response.status(201).json(order);
});
app.use(problemHandler());

// Not for clients: a real server has these on a port of their own.
app.get('/metrics', async (_request, response) => {
  response.type(register.contentType).send(await register.metrics());
});
app.get('/status', status.handler);
app.get('/ready', (_request, response) => response.sendStatus(runtime.ready() ? 200 : 503));

set.on('swapped', ({ changes }) => process.send({ swapped: changes }));
set.on('refused', ({ code, message }) => process.send({ refused: `${code}: ${message}` }));
set.on('manifestRefused', ({ code, message }) => process.send({ refused: `${code}: ${message}` }));
process.on('message', async (message) => {
  if (message === 'rollback') {
    process.send({ rolledBack: await set.rollback('discount') });
  }
});
process.once('SIGTERM', async () => {
  server.close();
  server.closeIdleConnections();
  await once(server, 'close');
  await set.close();
  await runtime.close();
  await jobs?.close();
  process.disconnect();
});

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const loads = runtime.plugins().map(({ key, codeFrom, loadedInMs }) => ({ key, codeFrom, loadedInMs }));
process.send({ port: server.address().port, loads });

/** A queue for the hook of acme's plugin that may run after the response. */
async function openJobs() {
  const { Queue } = await import('bullmq');
  const { createHookQueue, enqueueAfter } = await import('hookcell/bullmq');
  const plugin = path.join(plugins, 'discount.wasm');
  await runtime.loadPlugin(plugin);
  const queue = new Queue('after-orders', { connection: { host: '127.0.0.1', port: redisPort } });
  const after = createHookQueue(runtime, { queue, after: plugin });
  return {
    add: (order, tenant) =>
      enqueueAfter(after, { key: `order-${order.id}`, context: { input: {}, data: order, tenant_id: tenant } }),
    close: () => queue.close(),
  };
}
