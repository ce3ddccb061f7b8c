// Sets up, runs every suite, and ends in one line that adds them up.
//
//   npm test [-- [--rust] [--jest] [--plugins] [--demo] [--prebuilt] [arguments]]
//
// Without a suite's name all of them run. Arguments go to the suite where only one runs, such as
// `npm test -- --jest limits`. --prebuilt takes the addon in native/ as it is.

import { CommandError, run } from './build/command.mjs';
import { demo } from './suites/demo.mjs';
import { jest } from './suites/jest.mjs';
import { plugins } from './suites/plugins.mjs';
import { rust } from './suites/rust.mjs';
import { emptyTally, format, sum, withFailure } from './suites/tally.mjs';

const suites = [rust, jest, plugins, demo];
const options = process.argv.slice(2);
const setupOptions = options.filter((option) => option === '--prebuilt');
const named = suites.filter(({ name }) => options.includes(`--${name}`));
const chosen = named.length > 0 ? named : suites;
const rest = options.filter((option) => option !== '--prebuilt' && !named.some(({ name }) => option === `--${name}`));

const total = rest.length > 0 && chosen.length > 1 ? refuse() : await testAll();
console.log(format(total));
process.exitCode = total.failed > 0 ? 1 : 0;

function refuse() {
  const names = suites.map(({ name }) => `--${name}`).join(', ');
  console.error(`${rest.join(' ')}: name the one suite these are for: ${names}`);
  return withFailure(emptyTally());
}

async function testAll() {
  try {
    await run(process.execPath, ['scripts/setup.mjs', ...setupOptions]);
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    return withFailure(emptyTally());
  }
  const summary = [];
  for (const suite of chosen) {
    console.log(`\n== ${suite.name} ==`);
    const start = performance.now();
    // One after the other: their output is read as it comes, and timing tests want the machine to themselves.
    summary.push({ name: suite.name, tally: await suite.test(rest), ms: performance.now() - start });
  }
  console.log();
  for (const { name, tally, ms } of summary) {
    console.log(`${name.padEnd(10)}${format(tally)} in ${(ms / 1000).toFixed(1)} s`);
  }
  return sum(summary.map(({ tally }) => tally));
}
