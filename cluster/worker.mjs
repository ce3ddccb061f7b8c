// A machine that runs jobs. It has no plugins, and gets them by their digests from a folder. What it applies goes to a journal that
// is on disk before it says so.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { WasmRuntime } from 'hookcell';
import { createHookWorker } from 'hookcell/bullmq';

const { port, queue, plugins, journal, lockMs } = JSON.parse(process.argv[2]);

const runtime = new WasmRuntime({ logger: false });
const file = openSync(journal, 'a');

const worker = createHookWorker(runtime, {
  queue,
  bullmq: { connection: { host: '127.0.0.1', port, commandTimeout: 5_000, maxRetriesPerRequest: null } },
  lockMs,
  concurrency: 8,
  isolate: false,
  logger: false,
  source: ({ sha256 }) => readFile(path.join(plugins, `${sha256}.wasm`)),
  onResult({ key, context, result, earlierStarts }) {
    writeSync(
      file,
      `${JSON.stringify({ key, given: context.data, data: result.ok ? result.ctx.data : result.error, earlierStarts })}\n`,
    );
    fsyncSync(file);
  },
  onDead({ key, message }) {
    writeSync(file, `${JSON.stringify({ key, dead: message })}\n`);
  },
});

process.on('SIGTERM', () => {
  void worker.close().then(() => {
    closeSync(file);
    process.exit(0);
  });
});
await worker.ready();
process.send?.('ready');
