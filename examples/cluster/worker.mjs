// Runs the jobs that servers add, here or on another machine. It has no plugins, and gets them by their digests.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { WasmRuntime } from 'hookcell';
import { createHookWorker } from 'hookcell/bullmq';

const { plugins, cacheDir, redisPort } = JSON.parse(process.argv[2]);

const runtime = new WasmRuntime({ cacheDir });
const worker = createHookWorker(runtime, {
  queue: 'after-orders',
  bullmq: { connection: { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null } },
  source: findModule,
  // A real one applies the result in a transaction with the key, because a result may come twice.
  onResult: ({ key, result }) => process.send({ key, data: result.ok ? result.ctx.data : undefined }),
});

process.once('SIGTERM', async () => {
  await worker.close();
  await runtime.close();
  process.disconnect();
});
await worker.ready();
process.send('ready');

/** A real one gets them from a bucket or a registry. */
async function findModule({ name, sha256 }) {
  for (const file of await readdir(plugins)) {
    const bytes = await readFile(path.join(plugins, file));
    if (createHash('sha256').update(bytes).digest('hex') === sha256) {
      return bytes;
    }
  }
  throw new Error(`there is no module ${name} ${sha256}`);
}
