import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, runNpm } from './command.mjs';

/** The development dependencies, as package-lock.json names them. */
export const nodeModules = {
  notice: 'installing the development dependencies (npm ci)',

  // npm keeps its own list of what it installed, written last: it is the stamp, and it follows `npm install` too. With
  // `--package-lock-only` npm writes the list and installs nothing, so the folders are looked for as well.
  isCurrent() {
    const list = path.join(root, 'node_modules', '.package-lock.json');
    if (!existsSync(list)) {
      return false;
    }
    const installed = readPackages(list);
    return Object.entries(readPackages(path.join(root, 'package-lock.json'))).every(
      ([folder, { version, integrity, optional }]) =>
        folder === '' ||
        (folder in installed && existsSync(path.join(root, folder))
          ? installed[folder].version === version && installed[folder].integrity === integrity
          : optional),
    );
  },

  // Nothing here needs an install script, so none may run.
  make: () => runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']),
};

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
