// The targets that are in JavaScript. They compare the engine of JavaScript plugins with V8.

import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from '../build/command.mjs';
import { emptyTally } from '../suites/tally.mjs';

/**
 * The targets: the module and class, and the number of runs that take about ten seconds.
 *
 * @type {Record<string, { prepare: () => Promise<{ run: (random: object) => Promise<object | undefined>, close: () => Promise<void> }>, briefRuns: number }>}
 */
export const javascriptTargets = {
  javascript_json: {
    // Imported late, because they use the package, which may not be built yet.
    prepare: async () => (await import('../../fuzz/javascript/json.mjs')).JsonTarget.prepare(),
    briefRuns: 30_000,
  },
  javascript_freeze: {
    prepare: async () => (await import('../../fuzz/javascript/freeze.mjs')).FreezeTarget.prepare(),
    briefRuns: 10,
  },
  javascript_thrown: {
    prepare: async () => (await import('../../fuzz/javascript/thrown.mjs')).ThrownTarget.prepare(),
    briefRuns: 400,
  },
};

/**
 * Runs each target until its time is up, its runs are done, or it finds a difference. Run number n of a seed is the same every time.
 *
 * @param {string[]} names
 * @param {{ seconds?: string, runs?: string, brief?: boolean, seed?: string }} options
 * @returns {Promise<import('../suites/tally.mjs').Tally>}
 */
export async function fuzzInJavaScript(names, options) {
  if (names.length === 0) {
    return emptyTally();
  }
  await run(process.execPath, ['scripts/setup.mjs']);
  const rows = [];
  for (const name of names) {
    console.log(`\n== ${name} ==`);
    rows.push([name, await fuzz(name, options)]);
  }
  console.log();
  console.table(Object.fromEntries(rows));
  const failed = rows.filter(([, { finding }]) => finding !== 'none').length;
  return { passed: rows.length - failed, failed, skipped: 0 };
}

async function fuzz(name, { seconds, runs, brief, seed }) {
  const { Random } = await import('../../pdk/javascript/compare/random.mjs');
  const { prepare, briefRuns } = javascriptTargets[name];
  const isFixed = brief || runs !== undefined;
  const first = Number(seed ?? (isFixed ? 1 : randomInt(1, 2 ** 31)));
  const most = isFixed ? Number(runs ?? briefRuns) : Number.POSITIVE_INFINITY;
  const end = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(seconds) * 1000;
  console.log(`seed ${first}`);
  const start = performance.now();
  const row = { executions: 0, seed: first, seconds: 0, finding: 'none' };
  const target = await prepare();
  try {
    while (row.executions < most && performance.now() < end && row.finding === 'none') {
      const number = first + row.executions;
      const difference = await target.run(new Random(number));
      row.executions += 1;
      if (difference !== undefined) {
        row.finding = keep(name, number, difference);
      }
    }
  } finally {
    await target.close();
  }
  row.seconds = Math.round((performance.now() - start) / 1000);
  return row;
}

/** Writes a difference to a file, and returns the file's path. */
function keep(name, number, difference) {
  const file = path.join(root, 'fuzz', 'artifacts', name, `seed-${number}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(difference, undefined, 2)}\n`);
  console.log(`found with --runs 1 --seed ${number}: ${JSON.stringify(difference).slice(0, 2000)}`);
  return path.relative(root, file);
}
