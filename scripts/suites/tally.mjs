// How many tests of a suite passed, failed and were skipped.

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/** @returns {Tally} */
export function emptyTally() {
  return { passed: 0, failed: 0, skipped: 0 };
}

/** @param {Tally[]} tallies */
export function sum(tallies) {
  return tallies.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    emptyTally(),
  );
}

/** A suite that failed without a failed test, such as one that did not start, counts as one failure. */
export function withFailure(tally) {
  return { ...tally, failed: Math.max(tally.failed, 1) };
}

/** `12 passed, 0 failed`, with `, 1 skipped` if there are any. */
export function format({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * Reads a line that {@link format} wrote.
 *
 * @returns {Tally | undefined} undefined for any other line
 */
export function parse(line) {
  const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line.trim());
  return match ? { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) } : undefined;
}
