import { loads } from '../measures/rounds.mjs';
import { floorNames } from '../subjects/floor.mjs';
import { hookcellNames } from '../subjects/hookcell.mjs';

/** Calls in flight that stand for a busy server. */
const BUSY = 16;

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
  const sections = [targets, sequential, throughput, cells, phases, concurrency, express].map((section) =>
    section(results),
  );
  return { where: where(results.environment), sections: sections.filter(Boolean) };
}

function where({ node, platform, cores, libuvThreads, load, loadAfter, rounds, msPerRound }) {
  return (
    `Node.js ${node}, ${platform}, ${cores} cores, ${libuvThreads} threads in libuv's pool, load ${load} before and ` +
    `${loadAfter} after; ${rounds} rounds of ${msPerRound} ms`
  );
}

function targets(results) {
  return {
    title: 'Targets',
    heading: ['', 'target', 'measured', ''],
    rows: results
      .targets()
      .filter(({ verdict }) => results.isWhole || verdict !== 'not measured')
      .map(({ what, unit, atLeast, atMost, seen, verdict }) => [
        what,
        `${atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`} ${unit}`.trim(),
        seen === undefined ? '' : `${times(seen)} ${unit}`.trim(),
        verdict,
      ]),
  };
}

function sequential(results) {
  const { names } = results;
  return (
    names.length > 0 && {
      title: 'One call after the other',
      heading: ['', 'p50', 'p99', '/ trivial', '/ empty'],
      rows: names.map((name) => [
        name,
        microseconds(results.middle(name, 1, 'p50')),
        microseconds(results.middle(name, 1, 'p99')),
        times(results.ratio(name, hookcellNames.trivial, 1, 'p50')),
        times(results.ratio(name, floorNames.empty, 1, 'p50')),
      ]),
    }
  );
}

function throughput(results) {
  const names = results.names.filter((name) => results.middle(name, BUSY, 'calls') !== undefined);
  const perSecond = (name) => loads.map((inFlight) => count(results.middle(name, inFlight, 'perSecond')));
  return (
    names.length > 0 && {
      title: `Calls per second with ${loads.join(', ')} in flight; the other columns are with ${BUSY}`,
      heading: ['', ...loads.map(String), '/ trivial', '/ empty', 'p99', 'loop delay p99', 'loop used'],
      rows: names.map((name) =>
        [name].concat(perSecond(name), [
          times(results.ratio(name, hookcellNames.trivial, BUSY, 'perSecond')),
          times(results.ratio(name, floorNames.empty, BUSY, 'perSecond')),
          microseconds(results.middle(name, BUSY, 'p99')),
          `${results.middle(name, BUSY, 'loopDelay').toFixed(1)} ms`,
          percent(results.middle(name, BUSY, 'loopUsed')),
        ]),
      ),
    }
  );
}

function cells({ cells: measured }) {
  return (
    measured.size > 0 && {
      title: 'A call on one thread, without Node.js',
      heading: ['', 'median'],
      rows: [...measured].map(([name, value]) => [name, microseconds(value)]),
    }
  );
}

function phases({ phases: measured }) {
  return (
    measured && {
      title: 'Where the time of one trivial call goes',
      heading: ['', '', 'time', 'share'],
      left: 2,
      rows: measured.map(({ where: place, phase, microseconds: value }) => [
        place,
        phase,
        `${value.toFixed(2)} µs`,
        percent(value / measured.at(-1).microseconds),
      ]),
    }
  );
}

function concurrency({ concurrency: steps }) {
  if (steps === undefined) {
    return undefined;
  }
  const [one] = steps;
  const kinds = Object.keys(one.figures);
  return {
    title: 'More hooks at once, 64 calls in flight',
    heading: ['concurrency'].concat(kinds.flatMap((kind) => [`${kind}, calls/s`, '/ one', 'p99'])),
    rows: steps.map(({ concurrency: hooks, figures }) =>
      [String(hooks)].concat(
        kinds.flatMap((kind) => [
          count(figures[kind].perSecond),
          times(figures[kind].perSecond / one.figures[kind].perSecond),
          microseconds(figures[kind].p99),
        ]),
      ),
    ),
  };
}

function express({ express: measured }) {
  if (measured === undefined) {
    return undefined;
  }
  const { without, with: hooked, ratio, connections, steadyRate } = measured;
  const row = (name, { perSecond, p99, steadyP99 }) => [name, count(perSecond), `${p99} ms`, `${steadyP99} ms`];
  return {
    title: `Express, ${connections} connections`,
    heading: ['', 'requests/s', 'p99', `p99 at ${count(steadyRate)} requests/s`],
    rows: [
      row('without a hook', without),
      row('with a before hook', hooked),
      ['with / without', times(ratio), times(hooked.p99 / without.p99), times(hooked.steadyP99 / without.steadyP99)],
    ],
  };
}

function microseconds(value) {
  return value === undefined ? '' : `${value.toLocaleString('en', { maximumFractionDigits: 1 })} µs`;
}

function count(value) {
  return value === undefined ? '' : Math.round(value).toLocaleString('en');
}

function times(value) {
  return value === undefined ? '' : String(Number(value.toPrecision(3)));
}

function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}
