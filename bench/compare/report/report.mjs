import { calls } from './calls.mjs';
import { microseconds, percent, times } from './format.mjs';
import { loads } from './loads.mjs';
import { largeCalls, memory } from './memory.mjs';
import { concurrency, express } from './server.mjs';
import { telemetry } from './telemetry.mjs';

/**
 * One table of a report. `left`: how many of its first columns are text.
 *
 * @typedef {{ title: string, heading: string[], rows: string[][], left?: number }} Section
 */

/**
 * What was measured as tables, and where.
 *
 * @param {import('../results.mjs').Results} results
 * @returns {{ where: string, sections: Section[] }}
 */
export function report(results) {
  const parts = [targets, calls, memory, largeCalls, cells, phases, concurrency, loads, telemetry, express];
  return { where: where(results.environment), sections: parts.flatMap((part) => part(results)) };
}

function where({ node, platform, cores, libuvThreads, load, loadAfter, rounds, msPerRound }) {
  return (
    `Node.js ${node}, ${platform}, ${cores} cores, ${libuvThreads} threads in libuv's pool, load ${load} before and ` +
    `${loadAfter} after; ${rounds} rounds of ${msPerRound} ms`
  );
}

function targets(results) {
  const rows = results
    .targets()
    .filter(({ verdict }) => results.isWhole || verdict !== 'not measured')
    .map(({ what, unit, atLeast, atMost, seen, verdict }) => [
      what,
      `${atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`} ${unit}`.trim(),
      seen === undefined ? '' : `${times(seen)} ${unit}`.trim(),
      verdict,
    ]);
  return rows.length === 0 ? [] : [{ title: 'Targets', heading: ['', 'target', 'measured', ''], rows }];
}

function cells({ cells: measured }) {
  return measured.size === 0
    ? []
    : [
        {
          title: 'A call on one thread, without Node.js',
          heading: ['', 'median'],
          rows: [...measured].map(([name, value]) => [name, microseconds(value)]),
        },
      ];
}

function phases({ phases: measured }) {
  return measured === undefined
    ? []
    : [
        {
          title: 'Where the time of one trivial call goes',
          heading: ['', '', 'time', 'share'],
          left: 2,
          rows: measured.map(({ where: place, phase, microseconds: value }) => [
            place,
            phase,
            `${value.toFixed(2)} µs`,
            percent(value / measured.at(-1).microseconds),
          ]),
        },
      ];
}
