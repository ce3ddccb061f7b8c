import { loads } from '../measures/rounds.mjs';
import { floorNames } from '../subjects/floor.mjs';
import { hookcellNames } from '../subjects/hookcell.mjs';
import { count, microseconds, milliseconds, percent, times } from './format.mjs';

/** Calls in flight that stand for a busy server. */
const BUSY = 16;

/**
 * What calls cost: one after the other, many at a time, and what those take of the machine.
 *
 * @param {import('../results.mjs').Results} results
 * @returns {import('./report.mjs').Section[]}
 */
export function calls(results) {
  const { names } = results;
  const busy = names.filter((name) => results.middle(name, BUSY, 'calls') !== undefined);
  return names.length === 0 ? [] : [sequential(results, names), throughput(results, busy), busyLoop(results, busy)];
}

function sequential(results, names) {
  return {
    title: 'One call after the other',
    heading: ['', 'p50', 'p99', '/ trivial', '/ empty', 'CPU a call'],
    rows: names.map((name) => [
      name,
      microseconds(results.middle(name, 1, 'p50')),
      microseconds(results.middle(name, 1, 'p99')),
      times(results.ratio(name, hookcellNames.trivial, 1, 'p50')),
      times(results.ratio(name, floorNames.empty, 1, 'p50')),
      microseconds(results.middle(name, 1, 'cpu')),
    ]),
  };
}

function throughput(results, names) {
  return {
    title: `Calls per second with ${loads.join(', ')} in flight; the ratios are with ${BUSY}`,
    heading: ['', ...loads.map(String), '/ trivial', '/ empty'],
    rows: names.map((name) => [
      name,
      ...loads.map((inFlight) => count(results.middle(name, inFlight, 'perSecond'))),
      times(results.ratio(name, hookcellNames.trivial, BUSY, 'perSecond')),
      times(results.ratio(name, floorNames.empty, BUSY, 'perSecond')),
    ]),
  };
}

function busyLoop(results, names) {
  return {
    title: `The machine with ${BUSY} in flight: CPU is the processor time of all threads, and of the event loop's`,
    heading: ['', 'p50', 'p99', 'CPU a call', 'of the loop', 'loop used', 'loop delay p99'],
    rows: names.map((name) => [
      name,
      microseconds(results.middle(name, BUSY, 'p50')),
      microseconds(results.middle(name, BUSY, 'p99')),
      microseconds(results.middle(name, BUSY, 'cpu')),
      microseconds(results.middle(name, BUSY, 'loopCpu')),
      percent(results.middle(name, BUSY, 'loopUsed')),
      milliseconds(results.middle(name, BUSY, 'loopDelay')),
    ]),
  };
}
