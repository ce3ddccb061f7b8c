// Output for a terminal or a file.

import { styleText } from 'node:util';

const DEFAULT_WIDTH = 110;
const LEAST_WIDTH = 80;
const GREATEST_WIDTH = 140;

// False for a pipe, and if NO_COLOR is set.
const colored = process.stdout.hasColors?.() ?? false;

/** Colors a text if a style is given, such as `green` or `bold`. */
export function paint(style, text) {
  return colored && style !== undefined ? styleText(style, text) : text;
}

/** The characters in a line. */
export function lineWidth() {
  return Math.min(Math.max(process.stdout.columns ?? DEFAULT_WIDTH, LEAST_WIDTH), GREATEST_WIDTH);
}

/** Cuts a text that is too long. */
export function fit(text, room) {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

/** Breaks a text into lines of at most this length, after a space or a comma if possible. */
export function wrap(text, room) {
  const lines = [];
  let rest = text;
  while (rest.length > room) {
    // Removes a space just after the line.
    const gap = Math.max(rest.lastIndexOf(' ', room), rest.lastIndexOf(',', room - 1)) + 1;
    const end = gap > 0 ? gap : room;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end);
  }
  return [...lines, rest];
}

/** Prints a heading. */
export function printHeading(text) {
  console.log();
  printWrapped('', text, 'bold');
}

/** Prints a text with this before its first line, and as many spaces before the others. */
export function printWrapped(prefix, text, style) {
  for (const [index, line] of wrap(text, lineWidth() - prefix.length).entries()) {
    console.log(`${index === 0 ? paint('dim', prefix) : ' '.repeat(prefix.length)}${paint(style, line)}`);
  }
}

/** `4.2 ms`, `251 ms`, `3.4 s`. */
export function duration(ms) {
  if (ms >= 1000) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** `64 KiB`, `15.1 MiB`. */
export function size(bytes) {
  const kib = bytes / 1024;
  return kib < 1024 ? `${Math.round(kib)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

/** `92,417`. */
export function integer(value) {
  return value.toLocaleString('en');
}

/** `1 row`, `2 rows`. */
export function count(number, noun) {
  return `${integer(number)} ${noun}${number === 1 ? '' : 's'}`;
}
