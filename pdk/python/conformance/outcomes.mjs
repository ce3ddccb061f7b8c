// What became of the modules of CPython's tests when all of them ran. The page shows it, and each run compares with it.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('outcomes.json', import.meta.url));

/**
 * @typedef {object} Outcome
 * @property {string} [refused] why the module cannot be imported
 * @property {number} [passes]
 * @property {Record<string, number>} [skipped] how many tests, by reason
 * @property {Record<string, string>} [fails] why, by the name of the test in the module
 */

/** @returns {Record<string, Outcome>} by the module's name */
export function readOutcomes() {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function writeOutcomes(outcomes) {
  const lines = Object.entries(outcomes).toSorted(([one], [other]) => (one < other ? -1 : 1));
  writeFileSync(
    file,
    `{\n${lines.map(([name, one]) => `  ${JSON.stringify(name)}: ${JSON.stringify(one)}`).join(',\n')}\n}\n`,
  );
}

/** The outcome of a module, from what each of its tests ended with. */
export function outcomeOf(name, { refused, outcomes }) {
  if (refused !== undefined) {
    return { refused };
  }
  const skipped = {};
  const fails = {};
  for (const { test, outcome } of outcomes) {
    const short = test.replace(`${name}.`, '');
    if (outcome.startsWith('skipped: ')) {
      const reason = outcome.slice('skipped: '.length);
      skipped[reason] = (skipped[reason] ?? 0) + 1;
    } else if (outcome !== 'passes') {
      fails[short in fails ? `${short} again` : short] = outcome.replace('fails: ', '');
    }
  }
  return { passes: outcomes.filter(({ outcome }) => outcome === 'passes').length, skipped, fails };
}

/** How many tests a module has. */
export function countsOf({ passes = 0, skipped = {}, fails = {} }) {
  const skips = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  return { passes, skipped: skips, fails: Object.keys(fails).length };
}
