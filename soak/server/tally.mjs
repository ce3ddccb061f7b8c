import { Overruns } from './measures/overruns.mjs';

/** Counts the calls of all runtimes, how they ended, and how late some were. */
export class Tally {
  #started = 0;
  #settled = 0;
  #calls = {};
  #loads = {};
  /** Loops that check their deadline on every iteration, and loops that fill memory in between. */
  #overruns = { loops: new Overruns(), fills: new Overruns() };
  #stoppedEarly = 0;
  #impossibleUsages = 0;
  #slowestWorkerEnd = 0;
  #terminatedWorkers = 0;

  begin() {
    this.#started += 1;
  }

  /** A call has ended in this way. */
  settle(code) {
    this.#settled += 1;
    this.#calls[code] = (this.#calls[code] ?? 0) + 1;
  }

  countLoad(code) {
    this.#loads[code] = (this.#loads[code] ?? 0) + 1;
  }

  /**
   * A call was stopped at its deadline.
   *
   * @param {string} hook
   * @param {number} runMs how far it ran past its time on its thread
   * @param {number} wallMs the same as its caller saw it, without the time in the queue
   */
  recordOverrun(hook, runMs, wallMs) {
    this.#overruns[hook === 'fill_hook' ? 'fills' : 'loops'].record(runMs, wallMs);
    this.#stoppedEarly += runMs < 0 ? 1 : 0;
  }

  /** A result reports more usage than is possible. */
  countImpossibleUsage() {
    this.#impossibleUsages += 1;
  }

  /** A worker thread was terminated with calls in progress. */
  recordWorkerEnd(ms) {
    this.#terminatedWorkers += 1;
    this.#slowestWorkerEnd = Math.max(this.#slowestWorkerEnd, ms);
  }

  read() {
    return {
      started: this.#started,
      settled: this.#settled,
      calls: this.#calls,
      loads: this.#loads,
      loops: this.#overruns.loops.read(),
      fills: this.#overruns.fills.read(),
      stoppedEarly: this.#stoppedEarly,
      impossibleUsages: this.#impossibleUsages,
      terminatedWorkers: this.#terminatedWorkers,
      slowestWorkerEnd: this.#slowestWorkerEnd,
    };
  }
}
