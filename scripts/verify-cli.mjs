// Leads a plugin's author from an empty folder to a tested plugin, with nothing but the tarballs of `npm run pack` and what the
// language itself needs: `npm create hookcell-plugin`, `hookcell init`, `build`, `test`, `run` and `bench`. Then it uses every recipe of the cookbook there.
//
//   node scripts/verify-cli.mjs [--languages typescript,rust] <tarballs of hookcell, its addon, the other packages and the kits>
//
// Zig, Rust's library for WebAssembly and mypy are installed as needed. A language that cannot be had here is skipped, with the reason;
// if --languages names it, it fails.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Desk } from './author/desk.mjs';
import { installMypy } from './author/mypy.mjs';
import { CommandError, root, run, runNpm } from './build/command.mjs';
import { MissingCompiler } from './plugins/compiler.mjs';
import { format } from './suites/tally.mjs';

const args = process.argv.slice(2);
const asked = args[0] === '--languages' ? args.splice(0, 2)[1].split(',') : undefined;
const languages = ['typescript', 'javascript', 'python', 'rust', 'assemblyscript', 'zig', 'c'];
const cookbook = path.join(root, 'examples', 'cookbook');

/** What a recipe's source is called, and where `init` puts a project's. */
const sources = {
  typescript: ['hook.ts', 'src/plugin.ts'],
  python: ['hook.py', 'src/plugin.py'],
  rust: ['hook.rs', 'src/lib.rs'],
  assemblyscript: ['hook.as.ts', 'assembly/plugin.ts'],
  zig: ['hook.zig', 'src/plugin.zig'],
  c: ['hook.c', 'src/plugin.c'],
};

const wrongPython = `from hookcell import Answer, Context, Reject
def before_hook(ctx: Context) -> Answer | None: return ctx["inputs"]
def after_hook(ctx: Context) -> Answer | None: raise Reject(5)
def other(ctx: Context) -> Answer | None: return {"ok": False, "ctx": {}}
`;

const counts = { passed: 0, failed: 0, skipped: 0 };
const desk = await Desk.open(args.map((file) => path.resolve(file)));
const tools = path.join(desk.home, 'tools');
try {
  mkdirSync(tools);
  writeFileSync(path.join(tools, 'package.json'), '{ "private": true }\n');
  await npm(tools, ['install', '@hookcell/cli']);
  counts[await createWithNpm('typescript', 'src/plugin.ts')] += 1;
  counts[await createWithNpm('python', 'src/plugin.py')] += 1;
  for (const language of asked ?? languages) {
    counts[await attempt(language)] += 1;
  }
  if ((asked ?? languages).includes('python')) {
    counts[await checkTypes()] += 1;
  }
} finally {
  await desk.close();
}
console.log(format(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;

/** `npm create hookcell-plugin` in an empty folder, where nothing is installed. */
async function createWithNpm(language, entry) {
  const what = `npm create hookcell-plugin, in ${language}`;
  const folder = path.join(desk.home, `created in ${language}`);
  mkdirSync(folder);
  try {
    await npm(folder, ['create', '--yes', 'hookcell-plugin', 'my-plugin', '--', '--lang', language]);
    const made = path.join(folder, 'my-plugin', entry);
    if (!existsSync(made)) {
      throw new CommandError(`it made no ${made}`);
    }
    console.log(`ok      ${what}`);
    return 'passed';
  } catch (error) {
    console.log(`FAILED  ${what}: ${error.message}`);
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

/** What a type checker says in the project that `walk` has made: the types of `hookcell` are found, and mistakes, too. */
async function checkTypes() {
  const folder = path.join(desk.home, 'python');
  try {
    const mypy = await installMypy(console.log);
    const recipes = readdirSync(cookbook).filter((name) => existsSync(path.join(cookbook, name, 'hook.py')));
    for (const recipe of recipes) {
      copyFileSync(path.join(cookbook, recipe, 'hook.py'), path.join(folder, 'src', `${recipe}.py`));
    }
    const found = await mypy(folder);
    if (found.length > 0) {
      throw new CommandError(`mypy says ${found.join('; ')}`);
    }
    writeFileSync(path.join(folder, 'src', 'wrong.py'), wrongPython);
    const mistakes = await mypy(folder);
    if ([2, 3, 4].some((line) => !mistakes.some((text) => text.includes(`wrong.py:${line}: `)))) {
      throw new CommandError(`mypy says only ${mistakes.join('; ')}`);
    }
    console.log('ok      python: mypy accepts the recipes, and finds mistakes in another');
    return 'passed';
  } catch (error) {
    const skips = error instanceof MissingCompiler && asked === undefined;
    console.log(`${skips ? 'skipped' : 'FAILED '} python, types: ${error.message}`);
    return skips ? 'skipped' : 'failed';
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
