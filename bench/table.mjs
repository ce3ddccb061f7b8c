/** Prints rows under a heading, the first columns to the left and the numbers to the right. */
export function printTable(heading, rows, { left = 1 } = {}) {
  const lines = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column < left ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(cells.join('   '));
  }
}

/** The same as Markdown. */
export function markdownTable(heading, rows, { left = 1 } = {}) {
  const rule = heading.map((_, column) => (column < left ? '---' : '--:'));
  return [heading, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The value below which `share` of the sorted values lie. */
export function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The median of the values, which need no order. */
export function median(values) {
  return quantile(Float64Array.from(values).toSorted(), 0.5);
}
