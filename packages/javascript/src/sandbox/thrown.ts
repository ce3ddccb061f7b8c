import type { Bundle } from '../bundle/bundle.js';
import { isAuthors } from '../bundle/bundle-map.js';
import type { Location } from '../bundle/bundle-map.js';

const begin = '{"thrown":';

/** An exception that left the source while it was built. */
export interface Thrown {
  /** With its name: `TypeError: not a function`. */
  message: string;
  /** In the author's source, innermost first. */
  backtrace: string[];
  /** The innermost location in what the author wrote, or else in a package. */
  location: Location | undefined;
}

/** A frame as the engine tells it. */
interface Frame {
  function?: unknown;
  file?: unknown;
  line?: unknown;
  column?: unknown;
}

/** Reads what a step of the engine answers; undefined if that is no exception. */
export function readThrown(answer: Uint8Array | undefined, bundle: Bundle): Thrown | undefined {
  if (answer === undefined || Buffer.from(answer.subarray(0, begin.length)).toString('latin1') !== begin) {
    return undefined;
  }
  const { thrown } = JSON.parse(Buffer.from(answer).toString()) as {
    thrown: { name?: unknown; message?: unknown; backtrace?: unknown };
  };
  const frames = (Array.isArray(thrown.backtrace) ? thrown.backtrace : []).map((frame) => readFrame(frame, bundle));
  const locations = frames.flatMap(({ location }) => (location === undefined ? [] : [location]));
  const name = typeof thrown.name === 'string' ? `${thrown.name}: ` : '';
  return {
    message: `${name}${String(thrown.message)}`,
    backtrace: frames.map(({ text }) => text),
    location: locations.find(isAuthors) ?? locations[0],
  };
}

function readFrame(
  frame: unknown,
  { name: bundleName, map }: Bundle,
): { text: string; location: Location | undefined } {
  const { function: called, file, line, column } = typeof frame === 'string' ? parseFrame(frame) : (frame as Frame);
  const name = typeof called === 'string' && called !== '' ? called : '<anonymous>';
  const isInBundle = file === bundleName && typeof line === 'number' && typeof column === 'number';
  const location = isInBundle ? map.locate(line, column) : undefined;
  const known = typeof file === 'string' ? file : 'native';
  const place = location === undefined ? known : `${location.file}:${location.line}:${location.column}`;
  return { text: `${name} (${place})`, location };
}

/** `check (plugin.js:3:5)`, `plugin.js:3:5` or `map (native)`. */
function parseFrame(text: string): Frame {
  const [, called, file, line, column] = /^(?:(.*) \()?([^()]*?)(?::(\d+):(\d+))?\)?$/s.exec(text) ?? [];
  return line === undefined
    ? { function: called, file }
    : { function: called, file, line: Number(line), column: Number(column) };
}
