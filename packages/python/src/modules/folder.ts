import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { isDataFile, machineCode, metadataFile, metadataOf, moduleOf } from './module.js';
import type { DataFile, MachineModule, ModulePlace, SourceModule } from './module.js';

/** A package with more files, or folders, is not searched. */
const mostFiles = 10_000;

/** A folder that has modules, as one of `sys.path`. */
export class Folder implements ModulePlace {
  readonly #folder: string;
  readonly #shown: string;
  /** The names in a folder, or undefined if it is none. Of each folder that was asked for. */
  readonly #listed = new Map<string, Promise<ReadonlyMap<string, boolean> | undefined>>();

  /** @param shown what the names of its files begin with in messages */
  constructor(folder: string, shown: string) {
    this.#folder = folder;
    this.#shown = shown;
  }

  async find(name: string): Promise<SourceModule | MachineModule | undefined> {
    const parts = name.split('.');
    const last = parts.pop()!;
    const beside = await this.#list(parts.join('/'));
    if (beside === undefined) {
      return undefined;
    }
    const at = [...parts, last].join('/');
    if (beside.get(last) === false) {
      const inside = await this.#list(at);
      if (inside?.has('__init__.py')) {
        return await this.#read(name, `${at}/__init__.py`, true);
      }
    }
    if (beside.get(`${last}.py`) === true) {
      return await this.#read(name, `${at}.py`, false);
    }
    const machines = [...beside.keys()].find((file) => file.startsWith(`${last}.`) && machineCode.test(file));
    if (machines !== undefined) {
      return { name, machineCode: this.#name([...parts, machines].join('/')) };
    }
    // A package without a file of its own, if there is something in it.
    const hasModules = beside.get(last) === false && (await this.#hasModules(at));
    return hasModules
      ? { name, isPackage: true, file: this.#name(`${at}/__init__.py`), text: new Uint8Array() }
      : undefined;
  }

  async modulesIn(name: string): Promise<{ name: string; bytes: number }[]> {
    const files = await this.#filesIn(name, (file) => moduleOf(file) !== undefined);
    return (files ?? []).map(({ file, bytes }) => ({ name: moduleOf(file)!, bytes }));
  }

  async dataIn(name: string, most: number): Promise<DataFile[] | undefined> {
    const files = await this.#filesIn(name, isDataFile);
    if (files === undefined || files.reduce((sum, { bytes }) => sum + bytes, 0) > most) {
      return undefined;
    }
    return await Promise.all(
      files.map(async ({ file }) => ({ file: this.#name(file), bytes: await readFile(path.join(this.#folder, file)) })),
    );
  }

  async metadata(): Promise<DataFile[]> {
    const names = [...((await this.#list('')) ?? [])].flatMap(([name, isFile]) => (isFile ? [] : [name]));
    const inside = await Promise.all(
      names
        .filter((name) => name.endsWith('.dist-info'))
        .map(async (name) =>
          [...((await this.#list(name)) ?? new Map<string, boolean>()).keys()].map((file) => `${name}/${file}`),
        ),
    );
    const found = inside.flat().filter((file) => metadataFile.test(file));
    return await Promise.all(
      found.map(async (file) => metadataOf(file, await readFile(path.join(this.#folder, file)))),
    );
  }

  /** The files in a package and the packages in it, in the order of their names; undefined if they are too many. */
  async #filesIn(
    name: string,
    isTaken: (file: string) => boolean,
  ): Promise<{ file: string; bytes: number }[] | undefined> {
    const found: { file: string; bytes: number }[] = [];
    const folders = [name.replaceAll('.', '/')];
    let searched = 0;
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const [entry, isFile] of (await this.#list(folder)) ?? []) {
        const file = `${folder}/${entry}`;
        if (!isFile) {
          folders.push(file);
        } else if (isTaken(file)) {
          const { size } = await stat(path.join(this.#folder, file));
          found.push({ file, bytes: size });
        }
      }
      searched += 1;
      // Links may lead in circles.
      if (found.length > mostFiles || searched > mostFiles) {
        return undefined;
      }
    }
    return found.toSorted((one, other) => (one.file < other.file ? -1 : 1));
  }

  async #hasModules(at: string): Promise<boolean> {
    const inside = await this.#list(at);
    return [...(inside ?? [])].some(([file, isFile]) => (isFile ? file.endsWith('.py') : /^[\p{L}_]/u.test(file)));
  }

  /** Names, and whether each is a file. Compared in full, so that a file system without cases does not add names. */
  async #list(folder: string): Promise<ReadonlyMap<string, boolean> | undefined> {
    const known = this.#listed.get(folder) ?? this.#readFolder(folder);
    this.#listed.set(folder, known);
    return await known;
  }

  async #readFolder(folder: string): Promise<ReadonlyMap<string, boolean> | undefined> {
    try {
      const entries = await readdir(path.join(this.#folder, folder), { withFileTypes: true });
      return new Map(
        entries.map((entry) => [
          entry.name,
          !entry.isDirectory() && !(entry.isSymbolicLink() && !/\./.test(entry.name)),
        ]),
      );
    } catch {
      return undefined;
    }
  }

  async #read(name: string, file: string, isPackage: boolean): Promise<SourceModule> {
    const text = await readFile(path.join(this.#folder, file));
    return { name, isPackage, file: this.#name(file), text };
  }

  #name(file: string): string {
    return this.#shown === '' ? file : `${this.#shown}/${file}`;
  }
}
