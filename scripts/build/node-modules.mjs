import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, runNpm } from './command.mjs';

/** The development dependencies in package-lock.json. */
export const nodeModules = {
  notice: 'installing the development dependencies (npm ci)',

  // npm writes a list of what it installed when it is done. The list serves as the stamp, and covers `npm install` too. With
  // `--package-lock-only` npm writes the list and installs nothing, so this also looks for the folders.
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

  // No package here needs an install script, so none may run.
  make: () => runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']),
};

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
