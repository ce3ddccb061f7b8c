import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from '../build/command.mjs';

const packages = ['rustc-web', 'rust-web-src', 'lld'];
const rustc = '/usr/bin/rustc';
const library = '/usr/lib/rustlib/src/rust/library';

/**
 * Rust from Debian's packages, for machines on which rustup reaches no server. They have no standard library for wasm32, so
 * cargo builds one from its sources.
 */
export const debianRust = {
  name: 'rust-debian',
  args: ['-Zbuild-std=std,panic_abort'],
  env: {
    RUSTC: rustc,
    // Without this, a stable compiler refuses -Z.
    RUSTC_BOOTSTRAP: '1',
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: 'wasm-ld',
  },

  isInstalled() {
    return existsSync(rustc) && existsSync(library) && isOnPath('wasm-ld');
  },

  /** Why it cannot be installed, or undefined. */
  obstacle() {
    if (!isOnPath('apt-get')) {
      return 'there is no apt-get to install it with';
    }
    return process.getuid() === 0 ? undefined : `as root, apt-get could install ${packages.join(' ')}`;
  },

  async install() {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '--quiet'], { env });
    // rustc-web and Debian's rustc exclude each other, and this script does not remove an installed rustc.
    const options = ['--yes', '--quiet', '--no-install-recommends', '--no-remove'];
    await run('apt-get', ['install', ...options, ...packages], { env });
  },
};

function isOnPath(program) {
  return process.env.PATH.split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));
}
