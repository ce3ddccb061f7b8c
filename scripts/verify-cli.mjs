// Leads a plugin's author from an empty folder to a tested plugin, with nothing but the tarballs of `npm run pack` and what the
// language itself needs: `hookcell init`, `build`, `test`, `run` and `bench`.
//
//   node scripts/verify-cli.mjs [--languages typescript,rust] <tarballs of hookcell, its addon and the other packages>
//
// Without --languages, a language whose tools are not here is skipped, with the reason. The registry is asked only for packages
// that are not hookcell's own.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommandError, root, run, runNpm } from './build/command.mjs';
import { format } from './suites/tally.mjs';

const args = process.argv.slice(2);
const asked = args[0] === '--languages' ? args.splice(0, 2)[1].split(',') : undefined;
const tarballs = args.map((file) => path.resolve(file));
const home = mkdtempSync(path.join(tmpdir(), 'hookcell author '));
const env = withoutNpm(process.env);
const languages = ['typescript', 'javascript', 'rust', 'assemblyscript', 'zig', 'c'];

/** The kits that are not published yet, instead of what `init` writes. */
const kits = {
  rust: (folder) => replaceIn(path.join(folder, 'Cargo.toml'), '"0.1"', `{ path = ${kitPath('rust/hookcell-pdk')} }`),
  assemblyscript: (folder) =>
    replaceIn(
      path.join(folder, 'package.json'),
      /"@hookcell\/assemblyscript": "[^"]+"/,
      `"@hookcell/assemblyscript": ${kitPath('assemblyscript/hookcell')}`,
    ),
};

const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const tools = path.join(home, 'tools');
  mkdirSync(tools);
  writeFileSync(path.join(tools, 'package.json'), '{ "private": true }\n');
  await install(tools, tarballs);
  for (const language of asked ?? languages) {
    counts[await attempt(language, tools)] += 1;
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
console.log(format(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;

async function attempt(language, tools) {
  try {
    const reason = await walk(language, tools);
    console.log(
      reason === undefined ? `ok      ${language}: init, build, test, run, bench` : `skipped ${language}: ${reason}`,
    );
    return reason === undefined ? 'passed' : 'skipped';
  } catch (error) {
    console.log(`FAILED  ${language}: ${error.message}`);
    return 'failed';
  }
}

/** Goes the whole way with one language. Resolves with the reason if its tools are missing, and it was not asked for by name. */
async function walk(language, tools) {
  const folder = path.join(home, language);
  await hookcell(tools, home, ['init', language, '--lang', language]);
  kits[language]?.(folder);
  const usesNpm = existsSync(path.join(folder, 'package.json'));
  if (usesNpm) {
    await install(folder, tarballs);
  }
  const installed = usesNpm ? folder : tools;
  if (asked === undefined) {
    const said = await hookcell(installed, folder, ['doctor', '--json']);
    const state = JSON.parse(said).languages.find((each) => each.language === language);
    if (!state.ready) {
      const missing = state.tools.filter((each) => each.every(({ version }) => version === undefined));
      return `${missing.map(([{ name }]) => name).join(', ')} is missing`;
    }
  }
  await hookcell(installed, folder, ['build']);
  const { passed, failed } = JSON.parse(await hookcell(installed, folder, ['test', '--json']));
  if (failed !== 0 || passed === 0) {
    throw new CommandError(`${passed} fixtures passed, ${failed} failed`);
  }
  const result = JSON.parse(
    await hookcell(installed, folder, ['run', 'plugin.wasm', '--context', 'context.json', '--json']),
  );
  if (result.outcome !== 'accepted') {
    throw new CommandError(`the plugin ${result.outcome} its context`);
  }
  await hookcell(installed, folder, ['bench', 'plugin.wasm', '--context', 'context.json', '--calls', '20']);
  return undefined;
}

/** Runs the installed command. Resolves with its standard output. */
function hookcell(installed, cwd, words) {
  const { bin } = JSON.parse(readFileSync(path.join(installed, 'node_modules/@hookcell/cli/package.json'), 'utf8'));
  const script = path.join(installed, 'node_modules/@hookcell/cli', bin.hookcell);
  return run(process.execPath, [script, ...words], {
    cwd,
    env,
    output: 'capture',
    title: `hookcell ${words.join(' ')}`,
  });
}

function install(cwd, files) {
  const options = ['--save-dev', '--prefer-offline', '--no-audit', '--no-fund', '--install-links'];
  return runNpm(['install', ...options, ...files], { cwd, env, output: 'capture' });
}

function kitPath(folder) {
  return JSON.stringify(path.join(root, 'pdk', folder));
}

function replaceIn(file, text, by) {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(text, by);
  if (after === before) {
    throw new CommandError(`${file} has no ${text}`);
  }
  writeFileSync(file, after);
}

/** Without the variables of an outer npm, which name this repository as the current package. */
function withoutNpm(from) {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !/^(npm_|INIT_CWD$)/.test(name)));
}
