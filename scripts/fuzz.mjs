// Fuzzes the sandbox, each target in turn, and ends in a table of what was run and found.
//
//   npm run fuzz [-- [--seconds N] [--runs N | --brief] [--asan] [target…]]
//
// --seconds: how long each target runs; 60 where neither is given. --runs: how many inputs each target is given, the
// same ones every time. --brief: as many as take each some ten seconds, which is what continuous integration does.
// --asan: with the address sanitizer, which needs Rust's nightly tool chain, and several times slower. Corpora grow in
// fuzz/corpus, findings lie in fuzz/artifacts. Where it cannot run, everything is skipped.

import { parseArgs } from 'node:util';
import { CommandError, main } from './build/command.mjs';
import { nodeModules } from './build/node-modules.mjs';
import { fuzz, prepare, whyNot } from './fuzz/cargo-fuzz.mjs';
import { targets } from './fuzz/targets.mjs';
import { emptyTally, format } from './suites/tally.mjs';

const names = Object.keys(targets);
const usage = `usage: npm run fuzz -- [--seconds N] [--runs N | --brief] [--asan] [${names.join('|')}]…`;

await main(async () => {
  const { chosen, options } = readArguments();
  const obstacle = whyNot(options.sanitizer);
  if (obstacle !== undefined) {
    console.log(`fuzz: skipped: ${obstacle}`);
    console.log(format({ ...emptyTally(), skipped: chosen.length }));
    return;
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
  console.log(format({ passed: rows.length - failed, failed, skipped: 0 }));
  process.exitCode = failed > 0 ? 1 : 0;
});

function readArguments() {
  const { values, positionals } = parse({
    seconds: { type: 'string' },
    runs: { type: 'string' },
    brief: { type: 'boolean' },
    asan: { type: 'boolean' },
  });
  const bounds = [values.seconds ?? '1', values.runs ?? '1'];
  const areNumbers = bounds.every((value) => /^[1-9]\d{0,9}$/.test(value));
  const areTargets = positionals.every((name) => names.includes(name));
  const { runs, brief } = values;
  if (!areNumbers || !areTargets || (brief && runs !== undefined)) {
    throw new CommandError(usage);
  }
  const seconds = values.seconds ?? (brief || runs !== undefined ? undefined : '60');
  const sanitizer = values.asan ? 'address' : 'none';
  return { chosen: positionals.length > 0 ? positionals : names, options: { sanitizer, seconds, runs, brief } };
}

function parse(options) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch {
    throw new CommandError(usage);
  }
}
