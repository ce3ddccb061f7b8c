// What a package finds while it runs, by names that it makes: no import says so.

import type { Compiled } from './gathered.js';
import { packagesFolder } from './module.js';
import type { DataFile, ModulePlace, SourceModule } from './module.js';

/** The most bytes of the modules in a folder that are taken because one of them imports by names. */
const mostBytes = 1_048_576;

const importsByName = /import_module|__import__/;
const readsData = /get_data|\bresources\b|open_text|open_binary|read_text|read_binary|read_bytes|\bopen\s*\(|__file__/;

const readsMetadata = /importlib[._]metadata|importlib import metadata|\bpkg_resources\b/;

/** An import by a call with the name of a module. */
const importCall = /\b(?:import_module|__import__|find_spec)\(\s*["'](?<name>[\w.]+)["']/g;

/** Modules that functions of the standard library import, by the name of what leads there. */
const unsaid: readonly [RegExp, string][] = [
  [/\bstrptime\b/, '_strptime'],
  [/\bsingledispatch/, 'typing'],
  [/\bruntime_checkable\b/, 'inspect'],
  [/\bexpandvars\b/, 're'],
];

/** Encodings by their names in texts. */
const encoding =
  /\b(?:(?<name>idna|koi8[-_][rtu]|mac[-_]?roman|rot[-_]?13|utf[-_]?7)|(?:windows[-_]?|cp)(?<page>\d{3,4})|(?:iso[-_]?8859[-_]?|latin[-_]?)(?<part>\d{1,2}))\b/gi;

/** The names of all modules in the folder of a package that imports by names, if they are few. */
export async function modulesByName(compiled: Compiled, places: readonly ModulePlace[]): Promise<string[]> {
  const inside = folderOf(compiled, importsByName);
  if (inside === undefined) {
    return [];
  }
  const found = (await Promise.all(places.map((place) => place.modulesIn(inside)))).flat();
  const total = found.reduce((sum, { bytes }) => sum + bytes, 0);
  return total <= mostBytes ? found.map(({ name }) => name) : [];
}

/** The data files of packages. */
export interface Data {
  files: DataFile[];
  /** Folders with files that are left out, because they have more bytes than `maxDataBytes`. */
  leftOut: string[];
  /** Does a package read files, also if there are none? */
  isRead: boolean;
}

/** The data files of packages whose modules read some: of the whole package, or else of the folder of the module. */
export async function dataOf(
  compiled: readonly Compiled[],
  places: readonly ModulePlace[],
  most: number,
): Promise<Data> {
  const folders = new Set(compiled.flatMap((each) => folderOf(each, readsData) ?? []));
  const hasMetadata = compiled.some(({ module }) => readsMetadata.test(textOf(module)));
  const metadata = hasMetadata ? (await Promise.all(places.map((place) => place.metadata()))).flat() : [];
  const files = new Map(metadata.map((each) => [each.file, each]));
  const leftOut = new Set<string>();
  for (const folder of [...folders].toSorted()) {
    for (const place of places) {
      const whole = folder.split('.')[0]!;
      let found = await place.dataIn(whole, most);
      if (found === undefined) {
        leftOut.add(`${packagesFolder}/${whole}`);
        found = folder === whole ? [] : await place.dataIn(folder, most);
      }
      for (const each of found ?? []) {
        files.set(each.file, each);
      }
    }
  }
  const sorted = [...files.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1));
  return { files: sorted, leftOut: [...leftOut], isRead: hasMetadata || folders.size > 0 };
}

/** The names in calls that import by a name. */
export function namesInCalls({ module: source }: Compiled): string[] {
  return [...textOf(source).matchAll(importCall)].map(({ groups }) => groups!['name']!);
}

/** The modules that a source needs, and no import says so: of encodings, and those that functions of the standard library import. */
export function unsaidOf({ module: source }: Compiled): string[] {
  const text = textOf(source);
  const modules = unsaid.filter(([pattern]) => pattern.test(text)).map(([, name]) => name);
  const encodings = [...text.matchAll(encoding)].map(({ groups }) => {
    const { name, page, part } = groups!;
    const module = name ?? (page === undefined ? `iso8859_${part}` : `cp${page}`);
    // One separator, if any, before digits or `roman`: the names of modules have it.
    return `encodings.${module
      .toLowerCase()
      .replace(/^(mac|rot|utf)[-_]?/, '$1_')
      .replaceAll('-', '_')}`;
  });
  return [...modules, ...encodings];
}

/** The package that a module is in, if it is of a package and its source has such a name. */
function folderOf({ module }: Compiled, pattern: RegExp): string | undefined {
  const { name, isPackage, file } = module;
  const inside = isPackage ? name : name.split('.').slice(0, -1).join('.');
  const isOfPackage = file.startsWith(`${packagesFolder}/`) && inside !== '';
  return isOfPackage && pattern.test(textOf(module)) ? inside : undefined;
}

/** A source as a text, for names in ASCII. */
function textOf({ text }: SourceModule): string {
  return Buffer.from(text).toString('latin1');
}
