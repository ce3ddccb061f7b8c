import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { PluginBuildError } from '../errors.js';
import { isDataFile, machineCode, metadataFile, metadataOf, moduleOf, packagesFolder } from '../modules/module.js';
import type { DataFile, ModulePlace, SourceModule } from '../modules/module.js';
import { isPureTag } from './wheel-name.js';
import { ZipFile } from './zip-file.js';
import type { ZipEntry } from './zip-file.js';

/** The most bytes of a wheel, and of the modules in it. */
const mostBytes = 67_108_864;
const mostMetadata = 1_048_576;

/** A wheel: a zip file with a package. What is imported is decompressed, and nothing else. */
export class Wheel implements ModulePlace {
  readonly #name: string;
  readonly #zip: ZipFile;
  /** Each folder with files in it or below. */
  readonly #folders = new Set<string>();

  private constructor(name: string, zip: ZipFile) {
    this.#name = name;
    this.#zip = zip;
    for (const file of zip.entries.keys()) {
      for (let end = file.lastIndexOf('/'); end > 0 && !this.#folders.has(file.slice(0, end));) {
        this.#folders.add(file.slice(0, end));
        end = file.lastIndexOf('/', end - 1);
      }
    }
  }

  /**
   * @param check throws if these are not the bytes that the wheel should have
   * @throws {PluginBuildError} `ERR_PACKAGE` if it cannot be read, or is not pure Python
   */
  static async read(file: string, check?: (bytes: Uint8Array) => Promise<void>): Promise<Wheel> {
    const name = path.basename(file);
    // {distribution}-{version}(-{build})?-{python}-{abi}-{platform}.whl
    const [python = '', abi = '', platform = ''] = name
      .replace(/\.whl$/, '')
      .split('-')
      .slice(-3);
    if (!isPureTag(python, abi, platform)) {
      throw refusal(
        name,
        `is a wheel for ${[python, abi, platform].join('-')}: a plugin takes pure Python 3 only (py3-none-any)`,
      );
    }
    const bytes = await readBounded(file).catch((cause: unknown) => {
      throw cause instanceof PluginBuildError ? cause : refusal(name, 'cannot be read', cause);
    });
    await check?.(bytes);
    const zip = open(name, bytes);
    const machine = [...zip.entries.keys()].find((entry) => machineCode.test(entry));
    if (machine !== undefined) {
      throw refusal(name, `contains machine code (${shown(machine)}): a plugin takes pure Python only`);
    }
    const modules = [...zip.entries.values()].filter((entry) => entry.name.endsWith('.py'));
    if (modules.reduce((sum, { size }) => sum + size, 0) > mostBytes) {
      throw refusal(name, `has modules of more than ${mostBytes} bytes`);
    }
    return new Wheel(name, zip);
  }

  async find(name: string): Promise<SourceModule | undefined> {
    const at = name.replaceAll('.', '/');
    const inside = this.#zip.entries.get(`${at}/__init__.py`);
    const alone = this.#zip.entries.get(`${at}.py`);
    const entry = inside ?? alone;
    if (entry === undefined && !this.#folders.has(at)) {
      return undefined;
    }
    const isPackage = alone === undefined || inside !== undefined;
    const file = `${packagesFolder}/${at}${isPackage ? '/__init__' : ''}.py`;
    return { name, isPackage, file, text: entry === undefined ? new Uint8Array() : await this.#read(entry) };
  }

  modulesIn(name: string): Promise<{ name: string; bytes: number }[]> {
    return Promise.resolve(
      this.#inside(name).flatMap(({ name: file, size }) => {
        const module = moduleOf(file);
        return module === undefined ? [] : [{ name: module, bytes: size }];
      }),
    );
  }

  async dataIn(name: string, most: number): Promise<DataFile[] | undefined> {
    const found = this.#inside(name).filter(({ name: file }) => isDataFile(file));
    if (found.reduce((sum, { size }) => sum + size, 0) > most) {
      return undefined;
    }
    return await Promise.all(
      found.map(async (entry) => ({ file: `${packagesFolder}/${entry.name}`, bytes: await this.#read(entry) })),
    );
  }

  async metadata(): Promise<DataFile[]> {
    const found = [...this.#zip.entries.values()].filter(
      ({ name, size }) => metadataFile.test(name) && size <= mostMetadata,
    );
    return await Promise.all(found.map(async (entry) => metadataOf(entry.name, await this.#read(entry))));
  }

  async #read(entry: ZipEntry): Promise<Buffer> {
    try {
      return await this.#zip.read(entry);
    } catch (cause) {
      throw refusal(
        this.#name,
        `has a file that cannot be read, ${shown(entry.name)}: ${(cause as Error).message}`,
        cause,
      );
    }
  }

  #inside(name: string): ZipEntry[] {
    const begin = `${name.replaceAll('.', '/')}/`;
    return [...this.#zip.entries.values()].filter((entry) => entry.name.startsWith(begin));
  }
}

async function readBounded(file: string): Promise<Buffer> {
  const { size } = await stat(file);
  if (size > mostBytes) {
    throw refusal(path.basename(file), `has more than ${mostBytes} bytes`);
  }
  return await readFile(file);
}

function open(name: string, bytes: Buffer): ZipFile {
  try {
    return new ZipFile(bytes);
  } catch (cause) {
    throw refusal(name, `is no zip file that can be read: ${(cause as Error).message}`, cause);
  }
}

/** A name in a zip file is any text. */
function shown(name: string): string {
  return name.slice(0, 200).replaceAll(/\p{C}/gu, '?');
}

function refusal(name: string, reason: string, cause?: unknown): PluginBuildError {
  return new PluginBuildError({ code: 'ERR_PACKAGE', message: `${name} ${reason}`, file: name }, { cause });
}
