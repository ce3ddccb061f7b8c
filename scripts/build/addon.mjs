import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, run, runTool } from './command.mjs';
import { isStamped, stamped } from './stamp.mjs';

const inputs = [
  '.cargo/config.toml',
  'Cargo.lock',
  'Cargo.toml',
  'build.rs',
  'crates',
  'package.json',
  'rust-toolchain.toml',
  'src',
];
const outputs = ['native'];

/** The native addon with its loader and types, in native/. */
export const addon = {
  notice: 'building the addon with cargo; the first time this compiles wasmtime and takes 5 to 10 minutes',

  isCurrent: () => addonFile() !== undefined && isStamped('addon', inputs, outputs),

  async make() {
    await requireRust();
    await stamped('addon', build, inputs, outputs);
  },
};

/** Builds the addon as it is published. */
async function build() {
  const args = ['build', '--platform', '--profile', 'dist', '--output-dir', 'native'];
  await runTool('@napi-rs/cli', [...args, '--', '--locked'], { command: 'napi' });
  // Formatted like all other files, so that the formatter needs no exception.
  await runTool('oxfmt', ['native/index.js', 'native/index.d.ts'], { output: 'capture' });
}

/** The addon that was built elsewhere and is already in native/. */
export const prebuiltAddon = {
  notice: 'looking for an addon in native/',
  isCurrent: () => addonFile() !== undefined,
  make() {
    throw new CommandError('native/ has no addon for this system');
  },
};

/** The path of the addon built for this system, or undefined. */
export function addonFile() {
  const folder = path.join(root, 'native');
  const prefix = `hookcell.${process.platform}-${process.arch}`;
  const found = (existsSync(folder) ? readdirSync(folder) : []).find(
    (name) => name.startsWith(prefix) && name.endsWith('.node'),
  );
  return found && path.join(folder, found);
}

async function requireRust() {
  try {
    await run('cargo', ['--version'], { output: 'capture' });
  } catch (cause) {
    throw new CommandError('the addon is written in Rust and cargo was not found; install it from https://rustup.rs', {
      cause,
    });
  }
}
