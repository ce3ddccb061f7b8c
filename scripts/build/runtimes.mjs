// Other versions of Node.js, and other runtimes, for the tests. They come from npm packages that contain the program and
// need no install script.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, run, runNpm } from './command.mjs';

const folder = path.join(root, 'target', 'runtimes');
const systems = { linux: 'linux', darwin: 'darwin', win32: 'win' };
const exe = process.platform === 'win32' ? '.exe' : '';

/** The other runtimes and the versions that are tested. */
const others = {
  bun: {
    version: '1.4.5',
    // On x64 the build that needs no AVX2.
    name: (arch) => `@oven/bun-${process.platform}-${arch === 'arm64' ? 'aarch64' : 'x64-baseline'}`,
    program: `bin/bun${exe}`,
    args: [],
  },
  deno: {
    version: '2.9.6',
    name: (arch) => `@deno/${process.platform}-${arch}${process.platform === 'linux' ? '-glibc' : ''}`,
    program: `deno${exe}`,
    args: ['run', '--allow-all', '--quiet'],
  },
};

/**
 * The program of a runtime. Installs it if it is missing.
 *
 * @param {string} runtime `bun`, `deno`, or a major version of Node.js, such as `24`
 * @returns {Promise<{ program: string, args: string[], version: string }>} `args` come before the script
 * @throws {CommandError} if there is no such runtime for this system
 */
export async function runtimeProgram(runtime) {
  if (runtime === process.versions.node.split('.')[0]) {
    return { program: process.execPath, args: [], version: `Node.js ${process.versions.node}` };
  }
  const other = Object.hasOwn(others, runtime) ? others[runtime] : undefined;
  const wanted = other === undefined ? nodePackage(runtime) : `${other.name(process.arch)}@${other.version}`;
  const home = await install(runtime, wanted);
  const program = path.join(home, other?.program ?? (process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'));
  if (!existsSync(program)) {
    throw new CommandError(`${wanted} does not contain ${path.relative(home, program)}`);
  }
  const said = await run(program, ['--version'], { output: 'capture' });
  const version = other === undefined ? `Node.js ${said.trim().replace(/^v/, '')}` : `${runtime} ${other.version}`;
  return { program, args: other?.args ?? [], version };
}

function nodePackage(major) {
  const system = systems[process.platform];
  if (!/^\d+$/.test(major)) {
    throw new CommandError(`${major} is not a runtime: name bun, deno, or major versions of Node.js such as 22,24`);
  }
  if (system === undefined || !['x64', 'arm64'].includes(process.arch)) {
    throw new CommandError(`npm has no Node.js ${major} for ${process.platform} on ${process.arch}`);
  }
  return `node-${system}-${process.arch}@${major}`;
}

async function install(runtime, wanted) {
  const prefix = path.join(folder, runtime);
  const stamp = path.join(prefix, 'installed.txt');
  const home = path.join(prefix, 'node_modules', wanted.slice(0, wanted.lastIndexOf('@')));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return home;
  }
  console.log(`installing ${wanted} into ${path.relative(root, prefix)} (about 100 MB)`);
  mkdirSync(prefix, { recursive: true });
  writeFileSync(path.join(prefix, 'package.json'), '{ "private": true }\n');
  const args = [
    'install',
    '--ignore-scripts',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    wanted,
  ];
  try {
    await runNpm(args, { cwd: prefix, output: 'capture' });
  } catch (cause) {
    throw new CommandError(`${wanted} cannot be installed here: ${cause.message}`, { cause });
  }
  writeFileSync(stamp, wanted);
  return home;
}
