// Measures the recipes of examples/cookbook/ in both of their languages, and writes the table of its page.
//
//   npm run cookbook
//
// The recipes in TypeScript are built, and the others are the committed modules (`npm run plugins`). Both are called in turns, with
// the context of the recipe's first fixture.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildPlugin } from '@hookcell/javascript';
import { CommandError, main, root, run } from './build/command.mjs';
import { workshop } from './plugins/compiler.mjs';
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
  const rows = [];
  for (const recipe of readdirSync(home, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    rows.push(await measure(recipe.name));
  }
  const text = readFileSync(page, 'utf8');
  if (!table.test(text)) {
    throw new CommandError(`${path.relative(root, page)} has no place for the table`);
  }
  const head = [
    '| Recipe | TypeScript: module | fuel | p50 | Other language | module | fuel | p50 |',
    '|---|---:|---:|---:|---|---:|---:|---:|',
  ];
  writeFileSync(page, text.replace(table, [...head, ...rows].join('\n')));
  console.log(format({ passed: rows.length, failed: 0, skipped: 0 }));
});

/** The row of a recipe. */
async function measure(recipe) {
  const files = readdirSync(path.join(home, recipe));
  const source = Object.keys(languages).find((file) => files.includes(file));
  const plugin = path.join(folder, `${recipe}.ts.wasm`);
  const { wasm } = await buildPlugin({ entry: path.join(home, recipe, 'hook.ts') });
  writeFileSync(plugin, wasm);
  const [{ hook = 'before_hook', context }] = JSON.parse(
    readFileSync(path.join(home, recipe, 'fixtures.json'), 'utf8'),
  );
  const contextFile = path.join(folder, `${recipe}.context.json`);
  writeFileSync(contextFile, JSON.stringify(context));
  const what = ['--compare', path.join(home, recipe, 'hook.wasm'), '--hook', hook, '--context', contextFile];
  const args = ['bench', plugin, ...what, '--scale', '1', '--calls', String(calls), '--json'];
  const { subjects } = JSON.parse(await run(process.execPath, [command, ...args], { output: 'capture' }));
  const [typescript, other] = subjects.map(cells);
  console.log(`${recipe}: ${typescript} in TypeScript; ${other} in ${languages[source]}`);
  return `| [${recipe}](${recipe}) | ${typescript} | ${languages[source]} | ${other} |`;
}

function cells({ plugin, rows: [{ fuel, runMs }] }) {
  const kilobytes = Math.round(plugin.bytes / 1_000);
  const used = Number(fuel.median.toPrecision(2)).toLocaleString('en');
  return `${kilobytes} KB | ${used} | ${(runMs.median * 1_000).toFixed(0)} µs`;
}
