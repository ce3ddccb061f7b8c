import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, runTool } from '../build/command.mjs';
import { runtimeProgram } from '../build/runtimes.mjs';
import { emptyTally, withFailure } from './tally.mjs';

const report = path.join(root, 'target', 'test', 'jest.json');

/** The tests in __test__/, which import the package as a user does, and those of the examples. */
export const jest = {
  name: 'jest',

  /** @param {string[]} args for Jest */
  test: (args) => testOn(process.execPath, args),
};

/**
 * The same tests on another version of Node.js.
 *
 * @param {string} version its major version
 */
export function jestOn(version) {
  return {
    name: `node ${version}`,

    /** @param {string[]} args for Jest */
    async test(args) {
      try {
        const { program, version: found } = await runtimeProgram(version);
        console.log(found);
        return await testOn(program, args);
      } catch (error) {
        console.error(error.message);
        return withFailure(emptyTally());
      }
    },
  };
}

async function testOn(program, args) {
  mkdirSync(path.dirname(report), { recursive: true });
  rmSync(report, { force: true });
  try {
    const options = ['--json', `--outputFile=${report}`, ...args];
    await runTool('jest', options, { output: 'capture', program });
    return readReport();
  } catch (error) {
    console.error(error.message);
    return withFailure(readReport());
  }
}

function readReport() {
  if (!existsSync(report)) {
    return emptyTally();
  }
  const results = JSON.parse(readFileSync(report, 'utf8'));
  return {
    passed: results.numPassedTests,
    // A file that does not load has no tests to count.
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
