import { existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { quantile } from '../../table.mjs';

/**
 * What was seen of one subject for a while, always with so many calls under way.
 *
 * @typedef {object} Measurement
 * @property {number} calls
 * @property {number} perSecond calls that ended, a second
 * @property {number} p50 microseconds from before a call until its result is there
 * @property {number} p99
 * @property {number} loopDelay p99 of the event loop's delay, in milliseconds; an idle loop shows about 1, its resolution
 * @property {number} cpu microseconds of processor time a call, of all threads of the process
 * @property {number} [loopCpu] the part of `cpu` that the event loop's thread took; only Linux tells
 * @property {number} loopUsed share of the time in which the event loop was busy, 0 to 1
 */

/** What the scheduler of Linux counts for the current thread. */
const SCHEDULER_COUNTS = '/proc/thread-self/schedstat';
const countsThreads = existsSync(SCHEDULER_COUNTS);

/**
 * Makes calls for a while, each caller its next one as soon as its last has ended. So the latencies are those of a service
 * that is asked no faster than it answers: a pause is felt by the calls under way, and by no others.
 *
 * @param {import('../subjects/subjects.mjs').Subject} subject
 * @param {{ inFlight: number, ms: number }} load
 * @returns {Promise<Measurement>}
 */
export async function measure({ call, blocks = false }, { inFlight, ms }) {
  const latencies = [];
  const loopDelay = monitorEventLoopDelay({ resolution: 1 });
  const cpuBefore = process.cpuUsage();
  const utilisation = performance.eventLoopUtilization();
  const threadBefore = threadCpu();
  loopDelay.enable();
  const start = performance.now();
  const end = start + ms;
  async function caller() {
    for (let before = start; before < end;) {
      await call();
      const after = performance.now();
      latencies.push((after - before) * 1_000);
      before = after;
      if (blocks) {
        await setImmediate();
        // If there are others, this call has waited for theirs.
        before = inFlight === 1 ? performance.now() : before;
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, caller));
  const elapsed = performance.now() - start;
  loopDelay.disable();
  const { user, system } = process.cpuUsage(cpuBefore);
  const thread = threadCpu() - threadBefore;

  const sorted = Float64Array.from(latencies).toSorted();
  return {
    calls: sorted.length,
    perSecond: (sorted.length * 1_000) / elapsed,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    cpu: (user + system) / sorted.length,
    loopCpu: countsThreads ? thread / sorted.length : undefined,
    loopDelay: loopDelay.percentile(99) / 1e6,
    loopUsed: performance.eventLoopUtilization(utilisation).utilization,
  };
}

/** Microseconds of processor time that the current thread has had. */
function threadCpu() {
  return countsThreads ? Number(readFileSync(SCHEDULER_COUNTS, 'utf8').split(' ')[0]) / 1_000 : 0;
}
