import { stat } from 'node:fs/promises';
import path from 'node:path';

import { PluginBuildError } from '../errors.js';
import { Folder } from './folder.js';
import { packagesFolder } from './module.js';
import type { ModulePlace } from './module.js';
import { Wheel } from './wheel.js';

/** The places of packages: folders and wheels. */
export function openPackages(packages: readonly string[]): Promise<ModulePlace[]> {
  return Promise.all(packages.map((place) => open(path.resolve(place))));
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
