// What the crates beneath the addon are, and what is known of them. The rules are in .cargo/deny.toml.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { root, run } from '../build/command.mjs';
import { orSkipped } from './skipped.mjs';

const version = '0.20.2';
const folder = path.join(root, 'target', 'tools');
const ours = path.join(folder, 'bin', process.platform === 'win32' ? 'cargo-deny.exe' : 'cargo-deny');

/** Their licenses, where they come from, and features that must be off: all that they tell themselves. */
export async function checkCrates() {
  await orSkipped('the crates could not be fetched', () => run('cargo', ['fetch', '--locked', '--quiet']));
  await deny('check', '--hide-inclusion-graph', 'bans', 'licenses', 'sources');
}

/** What the RustSec database says of them. */
export async function checkCrateAdvisories() {
  await orSkipped('the RustSec database could not be fetched', () => deny('fetch', 'db'));
  await deny('check', 'advisories');
}

async function deny(...args) {
  await run(await findProgram(), ['--locked', ...args], { title: `cargo-deny ${args[0]}` });
}

/** The one on the PATH, where it is of this version, or else one that is built here, once. */
async function findProgram() {
  for (const program of ['cargo-deny', ours]) {
    if (await isOfVersion(program)) {
      return program;
    }
  }
  console.log(`building cargo-deny ${version} into target/tools, which takes a minute or two`);
  // Without optimisation it builds three times as fast, and has a second's work to do.
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
