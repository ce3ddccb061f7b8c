import { OrderBook } from '../orders/order-book';
import { pluginFiles } from '../orders/tenants';
import { createApp } from './app';

async function main(): Promise<void> {
  const orders = await OrderBook.open();
  // The plugins load before the service listens. If one does not load, the service does not start.
  const app = await createApp(orders, { config: { timeoutMs: 100 }, plugins: pluginFiles });
  app.addHook('onClose', () => orders.close());
  console.log(`orders on ${await app.listen({ port: Number(process.env['PORT'] ?? 3000) })}`);

  process.once('SIGINT', () => void app.close());
}

void main();
