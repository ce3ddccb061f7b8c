// Runs test262 and QuickJS-ng's own tests in the engine of JavaScript plugins, frozen and not, and in V8.
//
//   npm run conformance [-- --all | --every N] [--only TEXT] [--told N] [--full]
//
// By default each 24th test of test262 runs, with --every N each Nth, with --all all; QuickJS-ng's tests always do. --only takes
// those whose name contains a text, and --told says how many are told. A test fails if it ends neither as it expects nor as in V8,
// unless differences.json lists it with its reason. A suite that cannot be fetched is skipped, and fails with --full.

import path from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError } from '../../../scripts/build/command.mjs';
import { workshop } from '../../../scripts/plugins/compiler.mjs';
import { Batch } from './batch.mjs';
import { Differences } from './differences.mjs';
import { InEngine } from './in-engine.mjs';
import { runInV8 } from './in-v8.mjs';
import { quickjsTests } from './quickjs-tests.mjs';
import { fetchQuickjsTests } from './sources/quickjs-tests.mjs';
import { fetchTest262 } from './sources/test262.mjs';
import { selectTests } from './test262.mjs';

/** A larger batch is loaded once for more tests, and a smaller one has less to load for each. */
const ofABatch = 12;
/** Batches at once: while one waits for a cell, V8 runs another. */
const atOnce = 3;
/** What is right. A test need not end as it expects: some are older than the language, or do not hold in a function of a module. */
const kinds = {
  expected: 'as expected',
  ahead: 'as expected, unlike V8',
  same: 'as V8',
  known: 'known differences',
};

const { values } = parseArgs({
  options: {
    all: { type: 'boolean' },
    every: { type: 'string', default: '24' },
    only: { type: 'string', default: '' },
    told: { type: 'string', default: '40' },
    full: { type: 'boolean' },
  },
});
const every = values.all ? 1 : Number(values.every);

// The time zone of plugins.
process.env.TZ = 'UTC';
// Tests in V8 leave some.
process.on('unhandledRejection', () => {});

const folder = path.join(workshop, 'javascript');
const suites = [];
let skipped = 0;
for (const [suite, fetch, testsIn] of [
  ['test262', fetchTest262, (from) => selectTests(from, every)],
  ['QuickJS-ng', fetchQuickjsTests, quickjsTests],
]) {
  try {
    suites.push([suite, testsIn(await fetch(folder))]);
  } catch (error) {
    if (!(error instanceof CommandError) || values.full) {
      throw error;
    }
    skipped += 1;
    console.log(`skipped: ${suite} cannot be fetched here: ${error.message}`);
  }
}

const differences = new Differences();
const engine = await InEngine.load();
const rows = {};
const found = [];
for (const [suite, tests] of suites) {
  const chosen = tests.filter(({ name }) => name.includes(values.only));
  const row = { tests: chosen.length, ...Object.fromEntries(Object.values(kinds).map((kind) => [kind, 0])), found: 0 };
  const batches = batchesOf(chosen);
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
        const [inEngine, v8] = await Promise.all([engine.run(batch), runInV8(batch)]);
        for (const [i, { name, expected }] of batch.tests.entries()) {
          const one = { suite, name, expected, ...inEngine[i], v8: v8[i] };
          const kind = kindOf(one);
          row[kind ?? 'found'] += 1;
          if (kind === undefined) {
            found.push(one);
          }
        }
      }
    }),
  );
  rows[suite] = row;
}
await engine.close();

console.table(rows);
for (const { suite, name, expected, unfrozen, frozen, v8 } of found.toSorted(byName).slice(0, Number(values.told))) {
  console.log(`${suite} ${name}: unfrozen ${unfrozen}, frozen ${frozen}, V8 ${v8}, expected ${expected}`);
}
const isWhole = every === 1 && values.only === '';
const gone = isWhole ? differences.unused() : [];
for (const { tests } of gone) {
  console.log(`no test differs any more as differences.json says of ${tests}`);
}
const count = suites.reduce((sum, [suite]) => sum + rows[suite].tests, 0);
const sums = `${count - found.length} passed, ${found.length + gone.length} failed`;
console.log(skipped > 0 ? `${sums}, ${skipped} skipped` : sums);
process.exitCode = found.length + gone.length > 0 ? 1 : 0;

function kindOf(one) {
  const { expected, unfrozen, frozen, v8 } = one;
  if (unfrozen === frozen && frozen === expected) {
    return v8 === expected ? kinds.expected : kinds.ahead;
  }
  if (unfrozen === frozen && frozen === v8) {
    return kinds.same;
  }
  return differences.has(one) ? kinds.known : undefined;
}

/** Tests with the same top, some at a time. */
function batchesOf(tests) {
  const groups = new Map();
  for (const test of tests) {
    const key = `${test.expected.startsWith('does not compile')}${test.top}`;
    groups.set(key, [...(groups.get(key) ?? []), test]);
  }
  return [...groups.values()].flatMap((group) => {
    const size = group[0].expected.startsWith('does not compile') ? 1 : ofABatch;
    return Array.from(
      { length: Math.ceil(group.length / size) },
      (_, i) => new Batch(group.slice(i * size, (i + 1) * size)),
    );
  });
}

function byName(one, other) {
  return one.name < other.name ? -1 : 1;
}
