import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, runTool } from '../build/command.mjs';
import { emptyTally, withFailure } from './tally.mjs';

const report = path.join(root, 'target', 'test', 'jest.json');

/** The package as a user imports it, from __test__/, and the examples. */
export const jest = {
  name: 'jest',

  /** @param {string[]} args for Jest */
  async test(args) {
    mkdirSync(path.dirname(report), { recursive: true });
    rmSync(report, { force: true });
    try {
      await runTool('jest', ['--json', `--outputFile=${report}`, ...args], { output: 'capture' });
      return readReport();
    } catch (error) {
      console.error(error.message);
      return withFailure(readReport());
    }
  },
};

function readReport() {
  if (!existsSync(report)) {
    return emptyTally();
  }
  const results = JSON.parse(readFileSync(report, 'utf8'));
  return {
    passed: results.numPassedTests,
    // A file that cannot be loaded has no tests to count.
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
