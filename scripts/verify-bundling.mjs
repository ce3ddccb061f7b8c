// Bundles a server with each tool of docs/bundling.md, with the commands of that page, and runs the result.
//
//   npm run bundling [-- --prebuilt]

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addonFile } from './build/addon.mjs';
import { CommandError, main, root, run, runNpm } from './build/command.mjs';
import { packAddon, packPackage } from './build/tarball.mjs';
import { format } from './suites/tally.mjs';

const page = readFileSync(path.join(root, 'docs', 'bundling.md'), 'utf8');
const tools = path.join(root, 'target', 'bundling');
const WORKS = 'isolate: ada@example.com';

await main(async () => {
  await run(process.execPath, ['scripts/setup.mjs', ...process.argv.slice(2)]);
  await installTools();
  const packed = { hookcell: await packPackage(), addon: await packAddon(addonFile()) };
  const checks = [
    ['esbuild, hookcell external', (home) => bundled(home, 'esbuild', 'dist/server.cjs')],
    ['webpack, hookcell external', webpack],
    ['ncc, hookcell external', (home) => bundled(home, '@vercel/ncc', 'dist/index.mjs')],
    ['esbuild, hookcell in the bundle and installed too', inBundle],
    ['esbuild, hookcell in the bundle alone: isolate says what to do', inBundleAlone],
    ['esbuild, a bundle without the addon says what to do', withoutAddon],
  ];
  const results = [];
  for (const [name, check] of checks) {
    results.push(await attempt(name, check, (home) => install(home, packed)));
  }
  results.push(await attempt("Yarn Plug'n'Play", plugAndPlay, (home) => installWithYarn(home, packed)));
  const failed = results.filter((passed) => !passed).length;
  console.log(format({ passed: results.length - failed, failed, skipped: 0 }));
  process.exitCode = failed > 0 ? 1 : 0;
});

async function attempt(name, check, prepare) {
  const home = mkdtempSync(path.join(tmpdir(), 'hookcell-bundling-'));
  try {
    cpSync(path.join(root, 'scripts', 'bundling', 'server.mjs'), path.join(home, 'server.mjs'));
    cpSync(path.join(root, 'pdk', 'wat', 'validate_email.wasm'), path.join(home, 'plugin.wasm'));
    await prepare(home);
    await check(home);
    console.log(`ok     ${name}`);
    return true;
  } catch (error) {
    console.log(`FAILED ${name}: ${error.message}`);
    return false;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Installs the tools as the lock file says, in their own folder, because nothing else needs them. */
async function installTools() {
  const lock = 'package-lock.json';
  const source = path.join(root, 'scripts', 'bundling');
  const current = path.join(tools, 'installed.json');
  const wanted = readFileSync(path.join(source, lock), 'utf8');
  if (existsSync(current) && readFileSync(current, 'utf8') === wanted) {
    return;
  }
  console.log('bundling: installing esbuild, webpack, ncc and Yarn into target/bundling');
  mkdirSync(tools, { recursive: true });
  for (const file of ['package.json', lock, '.npmrc']) {
    cpSync(path.join(source, file), path.join(tools, file));
  }
  await runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: tools });
  writeFileSync(current, wanted);
}

async function install(home, { hookcell, addon }) {
  writeFileSync(path.join(home, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--offline', '--cache', path.join(home, '.npm'), '--no-audit', '--no-fund', hookcell, addon];
  await runNpm(args, { cwd: home, output: 'capture' });
}

/** Runs a tool's command from the page, and then the bundle. */
async function bundled(home, dependency, file) {
  const [, , ...args] = blockOf(dependency, 'sh').trim().split(' ');
  await runBundler(dependency, args, home);
  await expectOutput(home, file, WORKS);
}

async function webpack(home) {
  writeFileSync(path.join(home, 'webpack.config.cjs'), blockOf('webpack', 'js'));
  const build =
    "require('webpack')(require(process.argv[1]), (e, s) => { if (e || s.hasErrors()) throw e ?? new Error(s.toString()); })";
  const args = ['--eval', build, path.join(home, 'webpack.config.cjs')];
  // Through its API, so that its command line need not be installed.
  const env = { ...process.env, NODE_PATH: path.join(tools, 'node_modules') };
  await run(process.execPath, args, { cwd: home, env, output: 'capture' });
  await expectOutput(home, 'dist/server.cjs', WORKS);
}

async function inBundle(home) {
  await bundleAll(home, ['--loader:.node=copy']);
  await expectOutput(home, 'dist/server.cjs', WORKS);
}

async function inBundleAlone(home) {
  await bundleAll(home, ['--loader:.node=copy']);
  rmSync(path.join(home, 'node_modules'), { recursive: true });
  await expectOutput(home, 'dist/server.cjs', /^ERR_ISOLATE: .*Mark hookcell as external/);
}

async function withoutAddon(home) {
  await bundleAll(home, ['--external:*.node', '--external:@hookcell/*']);
  rmSync(path.join(home, 'node_modules'), { recursive: true });
  await expectOutput(home, 'dist/server.cjs', /hookcell found no addon .* mark hookcell and @hookcell\/\* as external/);
}

function bundleAll(home, options) {
  const args = ['server.mjs', '--bundle', '--platform=node', '--outfile=dist/server.cjs', '--log-level=error'];
  return runBundler('esbuild', [...args, ...options], home);
}

async function installWithYarn(home, { hookcell, addon }) {
  const binding = `@hookcell/binding-${path.basename(addonFile()).split('.')[1]}`;
  // With this, Yarn prepares Node.js for ES modules.
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { hookcell: `file:${hookcell}`, [binding]: `file:${addon}` },
  };
  writeFileSync(path.join(home, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(home, 'yarn.lock'), '');
  // In the project, so that nothing is left behind. In continuous integration, too, Yarn may write a lock file.
  const settings = [
    'nodeLinker: pnp',
    'enableGlobalCache: false',
    'enableTelemetry: false',
    'enableImmutableInstalls: false',
  ];
  writeFileSync(path.join(home, '.yarnrc.yml'), `${settings.join('\n')}\n`);
  await yarn(['install'], home);
}

async function plugAndPlay(home) {
  const output = await yarn(['node', 'server.mjs'], home);
  expect(output, WORKS);
}

async function yarn(args, home) {
  const program = path.join(tools, 'node_modules', '@yarnpkg', 'cli-dist', 'bin', 'yarn.js');
  const lines = [];
  try {
    await run(process.execPath, [program, ...args], { cwd: home, output: (line) => lines.push(line), title: 'yarn' });
  } catch (error) {
    throw new CommandError(`${error.message}\n${lines.join('\n')}`, { cause: error });
  }
  return lines.join('\n');
}

function runBundler(dependency, args, home) {
  const folder = path.join(tools, 'node_modules', dependency);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const script = path.join(folder, typeof bin === 'string' ? bin : Object.values(bin)[0]);
  return run(process.execPath, [script, ...args], { cwd: home, output: 'capture', title: dependency });
}

async function expectOutput(home, file, expected) {
  // Standard error shows why a program does not even start.
  const start = `require('node:child_process').spawnSync(process.execPath, [process.argv[1]], { encoding: 'utf8' })`;
  const script = `const { stdout, stderr } = ${start}; console.log(stdout + stderr);`;
  const output = await run(process.execPath, ['--eval', script, file], { cwd: home, output: 'capture' });
  expect(output, expected);
}

function expect(output, expected) {
  const matches = typeof expected === 'string' ? output.trim() === expected : expected.test(output.trim());
  if (!matches) {
    throw new CommandError(`it prints ${output.trim()}, not ${String(expected)}`);
  }
}

/** The first block of a tool's section. */
function blockOf(tool, language) {
  const [, section = ''] = page.split(`\n## ${tool}\n`);
  const match = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section);
  if (match === null) {
    throw new CommandError(`docs/bundling.md has no command for ${tool}`);
  }
  return match[1];
}
