// The kits of plugin authors as their registries would have them: an npm package and two crates.

import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './command.mjs';
import { pack } from './tarball.mjs';

const crates = ['hookcell-pdk-macros', 'hookcell-pdk'];
const version = '0.1.0';

/** Packs the kit of AssemblyScript. Resolves with the path of its tarball. */
export function packAssemblyScriptKit() {
  return pack(path.join(root, 'pdk', 'assemblyscript', 'hookcell'), ['asconfig.json', 'index.ts', 'transform.mjs']);
}

/**
 * Packs the crates of the kit of Rust, and unpacks them, because cargo has no use for a packed crate outside a registry.
 *
 * @returns {Promise<Record<string, string>>} the folder of each crate
 */
export async function packRustKit() {
  const folder = path.join(root, 'target', 'pack', 'crates');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const packages = crates.flatMap((name) => ['--package', name]);
  await run('cargo', ['package', ...packages, '--no-verify', '--allow-dirty', '--quiet', '--target-dir', folder], {
    cwd: path.join(root, 'pdk', 'rust'),
  });
  const folders = {};
  for (const name of crates) {
    const file = path.join(folder, 'package', `${name}-${version}.crate`);
    await run('tar', ['-xzf', file, '-C', folder]);
    folders[name] = path.join(folder, `${name}-${version}`);
  }
  return folders;
}
