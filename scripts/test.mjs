// Sets up, runs every suite, and ends with one line for the totals.
//
//   npm test [-- [--rust] [--jest] [--plugins] [--demo] [--prebuilt] [arguments]]
//   npm test -- --node 22,24 [arguments for Jest]      Jest on other versions of Node.js
//   npm test -- --smoke | --bun | --deno               a brief suite on Node.js 22 and 24, Bun and Deno, or on one of them
//
// Without the name of a suite, the first four run. If only one suite runs, it gets the arguments, as in
// `npm test -- --jest limits`. --prebuilt uses the addon in native/ as it is. npm installs the other runtimes into
// target/runtimes/.

import { CommandError, run } from './build/command.mjs';
import { demo } from './suites/demo.mjs';
import { jest, jestOn } from './suites/jest.mjs';
import { plugins } from './suites/plugins.mjs';
import { rust } from './suites/rust.mjs';
import { smoke } from './suites/smoke.mjs';
import { emptyTally, format, sum, withFailure } from './suites/tally.mjs';

const suites = [rust, jest, plugins, demo];
const options = process.argv.slice(2);
const setupOptions = options.filter((option) => option === '--prebuilt');
const elsewhere = suitesElsewhere();
const named = suites.filter(({ name }) => options.includes(`--${name}`));
const chosen = named.length + elsewhere.length > 0 ? [...named, ...elsewhere] : suites;
const rest = options.filter((option) => option !== '--prebuilt' && !named.some(({ name }) => option === `--${name}`));

const total = rest.length > 0 && chosen.length > 1 ? refuse() : await testAll();
console.log(format(total));
process.exitCode = total.failed > 0 ? 1 : 0;

function refuse() {
  const names = suites.map(({ name }) => `--${name}`).join(', ');
  console.error(`${rest.join(' ')}: name the one suite that gets these arguments: ${names}`);
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
    // One after the other, because their output is shown as it arrives and timing tests need an idle machine.
    summary.push({ name: suite.name, tally: await suite.test(rest), ms: performance.now() - start });
  }
  console.log();
  for (const { name, tally, ms } of summary) {
    console.log(`${name.padEnd(10)}${format(tally)} in ${(ms / 1000).toFixed(1)} s`);
  }
  return sum(summary.map(({ tally }) => tally));
}

/** The requested suites on other runtimes. Removes their options. */
function suitesElsewhere() {
  const found = [];
  const index = options.indexOf('--node');
  if (index !== -1) {
    const [, versions = ''] = options.splice(index, 2);
    found.push(...versions.split(',').map(jestOn));
  }
  const runtimes = ['bun', 'deno'].filter((name) => take(`--${name}`));
  const all = take('--smoke') ? ['22', '24', 'bun', 'deno'] : runtimes;
  if (all.length > 0) {
    found.push({ name: smoke.name, test: () => smoke.test(all) });
  }
  return found;
}

function take(option) {
  const index = options.indexOf(option);
  if (index !== -1) {
    options.splice(index, 1);
  }
  return index !== -1;
}
