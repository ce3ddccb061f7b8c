// Measures the recipes of examples/cookbook/ in each of their languages, and writes the table of its page.
//
//   npm run cookbook
//
// The recipes in TypeScript are built, and the others are the modules of `npm run plugins`. They are called in turns, with the context
// of the recipe's first fixture.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildPlugin } from '@hookcell/javascript';
import { CommandError, main, root, run } from './build/command.mjs';
import { workshop } from './plugins/compiler.mjs';
import { fileOf } from './plugins/kept.mjs';
import { python } from './plugins/python/python.mjs';
import { format } from './suites/tally.mjs';

const home = path.join(root, 'examples', 'cookbook');
const page = path.join(home, 'README.md');
const folder = path.join(workshop, 'recipes');
const command = path.join(root, 'packages', 'cli', 'dist', 'main.js');
const calls = 2_000;
const languages = { 'hook.rs': 'Rust', 'hook.as.ts': 'AssemblyScript', 'hook.zig': 'Zig', 'hook.c': 'C' };
const table = /(?<=<!-- npm run cookbook writes this table -->\n\n).*?(?=\n\n)/s;

await main(async () => {
  mkdirSync(folder, { recursive: true });
  await python.make((said) => console.log(said));
  const rows = [];
  for (const recipe of readdirSync(home, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    rows.push(...(await measure(recipe.name)));
  }
  const text = readFileSync(page, 'utf8');
  if (!table.test(text)) {
    throw new CommandError(`${path.relative(root, page)} has no place for the table`);
  }
  const head = ['| Recipe | Language | Module | Fuel | p50 |', '|---|---|---:|---:|---:|'];
  writeFileSync(page, text.replace(table, [...head, ...rows].join('\n')));
  console.log(format({ passed: rows.length, failed: 0, skipped: 0 }));
});

/** The rows of a recipe, one for each of its languages. */
async function measure(recipe) {
  const files = readdirSync(path.join(home, recipe));
  const source = Object.keys(languages).find((file) => files.includes(file));
  const typescript = path.join(folder, `${recipe}.ts.wasm`);
  const { wasm } = await buildPlugin({ entry: path.join(home, recipe, 'hook.ts') });
  writeFileSync(typescript, wasm);
  const [first, other] = await compare(recipe, typescript, path.join(home, recipe, 'hook.wasm'));
  const rows = [`[${recipe}](${recipe}) | TypeScript | ${first}`, ` | ${languages[source]} | ${other}`];
  if (files.includes(python.recipe)) {
    const [, inPython] = await compare(recipe, typescript, fileOf(python, recipe));
    rows.push(` | Python | ${inPython}`);
  }
  console.log(rows.join('\n'));
  return rows.map((row) => `| ${row} |`.replace('|  |', '| |'));
}

/** Calls two plugins in turns. Resolves with the cells of each. */
async function compare(recipe, plugin, other) {
  const [{ hook = 'before_hook', context }] = JSON.parse(
    readFileSync(path.join(home, recipe, 'fixtures.json'), 'utf8'),
  );
  const contextFile = path.join(folder, `${recipe}.context.json`);
  writeFileSync(contextFile, JSON.stringify(context));
  const what = ['--compare', other, '--hook', hook, '--context', contextFile];
  const args = ['bench', plugin, ...what, '--scale', '1', '--calls', String(calls), '--json'];
  const { subjects } = JSON.parse(await run(process.execPath, [command, ...args], { output: 'capture' }));
  return subjects.map(cells);
}

function cells({ plugin, rows: [{ fuel, runMs }] }) {
  const kilobytes = Math.round(plugin.bytes / 1_000).toLocaleString('en');
  const used = Number(fuel.median.toPrecision(2)).toLocaleString('en');
  return `${kilobytes} KB | ${used} | ${(runMs.median * 1_000).toFixed(0)} µs`;
}
