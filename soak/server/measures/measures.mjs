import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { readMs, recordMs } from './histogram.mjs';

const LOOP_RESOLUTION_MS = 10;
const TICK_MS = 5;
const NANOSECONDS_PER_MS = 1e6;
const BETWEEN_READS_MS = 20;
const FILE = fileURLToPath(new URL('../../marked.wat', import.meta.url));

/** Measures what the load does to the rest of the process. */
export class Measures {
  #loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  #reads = createHistogram();
  #wakeUps = createHistogram();
  /** Processor time of this thread from one tick to the next. A busy machine does not add to it. */
  #turns = createHistogram();
  #ticks;
  #sleeper;
  #isOver = false;

  start() {
    this.#loop.enable();
    // The histogram is shared with the thread.
    this.#sleeper = new Worker(new URL('sleeper.mjs', import.meta.url), { workerData: this.#wakeUps });
    void this.#readFiles();
    let last = threadMs();
    this.#ticks = setInterval(() => {
      const now = threadMs();
      recordMs(this.#turns, now - last);
      last = now;
    }, TICK_MS);
  }

  /** Resets the measurements. */
  restart() {
    this.#loop.reset();
    this.#reads.reset();
    this.#wakeUps.reset();
    this.#turns.reset();
  }

  read() {
    const loop = readMs(this.#loop, NANOSECONDS_PER_MS);
    return {
      resident: process.memoryUsage.rss(),
      loop: { ...loop, median: lateness(loop.median), p99: lateness(loop.p99), max: lateness(loop.max) },
      reads: readMs(this.#reads),
      wakeUps: readMs(this.#wakeUps),
      turns: readMs(this.#turns),
    };
  }

  async stop() {
    this.#isOver = true;
    this.#loop.disable();
    clearInterval(this.#ticks);
    await this.#sleeper.terminate();
  }

  async #readFiles() {
    while (!this.#isOver) {
      const start = performance.now();
      await readFile(FILE);
      recordMs(this.#reads, performance.now() - start);
      await sleep(BETWEEN_READS_MS);
    }
  }
}

/** Processor time of this thread, in milliseconds, or the wall clock if the platform does not report it. */
function threadMs() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / NANOSECONDS_PER_MS;
  } catch {
    return performance.now();
  }
}

/** It is measured from one tick to the next. */
function lateness(ms) {
  return Math.max(0, ms - LOOP_RESOLUTION_MS);
}

/**
 * The memory of the process, without garbage; see bench/memory.mjs for what V8 keeps in reserve. It blocks the event loop
 * for some milliseconds, too rarely to change a p99.
 */
export function sampleMemory() {
  globalThis.gc();
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  return { at: performance.now(), resident: rss, held: rss - heapTotal + heapUsed, objects: heapUsed };
}
