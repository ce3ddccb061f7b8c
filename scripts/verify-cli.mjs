// Leads a plugin's author from an empty folder to a tested plugin, with nothing but the tarballs of `npm run pack` and what the
// language itself needs: `npm create hookcell-plugin`, `hookcell init`, `build`, `test`, `run` and `bench`. Then it uses every recipe of the cookbook there.
//
//   node scripts/verify-cli.mjs [--languages typescript,rust] <tarballs of hookcell, its addon and the other packages>
//
// Zig and Rust's library for WebAssembly are installed as needed. A language that cannot be had here is skipped, with the reason;
// if --languages names it, it fails.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Desk } from './author/desk.mjs';
import { CommandError, root, run, runNpm } from './build/command.mjs';
import { MissingCompiler } from './plugins/compiler.mjs';
import { format } from './suites/tally.mjs';

const args = process.argv.slice(2);
const asked = args[0] === '--languages' ? args.splice(0, 2)[1].split(',') : undefined;
const languages = ['typescript', 'javascript', 'rust', 'assemblyscript', 'zig', 'c'];
const cookbook = path.join(root, 'examples', 'cookbook');

/** What a recipe's source is called, and where `init` puts a project's. */
const sources = {
  typescript: ['hook.ts', 'src/plugin.ts'],
  rust: ['hook.rs', 'src/lib.rs'],
  assemblyscript: ['hook.as.ts', 'assembly/plugin.ts'],
  zig: ['hook.zig', 'src/plugin.zig'],
  c: ['hook.c', 'src/plugin.c'],
};

const counts = { passed: 0, failed: 0, skipped: 0 };
const desk = await Desk.open(args.map((file) => path.resolve(file)));
const tools = path.join(desk.home, 'tools');
try {
  mkdirSync(tools);
  writeFileSync(path.join(tools, 'package.json'), '{ "private": true }\n');
  await npm(tools, ['install', '@hookcell/cli']);
  counts[await createWithNpm()] += 1;
  for (const language of asked ?? languages) {
    counts[await attempt(language)] += 1;
  }
} finally {
  await desk.close();
}
console.log(format(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;

/** `npm create hookcell-plugin` in an empty folder, where nothing is installed. */
async function createWithNpm() {
  const folder = path.join(desk.home, 'created');
  mkdirSync(folder);
  try {
    await npm(folder, ['create', '--yes', 'hookcell-plugin', 'my-plugin', '--', '--lang', 'typescript']);
    const made = path.join(folder, 'my-plugin', 'src', 'plugin.ts');
    if (!existsSync(made)) {
      throw new CommandError(`it made no ${made}`);
    }
    console.log('ok      npm create hookcell-plugin');
    return 'passed';
  } catch (error) {
    console.log(`FAILED  npm create hookcell-plugin: ${error.message}`);
    return 'failed';
  }
}

async function attempt(language) {
  try {
    await desk.prepare(language);
    const recipes = await walk(language);
    console.log(`ok      ${language}: init, build, test, run, bench, and ${recipes} recipes`);
    return 'passed';
  } catch (error) {
    if (error instanceof MissingCompiler && asked === undefined) {
      console.log(`skipped ${language}: ${error.message}`);
      return 'skipped';
    }
    console.log(`FAILED  ${language}: ${error.message}`);
    return 'failed';
  }
}

/** Goes the whole way with one language. Resolves with the number of recipes that it has. */
async function walk(language) {
  const folder = path.join(desk.home, language);
  await hookcell(tools, desk.home, ['init', language, '--lang', language]);
  await npm(folder, ['install']);
  await buildAndTest(folder, 'fixtures');
  const result = JSON.parse(
    await hookcell(folder, folder, ['run', 'plugin.wasm', '--context', 'context.json', '--json']),
  );
  if (result.outcome !== 'accepted') {
    throw new CommandError(`the plugin ${result.outcome} its context`);
  }
  await hookcell(folder, folder, ['bench', 'plugin.wasm', '--context', 'context.json', '--calls', '20']);
  return cook(language, folder);
}

/** Uses the recipes as their page says. */
async function cook(language, folder) {
  const [source, entry] = sources[language] ?? [];
  const recipes = readdirSync(cookbook).filter((name) => source && existsSync(path.join(cookbook, name, source)));
  for (const recipe of recipes) {
    copyFileSync(path.join(cookbook, recipe, source), path.join(folder, entry));
    copyFileSync(path.join(cookbook, recipe, 'fixtures.json'), path.join(folder, 'fixtures', 'fixtures.json'));
    await buildAndTest(folder, 'fixtures/fixtures.json');
  }
  return recipes.length;
}

async function buildAndTest(folder, fixtures) {
  await hookcell(folder, folder, ['build']);
  const { passed, failed } = JSON.parse(await hookcell(folder, folder, ['test', fixtures, '--json']));
  if (failed !== 0 || passed === 0) {
    throw new CommandError(`${passed} fixtures passed, ${failed} failed`);
  }
}

/** Runs the installed command. Resolves with its standard output. */
function hookcell(installed, cwd, words) {
  const { bin } = JSON.parse(readFileSync(path.join(installed, 'node_modules/@hookcell/cli/package.json'), 'utf8'));
  const script = path.join(installed, 'node_modules/@hookcell/cli', bin.hookcell);
  return run(process.execPath, [script, ...words], {
    cwd,
    env: desk.env,
    output: 'capture',
    title: `hookcell ${words.join(' ')}`,
  });
}

function npm(cwd, words) {
  return runNpm(words, { cwd, env: desk.env, output: 'capture' });
}
