// Runs CPython's own tests of the standard library and of the language in plugins, and compares with what became of them before.
//
//   npm run conformance:python [-- --all] [--only TEXT] [--write] [--full]
//
// By default some fifty modules run, with --all all of them, with --only those whose name contains a text. With --write, what became
// of them is put into outcomes.json, and docs/python-standard-library.md is written from that; otherwise a module fails if a test
// of it does not end as outcomes.json says. If the tests cannot be fetched, it says that it skips; --full makes that an error.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../../scripts/build/command.mjs';
import { MissingCompiler, workshop } from '../../../scripts/plugins/compiler.mjs';
import { InEngine } from './in-engine.mjs';
import { selectModules } from './modules.mjs';
import { countsOf, outcomeOf, readOutcomes, writeOutcomes } from './outcomes.mjs';
import { libraryPage, libraryPageFile } from './page.mjs';
import { TestSources } from './sources.mjs';

/** While one is built, another runs. */
const atOnce = 3;
const flags = { type: 'boolean' };
const { values } = parseArgs({
  options: { all: flags, only: { type: 'string', default: '' }, write: flags, full: flags },
});
const folder = path.join(workshop, 'python', 'tests');
const say = (text) => console.log(`conformance: ${text}`);

const sources = await TestSources.fetch(folder, say).catch((error) => {
  if (!(error instanceof MissingCompiler) || values.full) {
    throw error;
  }
  say(`SKIPPED: CPython's tests cannot be fetched here: ${error.message}`);
  console.log('0 passed, 0 failed, 1 skipped');
});
if (sources !== undefined) {
  await runAll();
}

async function runAll() {
  const names = sources.list();
  const waiting = selectModules(names, values);
  const known = readOutcomes();
  const found = {};
  const engine = await InEngine.load(sources, folder);
  let failed = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        found[name] = outcomeOf(name, await engine.run(name));
        const { passes, fails } = countsOf(found[name]);
        say(`${name}: ${found[name].refused ?? `${passes} pass, ${fails} fail`}`);
        if (values.write) {
          // All take half an hour, and what is there is kept if they are interrupted.
          save({ ...known, ...found }, names);
        } else {
          failed += compare(name, found[name], known[name]);
        }
      }
    }),
  );
  await engine.close();
  console.log(`${Object.keys(found).length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function save(outcomes, names) {
  const there = Object.fromEntries(Object.entries(outcomes).filter(([name]) => names.includes(name)));
  writeOutcomes(there);
  const untried = names.length - Object.keys(there).length;
  writeFileSync(path.join(root, libraryPageFile), libraryPage(there, untried));
}

/** Whether a module fails, as 1 or 0. */
function compare(name, found, known = {}) {
  if (JSON.stringify(found) === JSON.stringify(known)) {
    return 0;
  }
  say(`  FAILED: ${name}: outcomes.json has ${JSON.stringify({ ...known, fails: undefined })}`);
  for (const [test, reason] of Object.entries(found.fails ?? {})) {
    if (known.fails?.[test] !== reason) {
      say(`    ${test}: ${reason}`);
    }
  }
  return 1;
}
