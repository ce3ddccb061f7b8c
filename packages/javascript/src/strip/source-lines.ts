import { shownLine } from '../bundle/bundle-map.js';

const lineEnd = /\r\n|[\n\r\u2028\u2029]/;

/** The lines of a source. */
export function linesOf(source: string): string[] {
  return source.split(lineEnd);
}

/** The line and column, both from 1, of an offset in a source. */
export function lineAt(source: string, offset: number): { line: number; column: number; lineText: string } {
  const before = linesOf(source.slice(0, offset));
  const lineText = linesOf(source)[before.length - 1] ?? '';
  return { line: before.length, column: before.at(-1)!.length + 1, lineText: shownLine(lineText) };
}

/**
 * Where the longest run of text without the end of a statement or a block begins. If a parser needs too much for a source, that is
 * the most probable reason.
 */
export function longestStatement(source: string): number {
  let [longest, longestAt, begin] = [-1, 0, 0];
  for (const end of [...source.matchAll(/[;{}]/g), { index: source.length }]) {
    if (end.index - begin > longest) {
      [longest, longestAt] = [end.index - begin, begin];
    }
    begin = end.index + 1;
  }
  return longestAt + (/\S/.exec(source.slice(longestAt))?.index ?? 0);
}
