import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, run } from '../build/command.mjs';

/** npm's committed lock files, as paths from the root. */
export async function npmLockFiles() {
  const listed = await run('git', ['ls-files', '-z', '--', '*package-lock.json'], { output: 'capture' });
  return listed.split('\0').filter(Boolean);
}

/** They must work on every platform and with every registry. */
export async function checkLockFiles() {
  for (const file of await npmLockFiles()) {
    const { packages } = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
    const locked = new Set(Object.keys(packages).map((folder) => folder.split('node_modules/').at(-1)));
    for (const [folder, { resolved, optionalDependencies = {} }] of Object.entries(packages)) {
      // With an address, everyone would download from the registry that the author used.
      if (resolved?.includes('://')) {
        throw new CommandError(`${file}: ${folder} names ${resolved}; an .npmrc like the root's is missing beside it`);
      }
      // npm leaves out a platform's package that it did not find. `npm ci` then refuses the whole file.
      const missing = Object.keys(optionalDependencies).filter((name) => !locked.has(name));
      if (missing.length > 0) {
        throw new CommandError(`${file}: ${folder} needs ${missing.join(', ')} on other platforms`);
      }
    }
  }
}
