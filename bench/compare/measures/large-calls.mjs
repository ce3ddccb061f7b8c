import { measureInChild } from '../../child.mjs';
import { median } from '../../table.mjs';

const script = new URL('large-calls-process.mjs', import.meta.url);

/** How much of its memory a large call touches. */
export const LARGE_BYTES = 3_600_000;

/** One call in so many is large. */
export const LARGE_EVERY = 100;

/**
 * What large calls cost the small ones around them, and the memory of the process. Each round runs in a process of its
 * own, because what a large call leaves behind could stay for good.
 *
 * @typedef {object} LargeCalls
 * @property {number} small microseconds of a small call on the calling thread, long after a large one
 * @property {number} after the mean of the 1,000 small calls after a large one, as a ratio to `small`
 * @property {number} other the same for the small calls of another plugin
 * @property {number} mixedSync a stream with one large call in {@link LARGE_EVERY}, on the calling thread, as a ratio to
 *   the sum of its parts
 * @property {number} mixedBusy the same with 16 in flight
 * @property {{ loaded: number, small: number, mixed: number, idle: number }} resident bytes of the process: with the
 *   plugins loaded, after streams of small calls, after mixed streams, and after a while without calls
 *
 * @param {{ rounds: number, ms: number, idleMs: number }} plan `ms`: of each stream
 * @returns {Promise<LargeCalls & { idleMs: number }>} the median of the rounds
 */
export async function measureLargeCalls({ rounds, ms, idleMs }) {
  const measured = [];
  for (let round = 1; round <= rounds; round += 1) {
    measured.push(await measureInChild(script, [ms, idleMs], { execArgv: ['--expose-gc'] }));
  }
  const [{ resident }] = measured;
  const middle = (figure) => median(measured.map(figure));
  return {
    ...Object.fromEntries(
      ['small', 'after', 'other', 'mixedSync', 'mixedBusy'].map((name) => [name, middle((round) => round[name])]),
    ),
    resident: Object.fromEntries(
      Object.keys(resident).map((moment) => [moment, middle((round) => round.resident[moment])]),
    ),
    idleMs,
  };
}
