import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, runNpm, runTool } from './command.mjs';
import { licenseFiles, writeLicenses } from './licenses.mjs';
import { nameOfCopy, packages } from './packages.mjs';

const folder = path.join(root, 'target', 'pack');

/** Packs the package as it is published. Resolves with the path of its tarball. */
export function packPackage() {
  return pack(root);
}

/** Packs the other packages of the workspace. Resolves with the paths of their tarballs, in the order of the list. */
export async function packPackages() {
  const tarballs = [];
  for (const { folder: home, copies } of packages) {
    const copied = Object.entries(copies).flatMap(([into, files]) =>
      files.map((file) => `dist/${into}/${nameOfCopy(file)}`),
    );
    tarballs.push(await pack(path.join(root, home), copied));
  }
  return tarballs;
}

/**
 * Packs an addon as the package of its platform. Resolves with the path of its tarball.
 *
 * @param {string} file the addon
 */
export async function packAddon(file) {
  const homes = path.join(folder, 'npm');
  rmSync(homes, { recursive: true, force: true });
  await runTool('@napi-rs/cli', ['create-npm-dirs', '--npm-dir', homes], { command: 'napi', output: 'capture' });
  // hookcell.linux-x64-gnu.node belongs in npm/linux-x64-gnu.
  const name = path.basename(file);
  const home = path.join(homes, name.split('.')[1]);
  copyFileSync(file, path.join(home, name));
  await writeLicenses(home);
  return pack(home, [name, ...licenseFiles]);
}

/**
 * Packs a package, and checks that the tarball has some of its files.
 *
 * @param {string} source its folder
 * @param {string[]} [expected] files that must be in it
 */
export async function pack(source, expected = []) {
  mkdirSync(folder, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename, files }] = JSON.parse(await runNpm(args, { cwd: source, output: 'capture' }));
  const packed = new Set(files.map((file) => file.path));
  const missing = expected.filter((name) => !packed.has(name));
  if (missing.length > 0) {
    throw new CommandError(`${filename} lacks ${missing.join(', ')}`);
  }
  return path.join(folder, filename);
}
