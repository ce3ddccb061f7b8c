// Installs the two tarballs of `npm run pack` in an empty folder, without network and without Rust on the PATH, and runs
// scripts/consumer/ there.
//
//   node scripts/verify-pack.mjs <package tarball> <addon tarball>

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommandError, root, run, runNpm, runTool } from './build/command.mjs';
import { assembleFixture } from './build/fixture.mjs';
import { runChecks, withoutRust } from './consumer-checks.mjs';
import { serveNest } from './consumer-nest.mjs';
import { codeBlocks, firstLines, servePage } from './consumer-page.mjs';

const tarballs = process.argv.slice(2).map((file) => path.resolve(file));
const home = mkdtempSync(path.join(tmpdir(), 'hookcell-consumer-'));
const env = withoutRust(process.env);

const checks = [
  ['there is no Rust on the PATH', expectNoRust],
  ['both install without the network', install],
  ['require works', () => run(process.execPath, ['require.cjs'], { cwd: home, env })],
  ['import works', () => run(process.execPath, ['import.mjs'], { cwd: home, env })],
  ["the README's ten lines run", () => runReadme(0, 'readme.mjs')],
  ['so they do in CommonJS', () => runReadme(1, 'readme.cjs')],
  ["the ten lines of Express's page serve, on Express 5", () => serveFramework('express', 'express')],
  ["the ten lines of Express's page serve, on Express 4", () => serveFramework('express', 'express4')],
  ["the ten lines of Fastify's page serve", () => serveFramework('fastify', 'fastify')],
  ["the ten lines of Hono's page serve", () => serveFramework('hono', 'hono', '@hono/node-server')],
  ["the ten lines of Koa's page serve", () => serveFramework('koa', 'koa', '@koa/bodyparser')],
  ['the ten lines without a framework run', runOperation],
  ['the other entries work as ES modules, each as one copy', () => useEntries('entries.mjs')],
  ['so they do in CommonJS, and with their peers', () => useEntries('entries.cjs')],
  ['so they do from CommonJS', () => run(process.execPath, ['frameworks.cjs'], { cwd: home, env })],
  ...[11, 12].map((version) => [
    `the ten lines of Nest's page serve, on Nest ${version}`,
    () => serveNest(version, { home, env }),
  ]),
  ['strict TypeScript accepts the types', compile],
];

try {
  cpSync(path.join(root, 'scripts', 'consumer'), home, { recursive: true });
  writeFileSync(path.join(home, 'package.json'), '{ "private": true }\n');
  writeFileSync(path.join(home, 'plugin.wasm'), await assembleFixture('pass_through'));
  await runChecks(checks);
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function expectNoRust() {
  try {
    await run('cargo', ['--version'], { cwd: home, env, output: 'capture' });
  } catch {
    return;
  }
  throw new CommandError('cargo was found');
}

// An empty cache, so that nothing can come from anywhere but the tarballs.
function install() {
  const cache = path.join(home, '.npm');
  const args = ['install', '--offline', '--cache', cache, '--no-audit', '--no-fund', ...tarballs];
  return runNpm(args, { cwd: home, env, output: 'capture' });
}

// Its comment says what it prints.
async function runReadme(block, file) {
  const lines = codeBlocks('README.md')[block];
  const [, expected] = /\/\/ (accepted: .*)/.exec(lines);
  writeFileSync(path.join(home, file), lines);
  const output = await run(process.execPath, [file], { cwd: home, env, output: 'capture' });
  if (output.trim() !== expected) {
    throw new CommandError(`they print ${output.trim()}, not ${expected}`);
  }
}

// The last comment says what they print.
async function runOperation() {
  const lines = firstLines('docs/hooks.md');
  const [, expected] = /console\.log\(user\); \/\/ (.*)/.exec(lines);
  writeFileSync(path.join(home, 'operation.mjs'), lines);
  const output = await run(process.execPath, ['operation.mjs'], { cwd: home, env, output: 'capture' });
  if (output.trim() !== expected) {
    throw new CommandError(`they print ${output.trim()}, not ${expected}`);
  }
}

/** The entries that are not those of a framework with a page above, with the optional peers of some. */
function useEntries(file) {
  for (const peer of ['bullmq', 'hono', '@opentelemetry/api', 'prom-client']) {
    link(peer);
  }
  return run(process.execPath, [file], { cwd: home, env });
}

async function serveFramework(name, folder, ...others) {
  link(name, folder);
  for (const other of others) {
    link(other);
  }
  await servePage(`docs/${name}.md`, { home, env });
}

// A user would install the framework. This links the repository's own, which needs no network.
function link(name, folder = name) {
  const linked = path.join(home, 'node_modules', name);
  mkdirSync(path.dirname(linked), { recursive: true });
  rmSync(linked, { force: true });
  symlinkSync(path.join(root, 'node_modules', folder), linked, 'junction');
}

function compile() {
  // These and the compiler are linked, too. Not here but in `npm run check`: Hono's own types need those of browsers, and those of
  // Koa another version of content-disposition than Express.
  for (const name of ['express', 'fastify', 'hooks']) {
    writeFileSync(path.join(home, `${name}.page.mts`), firstLines(`docs/${name}.md`));
  }
  const types = path.join(home, 'node_modules', '@types');
  rmSync(types, { force: true });
  symlinkSync(path.join(root, 'node_modules', '@types'), types, 'junction');
  return runTool('typescript', ['--project', home], { command: 'tsc', cwd: home });
}
