import { WasmRuntime } from 'hookcell';

import { OrderBook } from '../orders/order-book';
import { pluginFiles } from '../orders/tenants';
import { createApp } from './app';

async function main(): Promise<void> {
  const runtime = new WasmRuntime({ timeoutMs: 100 });
  // If a plugin does not load, the service does not start.
  await Promise.all(pluginFiles.map((file) => runtime.loadPlugin(file)));
  const orders = await OrderBook.open();
  const port = process.env['PORT'] ?? 3000;
  const server = createApp(runtime, orders).listen(port, () => console.log(`orders on http://localhost:${port}`));

  process.once('SIGINT', () => {
    server.close(async () => {
      await Promise.all([runtime.close(), orders.close()]);
    });
  });
}

void main();
