import { parseArgs } from 'node:util';

const USAGE = 'usage: npm run soak [-- [--production] [--minutes N | --seconds N] [--seed N]]';
const LARGEST_NUMBER = 999_999_999;

/** A mistake in the command line. */
export class UsageError extends Error {}

/**
 * Reads the command line.
 *
 * @returns {{ seconds: number, seed: number, production: boolean }} the duration of the load, the seed of its random numbers, and
 * whether it is the one with many processes
 */
export function readOptions() {
  const text = { type: 'string' };
  const options = { minutes: text, seconds: text, seed: text, production: { type: 'boolean', default: false } };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (cause) {
    throw new UsageError(`${cause.message}\n${USAGE}`, { cause });
  }
  if (values.minutes !== undefined && values.seconds !== undefined) {
    throw new UsageError(USAGE);
  }
  const seconds = readNumber(values.seconds) ?? 60 * (readMinutes(values.minutes) ?? (values.production ? 10 : 1));
  const seed = readNumber(values.seed) ?? Math.ceil(Math.random() * LARGEST_NUMBER);
  return { seconds, seed, production: values.production };
}

function readNumber(text) {
  if (text !== undefined && !/^[1-9]\d{0,8}$/.test(text)) {
    throw new UsageError(USAGE);
  }
  return text === undefined ? undefined : Number(text);
}

/** The number may be a fraction, such as 0.2. */
function readMinutes(text) {
  const minutes = /^\d{1,9}\.\d+$/.test(text) ? Number(text) : readNumber(text);
  if (minutes === 0) {
    throw new UsageError(USAGE);
  }
  return minutes;
}
