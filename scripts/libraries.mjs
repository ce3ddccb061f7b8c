// Uses popular npm packages in hooks, and compares each answer with that of Node.js.
//
//   npm run libraries [-- --check] [-- NAME…]
//
// It writes docs/javascript-libraries.md. With --check it fails instead if a result is not the one on the page. With names of programs
// of pdk/javascript/libraries/ it only tries these, and writes nothing.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError, main, root, run } from './build/command.mjs';
import { installLibraries } from './libraries/install.mjs';
import { librariesPage, librariesPageFile } from './libraries/page.mjs';
import { listPrograms } from './libraries/program.mjs';
import { resultsOf } from './libraries/table.mjs';
import { format } from './suites/tally.mjs';

// The time zone of a hook. Node.js reads it when it makes the first date.
process.env.TZ = 'UTC';

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });

await main(async () => {
  await run(process.execPath, ['scripts/setup.mjs']);
  const home = await installLibraries();
  const programs = await listPrograms(home);
  const unknown = positionals.filter((name) => programs.every((program) => program.name !== name));
  if (unknown.length > 0) {
    throw new CommandError(`pdk/javascript/libraries/ has no ${unknown.join(', ')}`);
  }
  const chosen = programs.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  // After setup, because it imports what setup builds.
  const { tryAll } = await import('./libraries/try.mjs');
  const page = path.join(root, librariesPageFile);
  const expected = values.check ? resultsOf(readFileSync(page, 'utf8')) : undefined;
  const rows = [];
  let passed = 0;
  let failed = 0;
  for await (const row of tryAll(home, chosen, expected === undefined)) {
    rows.push(row);
    const title = `${row.title} ${row.version}`;
    const wanted = expected?.get(title);
    expected?.delete(title);
    console.log(`libraries: ${title}: ${row.result}`);
    if (expected === undefined || wanted === row.result) {
      passed += 1;
    } else {
      failed += 1;
      console.log(`  FAILED: ${librariesPageFile} says: ${wanted ?? 'nothing'}`);
    }
  }
  for (const title of positionals.length === 0 ? (expected?.keys() ?? []) : []) {
    failed += 1;
    console.log(`  FAILED: ${librariesPageFile} has ${title}, and no program uses it`);
  }
  if (expected === undefined && positionals.length === 0) {
    writeFileSync(page, librariesPage(rows));
    console.log(`libraries: ${librariesPageFile} is written`);
  }
  console.log(format({ passed, failed, skipped: 0 }));
  process.exitCode = failed > 0 ? 1 : 0;
});
