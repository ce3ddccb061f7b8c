// A worker that never ends to apply a result, and says when it begins to.

import { readFileSync } from 'node:fs';

import { createPostgresBackend } from 'bullmq';
import { WasmRuntime } from 'hookcell';
import { createHookWorker } from 'hookcell/bullmq';

const { queue, connection, isPostgres, file } = JSON.parse(process.argv[2]);
const apply = ({ key }) => {
  process.stdout.write(`applying ${key}`);
  return new Promise(() => undefined);
};
createHookWorker(new WasmRuntime({ logger: false }), {
  queue,
  bullmq: { connection },
  ...(isPostgres && { backend: createPostgresBackend }),
  lockMs: 1_000,
  isolate: false,
  logger: false,
  source: () => readFileSync(file),
  onResult: apply,
  onBefore: apply,
});
