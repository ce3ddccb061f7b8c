import { floorNames } from './subjects/floor.mjs';
import { extismName } from './subjects/extism.mjs';
import { hookcellNames } from './subjects/hookcell.mjs';
import { piscinaName } from './subjects/piscina.mjs';
import { v8Name } from './subjects/v8.mjs';

const { trivial, chain, json } = hookcellNames;
const small = json('rust', '200 B');

/**
 * The targets. With `subject` and `base` it is the ratio of the two: of their throughput with 16 in flight, or
 * of a `figure` of one call after the other. `cell` is a benchmark of the host crate; what has none of these is the ratio
 * of Express's throughput.
 */
const targets = [
  { what: 'trivial, 16 in flight, / AsyncTask with the JSON', subject: trivial, base: floorNames.json, atLeast: 0.9 },
  { what: 'trivial, 16 in flight, / crypto.randomFill', subject: trivial, base: floorNames.node, atLeast: 0.4 },
  { what: 'trivial, p50, / empty AsyncTask', subject: trivial, base: floorNames.empty, figure: 'p50', atMost: 1.25 },
  { what: 'fresh cell, trivial, without the hop', cell: 'trivial/pooled', atMost: 4, unit: 'µs' },
  { what: 'fresh cell, 200 B in Rust, without the hop', cell: 'rust/200 B', atMost: 20, unit: 'µs' },
  { what: 'trivial, 16 in flight, / V8 instance', subject: trivial, base: v8Name('trivial'), atLeast: 10 },
  { what: '200 B in Rust, 16 in flight, / V8 instance', subject: small, base: v8Name('rust, 200 B'), atLeast: 3 },
  {
    what: '200 B in Rust, p99, / V8 instance',
    subject: small,
    base: v8Name('rust, 200 B'),
    figure: 'p99',
    atMost: 0.25,
  },
  { what: '200 B in Rust, 16 in flight, / piscina', subject: small, base: piscinaName('rust, 200 B'), atLeast: 3 },
  {
    what: 'trivial, 16 in flight, / Extism runInWorker fresh',
    subject: trivial,
    base: extismName('runInWorker fresh', 'trivial'),
    atLeast: 500,
  },
  { what: 'chain of 5 trivial, p50, / one', subject: chain, base: trivial, figure: 'p50', atMost: 1.5 },
  { what: 'Express with a before hook / without, requests/s', atLeast: 0.8 },
];

/**
 * Which targets were reached.
 *
 * @param {import('./results.mjs').Results} results
 * @returns {{ what: string, unit: string, atLeast?: number, atMost?: number, seen?: number,
 *   verdict: 'reached' | 'missed' | 'not measured' }[]}
 */
export function judge(results) {
  return targets.map(({ what, unit = '', atLeast, atMost, ...target }) => {
    const seen = find(target, results);
    const isReached = atLeast === undefined ? seen <= atMost : seen >= atLeast;
    return { what, unit, atLeast, atMost, seen, verdict: seen === undefined ? 'not measured' : verdict(isReached) };
  });
}

function find({ subject, base, figure, cell }, results) {
  if (cell !== undefined) {
    return results.cells.get(cell);
  }
  if (subject === undefined) {
    return results.express?.ratio;
  }
  return figure === undefined ? results.ratio(subject, base, 16, 'perSecond') : results.ratio(subject, base, 1, figure);
}

function verdict(isReached) {
  return isReached ? 'reached' : 'missed';
}
