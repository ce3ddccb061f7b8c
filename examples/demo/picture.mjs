import { writeFileSync } from 'node:fs';
import { meanwhile, scenarios } from './scenarios.mjs';
import { duration, integer, size } from './terminal.mjs';

/** @typedef {import('./exchange.mjs').Exchange} Exchange */

const ROW = 20;
const WIDTH = 960;
const columns = [
  { title: 'tenant', x: 16 },
  { title: 'request, or what the plugin does', x: 110 },
  { title: 'response', x: 430 },
  { title: 'outcome', x: 618 },
  { title: 'hooks', x: 774, right: true },
  { title: 'fuel', x: 858, right: true },
  { title: 'memory', x: 944, right: true },
];

// The picture has no background, and its colors are those of the page that shows it.
const style = `
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328 }
  .title { font: 600 13px system-ui, sans-serif }
  .heading { fill: #59636e }
  .accepted { fill: #1a7f37 }
  .rejected { fill: #9a6700 }
  .fault { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .heading { fill: #9198a1 }
    .accepted { fill: #3fb950 }
    .rejected { fill: #d29922 }
    .fault { fill: #f85149 }
  }
`;

/**
 * Draws the requests as a table.
 *
 * @param {string} file an SVG
 * @param {{ exchanges: Exchange[], served: Exchange[] }} played
 */
export function writePicture(file, played) {
  const parts = partsOf(played);
  const heading = { cells: columns.map(({ title }) => ({ text: title, style: 'heading' })) };
  const lines = [heading].concat(parts.flatMap(({ title, rows }) => [{ title }].concat(rows)));
  let y = 0;
  const drawn = lines.map((line) => {
    y += line.title === undefined ? ROW : 1.5 * ROW;
    return drawLine(line, y);
  });
  const height = y + ROW / 2;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img">`,
    '<title>Requests of the demo, with the outcome of the hooks of each</title>',
    `<style>${style}</style>`,
    ...drawn,
    '</svg>\n',
  ];
  writeFileSync(file, svg.join('\n'));
}

function partsOf({ exchanges, served }) {
  const parts = scenarios.map(({ title, steps }) => ({
    title,
    rows: exchanges.filter(({ step }) => steps.includes(step)).map((exchange) => row(exchange)),
  }));
  const stopped = exchanges.find(({ step }) => step === meanwhile.hostile);
  const meantime = `${served.length} requests in the meantime`;
  return [...parts, { title: meanwhile.title, rows: [row(stopped), row(served[0], meantime)] }];
}

function row({ step, answer, hooks }, request = step.does ?? `POST ${step.body.email?.trim() ?? 'no email'}`) {
  const outcome = hooks?.outcome ?? 'not loaded';
  const texts = [
    step.tenant,
    request,
    `${answer.status} ${answer.reason}`,
    outcome,
    ...(hooks === undefined ? ['', '', ''] : figures(hooks)),
  ];
  const outcomeStyle = ['accepted', 'rejected'].includes(outcome) ? outcome : 'fault';
  return {
    cells: texts.map((text, index) => ({ text, style: columns[index].title === 'outcome' ? outcomeStyle : '' })),
  };
}

function figures({ ms, fuel, memoryBytes }) {
  return [duration(ms), fuel === undefined ? '–' : integer(fuel), size(memoryBytes)];
}

function drawLine({ title, cells }, y) {
  if (title !== undefined) {
    return `<text class="title" x="16" y="${y}">${escape(title)}</text>`;
  }
  return cells
    .map(({ text, style: name }, index) => {
      const { x, right } = columns[index];
      const anchor = right ? ' text-anchor="end"' : '';
      return `<text${name === '' ? '' : ` class="${name}"`} x="${x}" y="${y}"${anchor}>${escape(text)}</text>`;
    })
    .join('');
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
