import { closeSync, openSync, readSync } from 'node:fs';

/** A module of the standard library in the index of the engine's build. */
export interface Entry {
  readonly at: number;
  readonly length: number;
  readonly package: boolean;
  /** The modules that it imports when it is imported. */
  readonly imports: readonly string[];
  /** The modules that its functions import. */
  readonly late: readonly string[];
}

const lengthBytes = 4;

/** The file with the standard library: the length of its index, the index, and the bytecode of all modules. */
export class LibraryFile {
  readonly #path: string;
  #index: ReadonlyMap<string, Entry> | undefined;
  #codesBegin = 0;
  readonly #codes = new Map<string, Uint8Array>();

  constructor(path: string) {
    this.#path = path;
  }

  /** The modules, by their names. */
  index(): ReadonlyMap<string, Entry> {
    this.#index ??= this.#open((read) => {
      const length = read(0, lengthBytes).readUInt32LE();
      this.#codesBegin = lengthBytes + length;
      const index = JSON.parse(read(lengthBytes, length).toString()) as Record<string, Entry>;
      return new Map(Object.entries(index));
    });
    return this.#index;
  }

  /** The bytecode of these modules, which the index must have. */
  codes(names: readonly string[]): Uint8Array[] {
    const index = this.index();
    const missing = names.filter((name) => !this.#codes.has(name));
    if (missing.length > 0) {
      this.#open((read) => {
        for (const name of missing) {
          const { at, length } = index.get(name)!;
          this.#codes.set(name, read(this.#codesBegin + at, length));
        }
      });
    }
    return names.map((name) => this.#codes.get(name)!);
  }

  #open<T>(use: (read: (at: number, length: number) => Buffer) => T): T {
    const file = openSync(this.#path, 'r');
    try {
      return use((at, length) => {
        const bytes = Buffer.alloc(length);
        for (let done = 0; done < length;) {
          const read = readSync(file, bytes, done, length - done, at + done);
          if (read === 0) {
            throw new Error(`${this.#path} is cut off`);
          }
          done += read;
        }
        return bytes;
      });
    } finally {
      closeSync(file);
    }
  }
}
