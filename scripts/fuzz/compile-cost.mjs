// The search for the module that costs most to compile: fuzz/compile-cost.

import { CommandError, run } from '../build/command.mjs';
import { emptyTally } from '../suites/tally.mjs';

/**
 * Searches, and fails where a module that the default limits let pass costs more than docs/fuzzing.md says.
 *
 * @param {{ seconds: string, seed: string }} options
 * @returns {Promise<import('../suites/tally.mjs').Tally>}
 */
export async function compileCost({ seconds, seed }) {
  if (process.platform !== 'linux') {
    console.log('compile-cost: skipped: a process measures its memory in /proc, on Linux only');
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

/** Builds it with the features of the whole workspace, so that wasmtime is built once, and gives its path. */
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
