import { LibraryFile } from './library-file.js';
import type { Entry } from './library-file.js';

/** A compiled module. */
export interface Bytecode {
  readonly name: string;
  readonly isPackage: boolean;
  readonly code: Uint8Array;
}

/** Python's own version of a module in C, which is imported if that is missing. It never is. */
const inC = new Set(['_pydatetime', '_pydecimal']);

/** What modules need and do not import: those in C, and those whose functions import more than `mostLate`. */
const unsaid: Readonly<Record<string, readonly string[]>> = {
  datetime: ['_strptime'],
  time: ['_strptime'],
  decimal: ['numbers', 'collections'],
  pickle: ['_compat_pickle', 'copyreg'],
  'importlib.metadata': ['importlib.metadata._adapters'],
  pkgutil: ['re', 'typing'],
};

/** A module that functions of the standard library import comes with it if it is at most so many bytes, with all that it imports. */
const mostLate = 131_072;

/** Encodings are found by a name in a text. These are small, and always there. */
const always = [
  'utf_8_sig',
  'utf_16',
  'utf_16_le',
  'utf_16_be',
  'utf_32',
  'cp1252',
  'iso8859_1',
  'iso8859_15',
  'unicode_escape',
]
  .concat(['raw_unicode_escape', 'hex_codec', 'punycode'])
  .map((name) => `encodings.${name}`);

/** The bytecode of the standard library, which is read as it is needed. */
export class Library {
  readonly #file: LibraryFile;

  /** @param path the file: the length of the index, the index, the bytecode of all modules */
  constructor(path: string) {
    this.#file = new LibraryFile(path);
  }

  has(name: string): boolean {
    return this.#index.has(name);
  }

  /** The modules of these names with all that they import, by name. Names that it does not have are left out. */
  modules(wanted: Iterable<string>): Bytecode[] {
    const found = new Set<string>();
    this.#add([...wanted, ...always], found);
    // What functions import later, if it is small.
    for (const name of [...found].toSorted()) {
      for (const late of this.#index.get(name)!.late) {
        const more = new Set(found);
        this.#add([late], more);
        if (this.#bytes(more) - this.#bytes(found) <= mostLate) {
          this.#add([late], found);
        }
      }
    }
    const names = [...found].toSorted();
    const codes = this.#file.codes(names);
    return names.map((name, index) => ({ name, isPackage: this.#index.get(name)!.package, code: codes[index]! }));
  }

  get #index(): ReadonlyMap<string, Entry> {
    return this.#file.index();
  }

  #add(names: readonly string[], found: Set<string>): void {
    const waiting = [...names];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      waiting.push(...(unsaid[name] ?? []));
      for (const each of withParents(name)) {
        const entry = this.#index.get(each);
        if (entry !== undefined && !found.has(each) && !inC.has(each)) {
          found.add(each);
          waiting.push(...entry.imports, ...(unsaid[each] ?? []));
        }
      }
    }
  }

  #bytes(names: Iterable<string>): number {
    return [...names].reduce((sum, name) => sum + this.#index.get(name)!.length, 0);
  }
}

/** `a.b.c`: `a`, `a.b`, `a.b.c`. */
export function withParents(name: string): string[] {
  const parts = name.split('.');
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
}
