// Everything about the code but its behaviour: formatting, lints, types, and that what is generated and published is
// in order. Every step runs, whatever became of the one before it.
//
//   npm run check
//   npm run format     mends what the first steps can mend by themselves

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, run, runTool } from './build/command.mjs';
import { packPackage } from './build/tarball.mjs';
import { format } from './suites/tally.mjs';

// Markdown is left alone: its tables are narrower as they are written.
const formatted = ['.', '!**/*.md'];
const generated = ['native/index.js', 'native/index.d.ts', 'index.d.ts'];

const steps = [
  {
    name: 'rustfmt',
    check: () => run('cargo', ['fmt', '--all', '--check']),
    mend: () => run('cargo', ['fmt', '--all']),
  },
  {
    name: 'oxlint',
    check: () => runTool('oxlint', ['--deny-warnings']),
    mend: () => runTool('oxlint', ['--fix']),
  },
  {
    name: 'oxfmt',
    check: () => runTool('oxfmt', ['--check', ...formatted]),
    mend: () => runTool('oxfmt', formatted),
  },
  { name: 'tsc', check: () => runTool('typescript', ['--project', '.'], { command: 'tsc' }) },
  {
    name: 'clippy',
    // In the release profile it finds the build scripts and macros of the addon's own build.
    check: () =>
      run('cargo', ['clippy', '--workspace', '--all-targets', '--release', '--locked', '--', '--deny=warnings']),
  },
  { name: 'generated files', check: checkGenerated },
  { name: 'lock files', check: checkLockFiles },
  { name: 'versions', check: checkVersions },
  { name: 'publint', check: async () => runTool('publint', [await packPackage(), '--strict']) },
  {
    name: 'attw',
    check: async () => runTool('@arethetypeswrong/cli', [await packPackage(), '--no-emoji', '--format=ascii']),
  },
];

const mending = process.argv.includes('--mend');
const results = [await attempt('setup', () => run(process.execPath, ['scripts/setup.mjs']))];
for (const { name, check, mend } of steps) {
  const action = mending ? mend : check;
  if (action !== undefined) {
    results.push(await attempt(name, action));
  }
}
console.log();
for (const { name, passed, ms } of results) {
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} in ${(ms / 1000).toFixed(1)} s`);
}
const failed = results.filter(({ passed }) => !passed).length;
console.log(format({ passed: results.length - failed, failed, skipped: 0 }));
process.exitCode = failed > 0 ? 1 : 0;

async function attempt(name, action) {
  console.log(`\n== ${name} ==`);
  const start = performance.now();
  let passed = true;
  try {
    await action();
  } catch (error) {
    console.error(error.message);
    passed = false;
  }
  return { name, passed, ms: performance.now() - start };
}

// The setup has just built them anew wherever they could differ.
async function checkGenerated() {
  await run('git', ['ls-files', '--error-unmatch', '--', ...generated], { output: 'capture' });
  await run('git', ['diff', '--exit-code', '--', ...generated]);
}

async function checkLockFiles() {
  const listed = await run('git', ['ls-files', '-z', '--', '*package-lock.json'], { output: 'capture' });
  for (const file of listed.split('\0').filter(Boolean)) {
    const { packages } = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
    const locked = new Set(Object.keys(packages).map((folder) => folder.split('node_modules/').at(-1)));
    for (const [folder, { resolved, optionalDependencies = {} }] of Object.entries(packages)) {
      // A registry's address here would send everybody to the one that its writer used.
      if (resolved?.includes('://')) {
        throw new CommandError(`${file}: ${folder} names ${resolved}; an .npmrc like the root's is missing beside it`);
      }
      // npm leaves out a platform's package that it could not find, and then `npm ci` refuses the whole file.
      const missing = Object.keys(optionalDependencies).filter((name) => !locked.has(name));
      if (missing.length > 0) {
        throw new CommandError(`${file}: ${folder} needs ${missing.join(', ')} on other platforms`);
      }
    }
  }
}

function checkVersions() {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const [, crate] = /^\[workspace\.package\]\nversion = "(.+)"$/m.exec(
    readFileSync(path.join(root, 'Cargo.toml'), 'utf8'),
  );
  if (version !== crate) {
    throw new CommandError(`package.json says ${version}, Cargo.toml says ${crate}`);
  }
}
