const ROW = 22;
const TOP = 56;
const LEFT = 310;
const BARS = 520;
const RIGHT = 150;
const BOTTOM = 16;

// GitHub shows an image in the reader's own colors; the chart has no background, and asks which they are.
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .small { font-size: 11px; fill: #59636e }
  .grid { stroke: #d1d9e0 }
  .ours { fill: #0969da }
  .others { fill: #9198a1 }
  .whisker { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .ours { fill: #4493f8 }
    .others { fill: #656c76 }
    .whisker { stroke: #f0f6fc }
  }
`;

/**
 * Bars on a logarithmic scale, as SVG, for light and dark pages.
 *
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.unit behind each number
 * @param {{ name: string, value: number, whisker?: number, isOurs: boolean }[]} chart.bars `whisker`: a second value, to
 *   which a line goes from the bar's end
 */
export function barChart({ title, unit, bars }) {
  const values = bars.flatMap(({ value, whisker = value }) => [value, whisker]);
  const least = Math.floor(Math.log10(Math.min(...values) * 0.9));
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...values))));
  const scale = (value) => (BARS * (Math.log10(value) - least)) / (most - least);
  const [width, height] = [LEFT + BARS + RIGHT, TOP + bars.length * ROW + BOTTOM];

  const powers = Array.from({ length: most - least + 1 }, (_, index) => 10 ** (least + index));
  const grid = powers.map((power) => {
    const x = round(LEFT + scale(power));
    return (
      `<line class="grid" x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${height - BOTTOM}"/>` +
      `<text class="small" x="${x}" y="${TOP - 12}" text-anchor="middle">${show(power)}</text>`
    );
  });
  const rows = bars.map(({ name, value, whisker = value, isOurs }, index) => {
    const y = TOP + index * ROW;
    const [end, far] = [round(scale(value)), round(LEFT + scale(Math.max(value, whisker)))];
    const numbers = whisker > value ? `${show(value)} to ${show(whisker)}` : show(value);
    const middle = y + ROW / 2 - 2;
    const line =
      whisker > value ? `<path class="whisker" d="M${LEFT + end} ${middle}H${far}m0 -4v8" fill="none"/>` : '';
    return (
      `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${escape(name)}</text>` +
      `<rect class="${isOurs ? 'ours' : 'others'}" x="${LEFT}" y="${y + 2}" width="${Math.max(end, 1)}" height="${ROW - 8}" rx="2"/>` +
      `${line}<text class="small" x="${far + 6}" y="${y + 13}">${numbers} ${unit}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${style}</style>`,
    `<text class="title" x="8" y="22">${escape(title)}</text>`,
    `<text class="small" x="${width - 8}" y="22" text-anchor="end">logarithmic scale</text>`,
    ...grid,
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function show(value) {
  return Number(value.toPrecision(3)).toLocaleString('en');
}

function round(value) {
  return Number(value.toFixed(1));
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
