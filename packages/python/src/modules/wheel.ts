import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { unzipSync } from 'fflate';

import { PluginBuildError } from '../errors.js';
import { isPureTag } from '../requirements/wheel-name.js';
import { isDataFile, machineCode, moduleOf, packagesFolder } from './module.js';
import type { DataFile, ModulePlace, SourceModule } from './module.js';

/** The most bytes that the files of a wheel may have. */
const mostBytes = 67_108_864;
/** Larger data files are not read. */
const mostDataBytes = 1_048_576;

/** A wheel: a zip file with a package. */
export class Wheel implements ModulePlace {
  readonly #files: Readonly<Record<string, Uint8Array>>;

  private constructor(files: Readonly<Record<string, Uint8Array>>) {
    this.#files = files;
  }

  /**
   * @param check throws if these are not the bytes that the wheel should have
   * @throws {PluginBuildError} `ERR_PACKAGE` if it cannot be read, or is not pure Python
   */
  static async read(file: string, check?: (bytes: Uint8Array) => void): Promise<Wheel> {
    const name = path.basename(file);
    // {distribution}-{version}(-{build})?-{python}-{abi}-{platform}.whl
    const [python = '', abi = '', platform = ''] = name
      .replace(/\.whl$/, '')
      .split('-')
      .slice(-3);
    if (!isPureTag(python, abi, platform)) {
      throw notPure(
        name,
        `is a wheel for ${[python, abi, platform].join('-')}: a plugin takes pure Python 3 only (py3-none-any)`,
      );
    }
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw notPure(name, 'cannot be read', cause);
    });
    check?.(bytes);
    let total = 0;
    let machines: string | undefined;
    let files: Record<string, Uint8Array>;
    try {
      files = unzipSync(bytes, {
        filter(entry) {
          machines ??= machineCode.test(entry.name) ? entry.name : undefined;
          const isTaken = entry.name.endsWith('.py') || (isDataFile(entry.name) && entry.originalSize <= mostDataBytes);
          total += isTaken ? entry.originalSize : 0;
          return isTaken && total <= mostBytes;
        },
      });
    } catch (cause) {
      throw notPure(name, 'is no zip file that can be read', cause);
    }
    if (machines !== undefined) {
      throw notPure(name, `contains machine code (${machines}): a plugin takes pure Python only`);
    }
    if (total > mostBytes) {
      throw notPure(name, `has files of more than ${mostBytes} bytes`);
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

  modulesIn(name: string): Promise<{ name: string; bytes: number }[]> {
    return Promise.resolve(
      this.#inside(name).flatMap(([file, { length }]) => {
        const module = moduleOf(file);
        return module === undefined ? [] : [{ name: module, bytes: length }];
      }),
    );
  }

  dataIn(name: string, most: number): Promise<DataFile[]> {
    const found = this.#inside(name).filter(([file]) => isDataFile(file));
    const total = found.reduce((sum, [, { length }]) => sum + length, 0);
    return Promise.resolve(
      total > most ? [] : found.map(([file, bytes]) => ({ file: `${packagesFolder}/${file}`, bytes })),
    );
  }

  #inside(name: string): [string, Uint8Array][] {
    const begin = `${name.replaceAll('.', '/')}/`;
    return Object.entries(this.#files).filter(([file]) => file.startsWith(begin));
  }

  #hasModules(at: string): boolean {
    return Object.keys(this.#files).some((file) => file.startsWith(`${at}/`));
  }
}

function notPure(name: string, reason: string, cause?: unknown): PluginBuildError {
  return new PluginBuildError({ code: 'ERR_PACKAGE', message: `${name} ${reason}`, file: name }, { cause });
}
