// Uses popular packages of PyPI in hooks, and compares each answer with that of CPython.
//
//   npm run packages:python [-- --check] [-- --native] [-- --full] [-- NAME…]
//
// It writes docs/python-packages.md. With --check it fails instead if a result is not the one on the page. With names of programs of
// pdk/python/packages/ it only tries these, and writes nothing. CPython's answers are committed; --native builds CPython and asks it
// again. Without pip there are no packages, and it says that it skips; --full makes that an error.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError, main, root, run } from './build/command.mjs';
import { resultsOf } from './libraries/table.mjs';
import { MissingCompiler } from './plugins/compiler.mjs';
import { askPython, readAnswers, writeAnswers } from './python-packages/answers.mjs';
import { buildPython, builtPython } from './python-packages/native.mjs';
import { packagesPage, packagesPageFile } from './python-packages/page.mjs';
import { listPrograms } from './python-packages/program.mjs';
import { Wheels } from './python-packages/wheels.mjs';
import { format } from './suites/tally.mjs';

const flags = { check: { type: 'boolean' }, native: { type: 'boolean' }, full: { type: 'boolean' } };
const { values, positionals } = parseArgs({ options: flags, allowPositionals: true });
const say = (text) => console.log(`packages: ${text}`);

await main(async () => {
  const wheels = await orSkipped(() => Wheels.download(say));
  if (wheels === undefined) {
    return;
  }
  await run(process.execPath, ['scripts/setup.mjs']);
  const programs = listPrograms(wheels.versions);
  const unknown = positionals.filter((name) => programs.every((program) => program.name !== name));
  if (unknown.length > 0) {
    throw new CommandError(`pdk/python/packages/ has no ${unknown.join(', ')}`);
  }
  const chosen = programs.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const sums = { passed: 0, failed: 0, skipped: 0 };
  const answers = await answersTo(chosen, wheels, sums);
  // After setup, because it imports what setup builds.
  const { tryAll } = await import('./python-packages/try.mjs');
  const page = path.join(root, packagesPageFile);
  const expected = values.check ? resultsOf(readFileSync(page, 'utf8')) : undefined;
  const rows = [];
  for await (const row of tryAll(chosen, wheels, answers, expected === undefined)) {
    rows.push(row);
    const title = `${row.title} ${row.version}`;
    const wanted = expected?.get(title);
    expected?.delete(title);
    say(`${title}: ${row.result}`);
    if (expected === undefined || wanted === row.result) {
      sums.passed += 1;
    } else {
      fail(sums, `${packagesPageFile} says: ${wanted ?? 'nothing'}`);
    }
  }
  for (const title of positionals.length === 0 ? (expected?.keys() ?? []) : []) {
    fail(sums, `${packagesPageFile} has ${title}, and no program uses it`);
  }
  if (expected === undefined && positionals.length === 0) {
    writeFileSync(page, packagesPage(rows));
    writeAnswers(answers);
    say(`${packagesPageFile} is written`);
  }
  console.log(format(sums));
  process.exitCode = sums.failed > 0 ? 1 : 0;
});

/** CPython's answers: those that are committed, and those that it gives on this machine, which must be the same. */
async function answersTo(programs, wheels, sums) {
  const python = builtPython() ?? (values.native ? await buildPython(say) : undefined);
  const committed = readAnswers();
  const answers = new Map();
  if (python === undefined) {
    say('CPython 3.13 is not built here: its answers are the committed ones');
    sums.skipped += values.check ? 1 : 0;
  }
  for (const program of programs) {
    const known = committed.get(program.name);
    const given = python === undefined ? known : await askPython(python, program, wheels);
    if (given?.key !== program.key) {
      throw new CommandError(
        `CPython has not answered to ${program.name} as it is now: npm run packages:python -- --native`,
      );
    }
    if (values.check && JSON.stringify(given) !== JSON.stringify(known)) {
      fail(sums, `CPython answers to ${program.name} not as answers.json says`);
    }
    answers.set(program.name, given);
  }
  return answers;
}

function fail(sums, reason) {
  sums.failed += 1;
  console.log(`  FAILED: ${reason}`);
}

async function orSkipped(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MissingCompiler) || values.full) {
      throw error;
    }
    console.log(`packages: SKIPPED: ${error.message}`);
    console.log(format({ passed: 0, failed: 0, skipped: 1 }));
    return undefined;
  }
}
