import { packagesFolder } from '../modules/module.js';

const begin = '{"thrown":';

/** A location in a source. */
export interface Location {
  file: string;
  line: number;
  column?: number;
}

/** An exception that left the source while it was built. */
export interface Thrown {
  /** Its class: `ValueError`. */
  name: string;
  /** With its name: `ValueError: no`. */
  message: string;
  /** In the author's sources, innermost first. */
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
export function readThrown(answer: Uint8Array | undefined): Thrown | undefined {
  if (answer === undefined || Buffer.from(answer.subarray(0, begin.length)).toString('latin1') !== begin) {
    return undefined;
  }
  const { thrown } = JSON.parse(Buffer.from(answer).toString()) as {
    thrown: { name?: unknown; message?: unknown; backtrace?: unknown };
  };
  const frames = (Array.isArray(thrown.backtrace) ? thrown.backtrace : []).map(readFrame);
  const locations = frames.flatMap(({ location }) => (location === undefined ? [] : [location]));
  return {
    name: String(thrown.name),
    message: String(thrown.message),
    backtrace: frames.map(({ text }) => text),
    location: locations.find(({ file }) => !file.startsWith(`${packagesFolder}/`)) ?? locations[0],
  };
}

function readFrame(frame: unknown): { text: string; location: Location | undefined } {
  const { function: called, file, line, column } = (frame ?? {}) as Frame;
  const name = typeof called === 'string' && called !== '' ? called : '<module>';
  if (typeof file !== 'string' || typeof line !== 'number') {
    return { text: `${name} (native)`, location: undefined };
  }
  const isOfEngine = file.startsWith('lib/') || file.startsWith('<');
  const at = typeof column === 'number' ? { column } : {};
  const text = `${name} (${[file, line, ...Object.values(at)].join(':')})`;
  return { text, location: isOfEngine ? undefined : { file, line, ...at } };
}
