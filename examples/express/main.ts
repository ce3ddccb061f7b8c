import { readFile } from 'node:fs/promises';

import { prepareLoadSource } from '@hookcell/javascript';
import { WasmRuntime } from 'hookcell';

import { OrderBook } from '../orders/order-book';
import { TenantHooks } from '../orders/editor/tenant-hooks';
import { pluginFiles, sourceFiles } from '../orders/tenants';
import { createApp } from './app';

async function main(): Promise<void> {
  const runtime = new WasmRuntime({ timeoutMs: 100 });
  // If a plugin does not load, the service does not start.
  await Promise.all(pluginFiles.map((file) => runtime.loadPlugin(file)));
  await prepareLoadSource({ cacheDir: 'target/examples/cache' });
  const hooks = new TenantHooks(runtime);
  await saveSources(hooks);
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

/** The hooks that tenants begin with. */
async function saveSources(hooks: TenantHooks): Promise<void> {
  for (const [tenant, file] of sourceFiles) {
    const problem = await hooks.save(tenant, await readFile(file, 'utf8'));
    if (problem !== undefined) {
      throw new Error(`${file}:${problem.line}:${problem.column}: ${problem.message}`);
    }
  }
}

void main();
