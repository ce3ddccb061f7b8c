// Checks everything except behavior: formatting, lints, types, generated and published files, and the dependencies. Every
// step runs, even if an earlier one fails.
//
//   npm run check [-- [--dependencies] [--full]]
//   npm run format     fixes what the first steps can fix automatically
//
// --dependencies checks only the dependencies, and needs no build. A step that cannot run here, usually because there is no
// network, is skipped, with the reason. With --full it fails.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, run, runTool } from './build/command.mjs';
import { kitVersions } from './build/kits.mjs';
import { manifestOf, packages } from './build/packages.mjs';
import { packPackage, packPackages } from './build/tarball.mjs';
import { checkCircles } from './check/circles.mjs';
import { checkCrateAdvisories, checkCrates } from './check/cargo-deny.mjs';
import { checkFileLengths } from './check/file-lengths.mjs';
import { checkFolderSizes } from './check/folder-sizes.mjs';
import { checkLockFiles } from './check/lock-files.mjs';
import { checkNpmAdvisories } from './check/npm-audit.mjs';
import { checkOptionsPage } from './check/options-page.mjs';
import { checkPaths } from './check/paths.mjs';
import { checkPromises } from './check/promises.mjs';
import { checkProse } from './check/prose.mjs';
import { Skipped } from './check/skipped.mjs';
import { format } from './suites/tally.mjs';

// Not Markdown: the formatter would widen its tables. Not tables in JSON that a command writes with a line for each row.
const tables = ['pdk/python/conformance/outcomes.json', 'pdk/python/packages/answers.json'];
const formatted = ['.', '!**/*.md', ...tables.map((file) => `!${file}`)];
const generated = ['native/index.js', 'native/index.d.ts', 'index.d.ts'];

const code = [
  { name: 'setup', check: setUp, mend: setUp },
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
    // The release profile reuses the build scripts and macros of the addon's build.
    check: () =>
      run('cargo', ['clippy', '--workspace', '--all-targets', '--release', '--locked', '--', '--deny=warnings']),
  },
  { name: 'generated files', check: checkGenerated },
  { name: 'options page', check: checkOptionsPage, mend: () => run(process.execPath, ['scripts/docs.mjs']) },
  { name: 'lock files', check: checkLockFiles },
  { name: 'versions', check: checkVersions },
  { name: 'circles', check: checkCircles },
  { name: 'file lengths', check: checkFileLengths },
  { name: 'folder sizes', check: checkFolderSizes },
  { name: 'promises', check: checkPromises },
  { name: 'paths', check: checkPaths },
  { name: 'prose', check: checkProse },
  { name: 'publint', check: () => checkTarballs((tarball) => runTool('publint', [tarball, '--strict'])) },
  {
    name: 'attw',
    check: () =>
      checkTarballs((tarball) =>
        runTool('@arethetypeswrong/cli', [
          tarball,
          '--no-emoji',
          '--format=ascii',
          // A plugin has no types.
          '--exclude-entrypoints',
          './pdk/validate_email.wasm',
        ]),
      ),
  },
];

const dependencies = [
  { name: 'crates', check: checkCrates },
  { name: 'crate advisories', check: checkCrateAdvisories },
  { name: 'npm advisories', check: checkNpmAdvisories },
];

const options = new Set(process.argv.slice(2));
const action = options.has('--mend') ? 'mend' : 'check';
const steps = options.has('--dependencies') ? dependencies : [...code, ...dependencies];
const results = [];
for (const step of steps.filter((each) => action in each)) {
  results.push({ name: step.name, ...(await attempt(step.name, step[action])) });
}
console.log();
for (const { name, outcome, ms, reason } of results) {
  console.log(
    `${outcome.padEnd(7)} ${name} in ${(ms / 1000).toFixed(1)} s${reason === undefined ? '' : `: ${reason}`}`,
  );
}
const tally = { passed: count('ok'), failed: count('FAILED'), skipped: count('skipped') };
console.log(format(tally));
process.exitCode = tally.failed > 0 ? 1 : 0;

async function attempt(name, make) {
  console.log(`\n== ${name} ==`);
  const start = performance.now();
  const ended = (outcome, reason) => ({ outcome, reason, ms: performance.now() - start });
  try {
    await make();
    return ended('ok');
  } catch (error) {
    const skipped = error instanceof Skipped && !options.has('--full');
    console.error(skipped ? `skipped: ${error.message}` : error.message);
    return ended(skipped ? 'skipped' : 'FAILED', error instanceof Skipped ? error.message : undefined);
  }
}

function count(outcome) {
  return results.filter((result) => result.outcome === outcome).length;
}

function setUp() {
  return run(process.execPath, ['scripts/setup.mjs']);
}

// Setup has just rebuilt everything that could differ.
async function checkGenerated() {
  await run('git', ['ls-files', '--error-unmatch', '--', ...generated], { output: 'capture' });
  await run('git', ['diff', '--exit-code', '--', ...generated]);
}

function checkVersions() {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const [, crate] = /^\[workspace\.package\]\nversion = "(.+)"$/m.exec(
    readFileSync(path.join(root, 'Cargo.toml'), 'utf8'),
  );
  if (version !== crate) {
    throw new CommandError(`package.json says ${version}, Cargo.toml says ${crate}`);
  }
  for (const [name, own] of Object.entries(kitVersions())) {
    if (own !== version) {
      throw new CommandError(`${name} is not of version ${version}`);
    }
  }
  for (const each of packages) {
    const manifest = manifestOf(each);
    const { name, version: own } = manifest;
    const { hookcell } = { ...manifest.dependencies, ...manifest.peerDependencies };
    if (own !== version || hookcell !== `^${version}`) {
      throw new CommandError(`${name} is not of version ${version}, or does not ask for hookcell ^${version}`);
    }
  }
}

async function checkTarballs(check) {
  for (const tarball of [await packPackage(), ...(await packPackages())]) {
    await check(tarball);
  }
}
