// The known differences between the engine and V8.

import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Difference
 * @property {string} suite
 * @property {string} tests a regular expression for the names of the tests
 * @property {string} engine a regular expression for what they end with in the engine, frozen and not
 * @property {string} v8 the same for V8
 * @property {string} reason
 */

export class Differences {
  #entries = JSON.parse(readFileSync(new URL('differences.json', import.meta.url), 'utf8')).map((entry) => ({
    entry,
    tests: new RegExp(entry.tests, 'u'),
    engine: new RegExp(entry.engine, 'u'),
    v8: new RegExp(entry.v8, 'u'),
    uses: 0,
  }));

  /** Whether an outcome is known to differ. */
  has({ suite, name, unfrozen, frozen, v8 }) {
    const known = this.#entries.find(
      (one) =>
        one.entry.suite === suite &&
        one.tests.test(name) &&
        one.engine.test(unfrozen) &&
        one.engine.test(frozen) &&
        one.v8.test(v8),
    );
    if (known !== undefined) {
      known.uses += 1;
    }
    return known !== undefined;
  }

  /** The entries that no test needed. */
  unused() {
    return this.#entries.filter(({ uses }) => uses === 0).map(({ entry }) => entry);
  }
}
