import { WasmRuntime } from 'hookcell';

import { OrderBook } from '../orders/order-book';
import { openHooks } from '../orders/editor/open-hooks';
import { pluginFiles } from '../orders/tenants';
import { createApp } from './app';

async function main(): Promise<void> {
  const runtime = new WasmRuntime({ timeoutMs: 100 });
  // If a plugin does not load, the service does not start.
  await Promise.all(pluginFiles.map((file) => runtime.loadPlugin(file)));
  const hooks = await openHooks(runtime);
  const orders = await OrderBook.open();
  const port = process.env['PORT'] ?? 3000;
  const server = createApp(runtime, orders, hooks).listen(port, () =>
    console.log(`orders on http://localhost:${port}, and their editor on /editor`),
  );

  process.once('SIGINT', () => {
    server.close(async () => {
      await Promise.all([runtime.close(), orders.close()]);
    });
  });
}

void main();
