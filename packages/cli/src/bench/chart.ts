const LEVELS = '▁▂▃▄▅▆▇█';

/** How many of the values are in each of the columns, from the least to the most, on a logarithmic scale. */
export function histogram(values: readonly number[], least: number, most: number, columns: number): string {
  const counts = Array.from({ length: columns }, () => 0);
  const [from, to] = [Math.log(least), Math.log(most)];
  for (const value of values) {
    const share = to > from ? (Math.log(value) - from) / (to - from) : 0;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(share * columns)));
    counts[column] = (counts[column] ?? 0) + 1;
  }
  const highest = Math.max(...counts);
  return counts.map((count) => (count === 0 ? ' ' : level(count / highest))).join('');
}

/** A bar for a value beside the largest one. */
export function bar(value: number, largest: number, width: number): string {
  return '█'.repeat(Math.max(1, Math.round((value / largest) * width)));
}

function level(share: number): string {
  return LEVELS[Math.min(LEVELS.length - 1, Math.floor(share * LEVELS.length))] ?? ' ';
}
