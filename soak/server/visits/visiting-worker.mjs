import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * A worker thread with its own runtime.
 *
 * @param {object} visit
 * @param {string} visit.name
 * @param {string} visit.module in base64
 * @param {object[]} visit.calls
 * @param {boolean} visit.terminate ends it while it makes further calls
 * @param {import('../tally.mjs').Tally} tally it counts the calls with a result
 */
export async function visitWorker({ name, module, calls, terminate }, tally) {
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: { name, module, calls, terminate } });
  const exited = once(worker, 'exit');
  for (const _ of calls) {
    tally.begin();
  }
  const [answers] = await Promise.race([once(worker, 'message'), exited.then(refuseEnd)]);
  for (const { code } of answers) {
    tally.settle(code);
  }
  if (terminate) {
    const start = performance.now();
    await worker.terminate();
    tally.recordWorkerEnd(performance.now() - start);
  }
  await exited;
  return { answers };
}

function refuseEnd([exitCode]) {
  throw new Error(`the worker thread ended by itself, with exit code ${exitCode}`);
}
