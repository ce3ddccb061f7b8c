// Installs all tarballs of `npm run pack` in an empty folder, as a user does, and follows the README of each package there. Only
// the dependencies of the packages come from npm's registry.
//
//   node scripts/verify-packages.mjs <tarball>…

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommandError, root, run, runNpm, runTool } from './build/command.mjs';
import { runChecks, withoutRust } from './consumer-checks.mjs';
import { codeBlocks } from './consumer-page.mjs';

const tarballs = process.argv.slice(2).map((file) => path.resolve(file));
const home = mkdtempSync(path.join(tmpdir(), 'hookcell-author-'));
const env = withoutRust(process.env);
const [source, server, build] = codeBlocks('packages/javascript/README.md');
const [pythonSource] = codeBlocks('packages/python/README.md', 'python');
const [pythonServer] = codeBlocks('packages/python/README.md');

const checks = [
  ['the packages install together', install],
  ['the plugin of the README of @hookcell/javascript is built', buildWithCommand],
  ['it is loaded and called as the README says', () => runAndExpect('server.mjs', server)],
  ['a program builds it, too', () => runAndExpect('build.mjs', build)],
  ['so it does in CommonJS', () => runAndExpect('build.cjs', inCommonJs(build))],
  ['a syntax error ends the command with the line', refuse],
  ['strict TypeScript accepts the plugin', compile],
  [
    'the plugin of the README of @hookcell/python is built, loaded and called',
    () => runPython('python.mjs', pythonServer),
  ],
  ['so it is in CommonJS', () => runPython('python.cjs', inCommonJs(pythonServer))],
];

try {
  writeFileSync(path.join(home, 'package.json'), '{ "private": true }\n');
  await runChecks(checks);
} finally {
  rmSync(home, { recursive: true, force: true });
}

function install() {
  return runNpm(['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs], {
    cwd: home,
    env,
    output: 'capture',
  });
}

function buildWithCommand() {
  writeFileSync(path.join(home, 'plugin.ts'), source);
  return runNpm(['exec', '--no', '--', 'hookcell-js', 'plugin.ts', '-o', 'plugin.wasm'], {
    cwd: home,
    env,
    output: 'capture',
  });
}

/** Its comments say what it prints, line by line. */
async function runAndExpect(file, text) {
  writeFileSync(path.join(home, file), text);
  const expected = Array.from(text.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm), ([, line]) => line);
  const printed = await run(process.execPath, [file], { cwd: home, env, output: 'capture' });
  if (expected.length === 0 || printed.trim() !== expected.join('\n')) {
    throw new CommandError(`it prints ${printed.trim()}, not ${expected.join('\n')}`);
  }
}

/** The same program: an ES module may await at its top level. */
function inCommonJs(text) {
  const required = text.replaceAll(/^import (\{.*\}) from ('.*');$/gm, 'const $1 = require($2);');
  const [, imports, rest] = /^((?:const [^\n]*require[^\n]*\n)*)(.*)$/s.exec(required);
  return `${imports}\n(async () => {\n${rest}\n})();\n`;
}

function runPython(file, text) {
  writeFileSync(path.join(home, 'plugin.py'), pythonSource);
  return runAndExpect(file, text);
}

async function refuse() {
  writeFileSync(path.join(home, 'wrong.ts'), 'export const before_hook = () => {};\nconst a = ;\n');
  const args = ['exec', '--no', '--', 'hookcell-js', 'wrong.ts', '-o', 'wrong.wasm', '--json'];
  let printed = '';
  const output = (line) => (printed += line);
  await runNpm(args, { cwd: home, env, output, errors: 'ignore' }).then(
    () => {
      throw new CommandError('it is built');
    },
    () => {},
  );
  const [problem] = JSON.parse(printed).problems;
  if (problem.code !== 'ERR_SYNTAX' || problem.file !== 'wrong.ts' || problem.line !== 2) {
    throw new CommandError(`it says ${printed}`);
  }
}

function compile() {
  const settings = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  };
  const configuration = { compilerOptions: settings, files: ['plugin.ts'] };
  writeFileSync(path.join(home, 'tsconfig.json'), JSON.stringify(configuration));
  const types = path.join(home, 'node_modules', '@types');
  // Packages bring some, too.
  rmSync(types, { recursive: true, force: true });
  symlinkSync(path.join(root, 'node_modules', '@types'), types, 'junction');
  return runTool('typescript', ['--project', home], { command: 'tsc', cwd: home });
}
