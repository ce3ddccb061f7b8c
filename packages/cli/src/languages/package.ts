import { createRequire } from 'node:module';
import path from 'node:path';

import type { Tool } from './language.js';

/** The path of a module that a project has installed, or that is installed beside this command. */
export function resolveFrom(folder: string, module: string): string | undefined {
  for (const from of [path.join(path.resolve(folder), 'package.json'), __filename]) {
    try {
      return createRequire(from).resolve(module);
    } catch {
      // It may be in the other place.
    }
  }
  return undefined;
}

/** An npm package as a tool. */
export function packageTool(name: string): Tool {
  return {
    name,
    install: `npm install --save-dev ${name}`,
    find(folder) {
      const manifest = resolveFrom(folder, `${name}/package.json`);
      const version = manifest === undefined ? undefined : (require(manifest) as { version: string }).version;
      return Promise.resolve(version);
    },
  };
}
