import type { Painter } from '../terminal/colors.js';
import { shown, shownJson } from '../terminal/shown-text.js';

/** A value that differs. Without `before` it is new, and without `after` it is gone. */
export interface Change {
  /** A JSON pointer, such as `/input/email`. */
  path: string;
  before?: unknown;
  after?: unknown;
}

/** The values that differ, in the order of their keys. */
export function changesBetween(before: unknown, after: unknown, path = ''): Change[] {
  if (Object.is(before, after)) {
    return [];
  }
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [{ path, before, after }];
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key): Change[] => {
    const below = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(before, key)) {
      return [{ path: below, after: after[key] }];
    }
    return Object.hasOwn(after, key)
      ? changesBetween(before[key], after[key], below)
      : [{ path: below, before: before[key] }];
  });
}

/** Beyond this many changed lines, both texts are shown whole, because finding the least difference takes too long. */
const MOST_EDITS = 4_000;

/** The difference of two JSON values, line by line. Empty if there is none. */
export function describeDifference(before: unknown, after: unknown, paint: Painter): string {
  return differenceLines(before, after)
    .map((line) => paintLine(line, paint))
    .join('\n');
}

/** The lines of the difference of two JSON values; the first character of each is `-`, `+`, `…` or a space. */
export function differenceLines(before: unknown, after: unknown): string[] {
  const [from, to] = [shownJson(before, 2), shownJson(after, 2)];
  if (from === to) {
    return [];
  }
  // Most commands compare nothing.
  const { structuredPatch } = require('diff') as typeof import('diff');
  const patch = structuredPatch('', '', `${from}\n`, `${to}\n`, '', '', { context: 3, maxEditLength: MOST_EDITS });
  const lines =
    patch === undefined
      ? [...from.split('\n').map((line) => `-${line}`), ...to.split('\n').map((line) => `+${line}`)]
      : patch.hunks.flatMap(({ lines: hunk }, index) => (index === 0 ? hunk : ['…'].concat(hunk)));
  return lines.map(shown);
}

function paintLine(line: string, paint: Painter): string {
  if (line.startsWith('-')) {
    return paint('red', line);
  }
  return line.startsWith('+') ? paint('green', line) : line;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
