// Fuzzes the sandbox, one target after the other, and prints a table of runs and findings.
//
//   npm run fuzz [-- [--seconds N] [--runs N | --brief] [--asan] [--seed N] [target…]]
//   npm run fuzz -- --compile-cost [--seconds N] [--seed N]
//
// --seconds: how long each target runs, 60 by default. --runs: how many inputs each target gets, the same ones every time.
// --brief: as many inputs as take about ten seconds a target, as in continuous integration. --asan: with the address
// sanitizer, which needs Rust's nightly tool chain and is several times slower. Corpora grow in fuzz/corpus, and findings
// are in fuzz/artifacts. If libFuzzer cannot run here, its targets are skipped. The targets in JavaScript need only Node.js; --seed is
// for them.
//
// --compile-cost: searches for the module that passes the default limits and costs most to compile. --brief without a target
// also does this, for 15 seconds.

import { parseArgs } from 'node:util';
import { CommandError, main } from './build/command.mjs';
import { nodeModules } from './build/node-modules.mjs';
import { fuzz, prepare, whyNot } from './fuzz/cargo-fuzz.mjs';
import { compileCost } from './fuzz/compile-cost.mjs';
import { fuzzInJavaScript, javascriptTargets } from './fuzz/javascript.mjs';
import { targets } from './fuzz/targets.mjs';
import { emptyTally, format, sum } from './suites/tally.mjs';

const names = [...Object.keys(targets), ...Object.keys(javascriptTargets)];
const usage = `usage: npm run fuzz -- [--seconds N] [--runs N | --brief] [--asan] [--seed N] [${names.join('|')}]…
       npm run fuzz -- --compile-cost [--seconds N] [--seed N]`;

await main(async () => {
  const { chosen, options, search } = readArguments();
  const tallies = [];
  if (chosen.length > 0) {
    tallies.push(
      await fuzzAll(
        chosen.filter((name) => name in targets),
        options,
      ),
      await fuzzInJavaScript(
        chosen.filter((name) => name in javascriptTargets),
        options,
      ),
    );
  }
  if (search !== undefined) {
    console.log('\n== compile-cost ==');
    tallies.push(await compileCost(search));
  }
  const tally = sum(tallies);
  console.log(format(tally));
  process.exitCode = tally.failed > 0 ? 1 : 0;
});

async function fuzzAll(chosen, options) {
  if (chosen.length === 0) {
    return emptyTally();
  }
  const obstacle = whyNot(options.sanitizer);
  if (obstacle !== undefined) {
    console.log(`fuzz: skipped: ${obstacle}`);
    return { ...emptyTally(), skipped: chosen.length };
  }
  if (!nodeModules.isCurrent()) {
    await nodeModules.make();
  }
  await prepare(options.sanitizer);
  const rows = [];
  for (const name of chosen) {
    console.log(`\n== ${name} ==`);
    const runs = options.brief ? targets[name].briefRuns : options.runs;
    rows.push({ target: name, ...(await fuzz(name, targets[name], { ...options, runs })) });
  }
  console.log();
  console.table(Object.fromEntries(rows.map(({ target, ...row }) => [target, row])));
  const failed = rows.filter(({ finding }) => finding !== 'none').length;
  return { passed: rows.length - failed, failed, skipped: 0 };
}

function readArguments() {
  const { values, positionals } = parse({
    seconds: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string' },
    brief: { type: 'boolean' },
    asan: { type: 'boolean' },
    'compile-cost': { type: 'boolean' },
  });
  const { runs, brief, seed, asan } = values;
  const searches = values['compile-cost'];
  const bounds = [values.seconds ?? '1', runs ?? '1', seed ?? '1'];
  const areNumbers = bounds.every((value) => /^[1-9]\d{0,9}$/.test(value));
  const areTargets = positionals.every((name) => names.includes(name));
  const areOfOneKind = searches
    ? !brief && !asan && runs === undefined && positionals.length === 0
    : !(brief && (runs ?? seed) !== undefined);
  if (!areNumbers || !areTargets || !areOfOneKind) {
    throw new CommandError(usage);
  }
  if (searches) {
    return { chosen: [], search: { seconds: values.seconds ?? '60', seed: seed ?? '1' } };
  }
  const seconds = values.seconds ?? (brief || runs !== undefined ? undefined : '60');
  return {
    chosen: positionals.length > 0 ? positionals : names,
    options: { sanitizer: asan ? 'address' : 'none', seconds, runs, brief, seed },
    search: brief && positionals.length === 0 ? { seconds: '15', seed: '1' } : undefined,
  };
}

function parse(options) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch {
    throw new CommandError(usage);
  }
}
