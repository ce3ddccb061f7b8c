import { count, microseconds, times } from './format.mjs';

/**
 * What more hooks at once bring.
 *
 * @param {import('../results.mjs').Results} results
 * @returns {import('./report.mjs').Section[]}
 */
export function concurrency({ concurrency: steps }) {
  if (steps === undefined) {
    return [];
  }
  const [one] = steps;
  const kinds = Object.keys(one.figures);
  const titles = new Map(kinds.map((kind) => [kind, `${kind} (${microseconds(one.figures[kind].runMs * 1_000)})`]));
  const table = (columns, cells) => ({
    heading: ['concurrency'].concat(kinds.flatMap((kind) => columns(titles.get(kind)))),
    rows: steps.map(({ concurrency: hooks, figures }) =>
      [String(hooks)].concat(kinds.flatMap((kind) => cells(figures[kind], one.figures[kind]))),
    ),
  });
  return [
    {
      title: 'More hooks at once, 64 calls in flight: calls per second, and how long the plugin runs',
      ...table(
        (kind) => [kind, '/ one'],
        ({ perSecond }, first) => [count(perSecond), times(perSecond / first.perSecond)],
      ),
    },
    {
      title: 'More hooks at once: p99, and processor time of a call',
      ...table(
        (kind) => [`${kind}, p99`, 'CPU'],
        ({ p99, cpu }) => [microseconds(p99), microseconds(cpu)],
      ),
    },
  ];
}

/**
 * Requests with a before hook and without.
 *
 * @param {import('../results.mjs').Results} results
 * @returns {import('./report.mjs').Section[]}
 */
export function express({ express: measured }) {
  if (measured === undefined) {
    return [];
  }
  const { without, with: hooked, ratio, connections, steadyRate } = measured;
  return [
    {
      title: `Express, ${connections} connections`,
      heading: ['', 'requests/s', 'p99', `p99 at ${count(steadyRate)} requests/s`],
      rows: [
        expressRow('without a hook', without),
        expressRow('with a before hook', hooked),
        ['with / without', times(ratio), times(hooked.p99 / without.p99), times(hooked.steadyP99 / without.steadyP99)],
      ],
    },
  ];
}

function expressRow(name, { perSecond, p99, steadyP99 }) {
  return [name, count(perSecond), `${p99} ms`, `${steadyP99} ms`];
}
