// Runs fuzz/compile-cost, which searches for the module that costs most to compile.

import { CommandError, run } from '../build/command.mjs';
import { emptyTally } from '../suites/tally.mjs';

/**
 * Searches, and fails if a module that passes the default limits costs more than docs/fuzzing.md says.
 *
 * @param {{ seconds: string, seed: string }} options
 * @returns {Promise<import('../suites/tally.mjs').Tally>}
 */
export async function compileCost({ seconds, seed }) {
  if (process.platform !== 'linux') {
    console.log('compile-cost: skipped: it reads the memory of a process from /proc, which only Linux has');
    return { ...emptyTally(), skipped: 1 };
  }
  const program = await build();
  try {
    await run(program, ['search', seconds, seed]);
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    console.error(error.message);
    return { ...emptyTally(), failed: 1 };
  }
  return { ...emptyTally(), passed: 1 };
}

/** Builds the program with the features of the whole workspace, so that wasmtime is built once. Returns its path. */
async function build() {
  const name = 'compile-cost';
  const options = ['--release', '--workspace', '--locked', '--bin', name];
  const messages = await run('cargo', ['build', ...options, '--message-format', 'json-render-diagnostics'], {
    output: 'capture',
    title: `cargo build --bin ${name}`,
  });
  const artifacts = messages
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return artifacts.findLast(({ target, executable }) => target?.name === name && executable).executable;
}
