import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../../scripts/build/command.mjs';
import { barChart } from './chart.mjs';
import { report } from './report.mjs';
import { markdownTable } from '../../table.mjs';

const folder = path.join('bench', 'results');

const charts = [
  { name: 'throughput.svg', title: 'Calls per second, 16 in flight', unit: '/s', bar: [16, 'perSecond'] },
  {
    name: 'latency.svg',
    title: 'One call after the other: p50, up to p99',
    unit: 'µs',
    bar: [1, 'p50'],
    far: [1, 'p99'],
  },
];

/**
 * Writes the results to bench/results/: as JSON, as charts, and as a page with the tables.
 *
 * @param {import('../results.mjs').Results} results
 * @returns {string[]} the files
 */
export function writeResults(results) {
  const files = [
    { name: 'results.json', text: `${JSON.stringify(results, roundNumbers, 2)}\n` },
    { name: 'README.md', text: page(results) },
    ...charts.map((chart) => ({ name: chart.name, text: draw(chart, results) })),
  ];
  mkdirSync(path.join(root, folder), { recursive: true });
  return files.map(({ name, text }) => {
    const file = path.join(folder, name);
    writeFileSync(path.join(root, file), text);
    return file;
  });
}

function page(results) {
  const { where, sections } = report(results);
  return [
    '# The last full run',
    'Written by `npm run bench`. [performance.md](../../docs/performance.md) explains how it measures and how to read the figures.',
    `${where}.`,
    ...charts.map(({ name, title }) => `![${title}](${name})`),
    ...sections.map(({ title, heading, rows, left }) => `## ${title}\n\n${markdownTable(heading, rows, { left })}`),
  ]
    .join('\n\n')
    .concat('\n');
}

function draw({ title, unit, bar, far }, results) {
  const bars = results.names
    .filter((name) => results.middle(name, ...bar) !== undefined)
    .map((name) => ({
      name,
      value: results.middle(name, ...bar),
      whisker: far && results.middle(name, ...far),
      isOurs: name.startsWith('hookcell'),
    }));
  return barChart({ title, unit, bars });
}

/** To three digits: the rest would be noise. */
function roundNumbers(_, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(3)) : value;
}
