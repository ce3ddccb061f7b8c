// A thread that only sleeps and measures how late it wakes, which is the delay of the machine.

import { workerData as histogram } from 'node:worker_threads';
import { recordMs } from './histogram.mjs';

const SLEEP_MS = 10;

const neverWoken = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  const start = performance.now();
  Atomics.wait(neverWoken, 0, 0, SLEEP_MS);
  recordMs(histogram, performance.now() - start - SLEEP_MS);
}
