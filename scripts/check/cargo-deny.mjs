// The crates that the addon depends on, and known problems with them. The rules are in .cargo/deny.toml.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { root, run } from '../build/command.mjs';
import { orSkipped } from './skipped.mjs';

const version = '0.20.2';
const folder = path.join(root, 'target', 'tools');
const ours = path.join(folder, 'bin', process.platform === 'win32' ? 'cargo-deny.exe' : 'cargo-deny');

/** Checks what needs no network: their licenses, their sources, and features that must be off. */
export async function checkCrates() {
  await orSkipped('the crates could not be fetched', () => run('cargo', ['fetch', '--locked', '--quiet']));
  await deny('check', '--hide-inclusion-graph', 'bans', 'licenses', 'sources');
}

/** Checks the advisories of the RustSec database. */
export async function checkCrateAdvisories() {
  await orSkipped('the RustSec database could not be fetched', () => deny('fetch', 'db'));
  await deny('check', 'advisories');
}

async function deny(...args) {
  await run(await findProgram(), ['--locked', ...args], { title: `cargo-deny ${args[0]}` });
}

/** The program on the PATH if it has this version. Otherwise one is built here, once. */
async function findProgram() {
  for (const program of ['cargo-deny', ours]) {
    if (await isOfVersion(program)) {
      return program;
    }
  }
  console.log(`building cargo-deny ${version} into target/tools, which takes a minute or two`);
  // Without optimization it builds three times as fast, and it only runs for a second.
  const args = ['install', `cargo-deny@${version}`, '--debug', '--locked', '--quiet', '--force', '--root', folder];
  const env = { ...process.env, CARGO_PROFILE_DEV_DEBUG: '0' };
  await orSkipped('cargo-deny could not be installed', () => run('cargo', args, { env }));
  return ours;
}

async function isOfVersion(program) {
  if (path.isAbsolute(program) && !existsSync(program)) {
    return false;
  }
  try {
    const output = await run(program, ['--version'], { output: 'capture' });
    return output.trim() === `cargo-deny ${version}`;
  } catch {
    return false;
  }
}
