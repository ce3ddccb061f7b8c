// The kits of plugin authors as their registries would have them: an npm package and two crates.

import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './command.mjs';
import { licenses } from './packages.mjs';
import { pack } from './tarball.mjs';

const crates = ['hookcell-pdk-macros', 'hookcell-pdk'];
const folder = path.join(root, 'target', 'pack', 'crates');
const rust = path.join(root, 'pdk', 'rust');
const assemblyscript = path.join(root, 'pdk', 'assemblyscript', 'hookcell');

/** The kits that a registry has, with the versions that they say they are. */
export function kitVersions() {
  const { name, version } = JSON.parse(readFileSync(path.join(assemblyscript, 'package.json'), 'utf8'));
  const [, ofCrates] = /^\[workspace\.package\]\nversion = "(.+)"$/m.exec(
    readFileSync(path.join(rust, 'Cargo.toml'), 'utf8'),
  );
  return { [name]: version, 'hookcell-pdk': ofCrates };
}

/** Packs the kit of AssemblyScript. Resolves with the path of its tarball. */
export function packAssemblyScriptKit() {
  for (const license of licenses) {
    copyFileSync(path.join(root, license), path.join(assemblyscript, license));
  }
  return pack(assemblyscript, ['asconfig.json', 'index.ts', 'transform.mjs', ...licenses]);
}

/** Packs the crates of the kit of Rust. Resolves with their paths. */
export async function packCrates() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const packages = crates.flatMap((name) => ['--package', name]);
  await run('cargo', ['package', ...packages, '--no-verify', '--allow-dirty', '--quiet', '--target-dir', folder], {
    cwd: rust,
  });
  return crates.map((name) => path.join(folder, 'package', `${name}-${kitVersions()['hookcell-pdk']}.crate`));
}

/**
 * Packs the crates and unpacks them, because cargo has no use for a packed crate outside a registry.
 *
 * @returns {Promise<Record<string, string>>} the folder of each crate
 */
export async function packRustKit() {
  const packed = await packCrates();
  for (const file of packed) {
    await run('tar', ['-xzf', file, '-C', folder]);
  }
  return Object.fromEntries(
    crates.map((name, index) => [name, path.join(folder, path.basename(packed[index], '.crate'))]),
  );
}
