import { createHistogram } from 'node:perf_hooks';
import { readMs, recordMs } from './histogram.mjs';

/** By how much calls were over their deadline. */
export class Overruns {
  #run = createHistogram();
  #wall = createHistogram();

  /**
   * @param {number} runMs on its thread
   * @param {number} wallMs as its caller saw it, without the time it waited
   */
  record(runMs, wallMs) {
    recordMs(this.#run, runMs);
    recordMs(this.#wall, wallMs);
  }

  read() {
    return { run: readMs(this.#run), wall: readMs(this.#wall) };
  }
}
