import { createHistogram } from 'node:perf_hooks';
import { readMs, recordMs } from './histogram.mjs';

/** How far calls ran past their deadline. */
export class Overruns {
  #run = createHistogram();
  #wall = createHistogram();

  /**
   * @param {number} runMs on its thread
   * @param {number} wallMs as its caller saw it, without the time in the queue
   */
  record(runMs, wallMs) {
    recordMs(this.#run, runMs);
    recordMs(this.#wall, wallMs);
  }

  read() {
    return { run: readMs(this.#run), wall: readMs(this.#wall) };
  }
}
