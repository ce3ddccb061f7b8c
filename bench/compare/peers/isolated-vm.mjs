import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, runNpm } from '../../../scripts/build/command.mjs';

/** What to install, with a lock file of its own. */
const packages = fileURLToPath(new URL('isolated-vm/', import.meta.url));

/** Where it is installed. It compiles C++, which is not for everybody's `npm ci`. */
const home = path.join(root, 'target', 'bench', 'isolated-vm');

/** With Node.js's own start-up snapshot, isolates cannot be made. */
const FLAG = '--no-node-snapshot';

/** Installs isolated-vm; Python, make and a compiler of C++ must be there. */
export async function installIsolatedVm() {
  mkdirSync(home, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    copyFileSync(path.join(packages, file), path.join(home, file));
  }
  const node = path.resolve(process.execPath, '..', '..');
  // Headers that lie beside Node.js need no download.
  const headers = existsSync(path.join(node, 'include', 'node', 'node.h')) ? { npm_config_nodedir: node } : {};
  await runNpm(['ci', '--no-audit', '--no-fund'], { cwd: home, env: { ...process.env, ...headers } });
}

/** @returns {{ library?: typeof import('isolated-vm'), obstacle?: string }} the library, or why it is not there */
export function loadIsolatedVm() {
  if (!existsSync(path.join(home, 'node_modules', 'isolated-vm'))) {
    return { obstacle: 'npm run bench -- --with isolated-vm installs it' };
  }
  if (!process.execArgv.includes(FLAG)) {
    return { obstacle: `it needs node ${FLAG}, which npm run bench sets` };
  }
  try {
    return { library: createRequire(path.join(home, 'package.json'))('isolated-vm') };
  } catch (error) {
    return { obstacle: error.message };
  }
}
