// The tables of a page about libraries, and what they say.

/**
 * The results on the page.
 *
 * @param {string} page
 * @returns {Map<string, string>} the results by `library version`
 */
export function resultsOf(page) {
  const lines = page.split('\n').map((line) => line.split(CELL_END).map((cell) => cell.trim()));
  const rows = lines.filter(([, , version]) => /^\d/.test(version));
  return new Map(
    rows.map(([, title, version, , , , result]) => [`${title} ${version}`, result.replaceAll('\\|', '|')]),
  );
}

/** The end of a cell. A bar in a text has a backslash before it. */
const CELL_END = /(?<!\\)\|/;

/**
 * A table of rows in Markdown.
 *
 * @param {string} kind the heading of the first column
 * @param {import('./try.mjs').Row[]} rows
 */
export function table(kind, rows) {
  const headings = [kind, 'Version', 'Module', 'Fuel of a call', 'Time of a call', 'Result'];
  const lines = rows.map((row) => [
    row.title,
    row.version,
    row.bytes === undefined ? '' : `${Math.round(row.bytes / 1_000).toLocaleString('en-US')} KB`,
    isSame(row) ? row.fuel.toLocaleString('en-US') : '',
    isSame(row) ? `${Math.round(row.ms * 1_000).toLocaleString('en-US')} µs` : '',
    row.result.replaceAll('|', '\\|'),
  ]);
  return [headings, ['---', '---', '--:', '--:', '--:', '---'], ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

export function isSame({ result }) {
  return result.startsWith('same');
}

/** The number of packages. What follows a package's name says how it is used. */
export function packagesOf(rows) {
  return new Set(rows.map(({ title }) => title.split(' ')[0])).size;
}

export function titleOf(group) {
  const text = group.replaceAll('-', ' ');
  return text[0].toUpperCase() + text.slice(1);
}
