// A thread that does nothing but sleep and look how late it wakes: how late the machine itself is.

import { workerData as histogram } from 'node:worker_threads';
import { recordMs } from './histogram.mjs';

const SLEEP_MS = 10;

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  const start = performance.now();
  Atomics.wait(nobodyWakes, 0, 0, SLEEP_MS);
  recordMs(histogram, performance.now() - start - SLEEP_MS);
}
