import path from 'node:path';

import type { Requirements } from '../requirements/required-wheels.js';

/** @throws {TypeError} */
export function parsePackages(packages: unknown): readonly string[] {
  if (!Array.isArray(packages) || packages.some((place) => typeof place !== 'string')) {
    throw new TypeError('packages must be an array of paths');
  }
  return packages as string[];
}

/** @throws {TypeError} */
export function parseRequirements(requirements: unknown, wheels: unknown): Requirements | undefined {
  if (requirements === undefined) {
    if (wheels !== undefined) {
      throw new TypeError('wheels is the folder of requirements, and there is no requirements');
    }
    return undefined;
  }
  if (typeof requirements !== 'string' || requirements === '') {
    throw new TypeError('requirements must be the path of a requirements file');
  }
  if (wheels !== undefined && (typeof wheels !== 'string' || wheels === '')) {
    throw new TypeError('wheels must be the path of a folder');
  }
  const file = path.resolve(requirements);
  return { file, wheels: wheels === undefined ? path.join(path.dirname(file), 'wheels') : path.resolve(wheels) };
}
