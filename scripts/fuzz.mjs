// Fuzzes the sandbox, each target in turn, and ends in a table of what was run and found.
//
//   npm run fuzz [-- [--seconds N] [--runs N] [--asan] [target…]]
//
// --seconds: how long each target runs; 60 where neither is given. --runs: how many inputs each target is given, the
// same ones every time. --asan: with the address sanitizer, several times slower. Corpora grow in fuzz/corpus, findings
// lie in fuzz/artifacts. Without Rust's nightly tool chain, which libFuzzer needs, everything is skipped.

import { parseArgs } from 'node:util';
import { CommandError, main } from './build/command.mjs';
import { nodeModules } from './build/node-modules.mjs';
import { fuzz, prepare, whyNot } from './fuzz/cargo-fuzz.mjs';
import { targets } from './fuzz/targets.mjs';
import { emptyTally, format } from './suites/tally.mjs';

const names = Object.keys(targets);
const usage = `usage: npm run fuzz -- [--seconds N] [--runs N] [--asan] [${names.join('|')}]…`;

await main(async () => {
  const { chosen, options } = readArguments();
  const obstacle = whyNot();
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
    rows.push({ target: name, ...(await fuzz(name, targets[name], options)) });
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
    asan: { type: 'boolean' },
  });
  const bounds = [values.seconds ?? '1', values.runs ?? '1'];
  if (!bounds.every((value) => /^[1-9]\d{0,9}$/.test(value)) || !positionals.every((name) => names.includes(name))) {
    throw new CommandError(usage);
  }
  const seconds = values.seconds ?? (values.runs === undefined ? '60' : undefined);
  const sanitizer = values.asan ? 'address' : 'none';
  return { chosen: positionals.length > 0 ? positionals : names, options: { sanitizer, seconds, runs: values.runs } };
}

function parse(options) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch {
    throw new CommandError(usage);
  }
}
