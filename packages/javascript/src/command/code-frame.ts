import type { Problem } from '../errors.js';

/** Columns of a line that are shown. */
const width = 100;
/** Columns that are shown before the location, if the line is longer than that. */
const lead = 40;

/** A problem as an author reads it, with the line of the source and a mark under the location. */
export function describe({ code, message, file, line, column, lineText }: Problem): string {
  const head = `${code}: ${message}`;
  if (file === undefined || line === undefined || column === undefined) {
    return file === undefined ? head : `${head}\n  in ${file}`;
  }
  const where = `${head}\n  at ${file}:${line}:${column}`;
  return lineText === undefined ? where : `${where}\n\n${frame(lineText, line, column)}`;
}

function frame(lineText: string, line: number, column: number): string {
  const begin = column > width ? column - 1 - lead : 0;
  // A tab is as wide as the terminal says, and other control characters do worse.
  const shown = lineText.slice(begin, begin + width).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
  const gutter = `  ${line} | `;
  return `${gutter}${shown}\n${' '.repeat(gutter.length - 2)}| ${' '.repeat(column - 1 - begin)}^`;
}
