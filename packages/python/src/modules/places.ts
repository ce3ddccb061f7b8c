import { stat } from 'node:fs/promises';
import path from 'node:path';

import type { ParsedOptions } from '../build/build-options.js';
import { PluginBuildError } from '../errors.js';
import { Folder } from './folder.js';
import { packagesFolder } from './module.js';
import type { ModulePlace } from './module.js';
import { openRequirements } from '../requirements/required-wheels.js';
import { Wheel } from '../wheels/wheel.js';

/**
 * The places of packages: folders and wheels, and the wheels that a requirements file names.
 *
 * @param version CPython's
 */
export async function openPackages(
  { packages, requirements }: Pick<ParsedOptions, 'packages' | 'requirements'>,
  version: string,
): Promise<ModulePlace[]> {
  const [given, required] = await Promise.all([
    Promise.all(packages.map((place) => open(path.resolve(place)))),
    requirements === undefined ? [] : openRequirements(requirements, version),
  ]);
  return [...given, ...required];
}

async function open(place: string): Promise<ModulePlace> {
  if (place.endsWith('.whl')) {
    return await Wheel.read(place);
  }
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    const name = path.basename(place);
    const message = `${name} is neither a folder nor a wheel (.whl) that can be read`;
    throw new PluginBuildError({ code: 'ERR_PACKAGE', message, file: name });
  }
  return new Folder(place, packagesFolder);
}
