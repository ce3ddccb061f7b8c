import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { unzipSync } from 'fflate';

import { PluginBuildError } from '../errors.js';
import { machineCode, packagesFolder } from './module.js';
import type { ModulePlace, SourceModule } from './module.js';

/** The most bytes that the sources of a wheel may have. */
const mostBytes = 67_108_864;

/** A wheel: a zip file with a package. */
export class Wheel implements ModulePlace {
  readonly #files: Readonly<Record<string, Uint8Array>>;

  private constructor(files: Readonly<Record<string, Uint8Array>>) {
    this.#files = files;
  }

  /** @throws {PluginBuildError} `ERR_PACKAGE` if it cannot be read, or is not pure Python */
  static async read(file: string): Promise<Wheel> {
    const name = path.basename(file);
    // {distribution}-{version}(-{build})?-{python}-{abi}-{platform}.whl
    const [python = '', abi, platform] = name
      .replace(/\.whl$/, '')
      .split('-')
      .slice(-3);
    if (abi !== 'none' || platform !== 'any' || !python.split('.').some((tag) => /^(?:py|cp)3/.test(tag))) {
      throw notPure(
        name,
        `is a wheel for ${[python, abi, platform].join('-')}: a plugin takes pure Python 3 only (py3-none-any)`,
      );
    }
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw notPure(name, 'cannot be read', cause);
    });
    let total = 0;
    let machines: string | undefined;
    let files: Record<string, Uint8Array>;
    try {
      files = unzipSync(bytes, {
        filter(entry) {
          machines ??= machineCode.test(entry.name) ? entry.name : undefined;
          const isSource = entry.name.endsWith('.py');
          total += isSource ? entry.originalSize : 0;
          return isSource && total <= mostBytes;
        },
      });
    } catch (cause) {
      throw notPure(name, 'is no zip file that can be read', cause);
    }
    if (machines !== undefined) {
      throw notPure(name, `contains machine code (${machines}): a plugin takes pure Python only`);
    }
    if (total > mostBytes) {
      throw notPure(name, `has sources of more than ${mostBytes} bytes`);
    }
    // A null prototype: a name in a zip file is any text.
    return new Wheel(Object.assign(Object.create(null) as Record<string, Uint8Array>, files));
  }

  find(name: string): Promise<SourceModule | undefined> {
    const at = name.replaceAll('.', '/');
    const inside = this.#files[`${at}/__init__.py`];
    const alone = this.#files[`${at}.py`];
    const text = inside ?? alone ?? (this.#hasModules(at) ? new Uint8Array() : undefined);
    const isPackage = alone === undefined || inside !== undefined;
    const file = `${packagesFolder}/${at}${isPackage ? '/__init__' : ''}.py`;
    return Promise.resolve(text && { name, isPackage, file, text });
  }

  #hasModules(at: string): boolean {
    return Object.keys(this.#files).some((file) => file.startsWith(`${at}/`));
  }
}

function notPure(name: string, reason: string, cause?: unknown): PluginBuildError {
  return new PluginBuildError({ code: 'ERR_PACKAGE', message: `${name} ${reason}`, file: name }, { cause });
}
