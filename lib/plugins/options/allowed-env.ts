import { shown } from '../../values/shown-text.js';
import { kindOf } from '../../values/value-kind.js';

/** The variables that a manifest may refer to if the server names none. */
const DEFAULT = ['HOOKCELL_*'];

const MOST_NAMES = 1_000;
const MOST_LENGTH = 256;

/** A name, or the beginning of names before a `*`. */
const PATTERN = /^(?:[A-Za-z_][A-Za-z0-9_]*\*?|\*)$/;

/** The environment variables that the configurations of a set may refer to. */
export class AllowedEnv {
  readonly #names: ReadonlySet<string>;
  readonly #prefixes: readonly string[];

  /** @param patterns - names, and beginnings of names with a `*` at their end */
  constructor(patterns: readonly string[]) {
    this.#names = new Set(patterns);
    this.#prefixes = patterns.filter((each) => each.endsWith('*')).map((each) => each.slice(0, -1));
  }

  has(name: string): boolean {
    return this.#names.has(name) || this.#prefixes.some((prefix) => name.startsWith(prefix));
  }
}

/**
 * Reads the option `allowedEnv`.
 *
 * @throws `TypeError` or `RangeError` that names it
 */
export function parseAllowedEnv(value: unknown = DEFAULT): AllowedEnv {
  if (!Array.isArray(value)) {
    throw new TypeError(`allowedEnv must be an array of names, got ${kindOf(value)}`);
  }
  if (value.length > MOST_NAMES) {
    throw new RangeError(`allowedEnv must have at most ${MOST_NAMES} names, got ${value.length}`);
  }
  for (const [index, name] of value.entries()) {
    if (typeof name !== 'string' || name.length > MOST_LENGTH || !PATTERN.test(name)) {
      const given = typeof name === 'string' ? `'${shown(name)}'` : kindOf(name);
      throw new TypeError(
        `allowedEnv[${index}] must be the name of a variable, or the beginning of names and a *, got ${given}`,
      );
    }
  }
  return new AllowedEnv(value as string[]);
}
