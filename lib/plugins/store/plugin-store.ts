import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

import { HookcellError } from '../../errors.js';
import { writeAtomically } from './atomic-file.js';
import { readBounded } from './bounded-file.js';
import { digestOf } from './digest.js';

/**
 * Manifests are small; this many are kept besides those that are in use. There may be twice as many before the oldest are looked for,
 * because that asks for the time of each.
 */
const MOST_MANIFESTS = 100;

/** A part of a file that was never put in place is removed after this time. */
const STALE_MS = 3_600_000;

const DIGEST = /^[0-9a-f]{64}$/;

/** A manifest with its signature. */
export interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly signature: string | undefined;
}

/** Files by the SHA-256 of their content. What is read is checked again, so damage or a stranger's file cannot be taken for them. */
export class PluginStore {
  readonly directory: string;
  readonly #maxBytes: number;
  readonly #modules: string;
  readonly #manifests: string;
  /** The sizes of the modules, by the names of their files. Files of other processes are added when they are seen. */
  #sizes = new Map<string, number>();
  /** Two modules must not be promised the same room. */
  #keeping: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, maxBytes: number) {
    this.directory = directory;
    this.#maxBytes = maxBytes;
    this.#modules = path.join(directory, 'modules');
    this.#manifests = path.join(directory, 'manifests');
  }

  /**
   * @param maxBytes - the most bytes of all modules
   * @throws {@link HookcellError} `ERR_STORE` if the directory cannot be made
   */
  static async open(directory: string, maxBytes: number): Promise<PluginStore> {
    const store = new PluginStore(directory, maxBytes);
    await attempt(directory, async () => {
      await mkdir(store.#modules, { recursive: true, mode: 0o700 });
      await mkdir(store.#manifests, { recursive: true, mode: 0o700 });
      await removeStaleParts(store.#modules);
      await removeStaleParts(store.#manifests);
    });
    return store;
  }

  /** The module of this digest; `undefined` if the store does not have it, or what it has is damaged. */
  async module(sha256: string): Promise<Buffer | undefined> {
    return await readChecked(path.join(this.#modules, `${sha256}.wasm`), sha256, this.#maxBytes);
  }

  /**
   * Keeps a module, whose digest is known. Older modules that are not in use make room.
   *
   * @param inUse - digests of modules that must stay
   * @throws {@link HookcellError} `ERR_STORE`
   */
  async keepModule(sha256: string, bytes: Uint8Array, inUse: ReadonlySet<string>): Promise<void> {
    const earlier = this.#keeping;
    const keeping = attempt(this.directory, async () => {
      await earlier;
      await this.#makeRoom(bytes.length, new Set([...inUse, sha256]));
      const name = `${sha256}.wasm`;
      await writeAtomically(path.join(this.#modules, name), bytes);
      this.#sizes.set(name, bytes.length);
    });
    this.#keeping = keeping.catch(() => {});
    await keeping;
  }

  /** Marks a module as used, so that others make room first. */
  async touchModule(sha256: string): Promise<void> {
    const now = new Date();
    await utimes(path.join(this.#modules, `${sha256}.wasm`), now, now).catch(() => {});
  }

  /** The manifest of this digest; `undefined` if the store does not have it. */
  async manifest(sha256: string, most: number): Promise<StoredManifest | undefined> {
    const file = path.join(this.#manifests, `${sha256}.json`);
    const bytes = await readChecked(file, sha256, most);
    if (bytes === undefined) {
      return undefined;
    }
    const signature = await readBounded(`${file}.sig`, most).catch(() => undefined);
    return { bytes, signature: signature?.toString() };
  }

  /**
   * Keeps a manifest and its signature.
   *
   * @param inUse - digests of manifests that must stay
   * @throws {@link HookcellError} `ERR_STORE`
   */
  async keepManifest(sha256: string, { bytes, signature }: StoredManifest, inUse: ReadonlySet<string>): Promise<void> {
    await attempt(this.directory, async () => {
      const file = path.join(this.#manifests, `${sha256}.json`);
      if (signature === undefined) {
        await rm(`${file}.sig`, { force: true });
      } else {
        await writeAtomically(`${file}.sig`, signature);
      }
      await writeAtomically(file, bytes);
      await this.#forgetManifests(new Set([...inUse, sha256]));
    });
  }

  /** Asks only for the sizes of modules that are new here, because a store may have thousands, and for the times only if it is full. */
  async #makeRoom(length: number, inUse: ReadonlySet<string>): Promise<void> {
    const names = await namesOf(this.#modules, '.wasm');
    const sizeOfModule = async (name: string) =>
      this.#sizes.get(name) ?? (await sizeOf(path.join(this.#modules, name)));
    const sizes = await Promise.all(names.map(sizeOfModule));
    this.#sizes = new Map(names.map((name, index) => [name, sizes[index] ?? 0]));
    let bytes = sizes.reduce((sum, size) => sum + size, length);
    const files = bytes <= this.#maxBytes ? [] : await filesOf(this.#modules, '.wasm');
    for (const file of files) {
      if (bytes <= this.#maxBytes) {
        return;
      }
      if (!inUse.has(file.digest)) {
        await rm(file.path, { force: true });
        bytes -= file.size;
      }
    }
    if (bytes > this.#maxBytes) {
      throw new Error(`the modules in use have ${bytes} bytes, more than maxStoreBytes (${this.#maxBytes})`);
    }
  }

  async #forgetManifests(inUse: ReadonlySet<string>): Promise<void> {
    const names = await namesOf(this.#manifests, '.json');
    if (names.length - inUse.size <= 2 * MOST_MANIFESTS) {
      return;
    }
    const files = (await filesOf(this.#manifests, '.json')).filter(({ digest }) => !inUse.has(digest));
    for (const file of files.slice(0, Math.max(0, files.length - MOST_MANIFESTS))) {
      await rm(file.path, { force: true });
      await rm(`${file.path}.sig`, { force: true });
    }
  }
}

async function readChecked(file: string, sha256: string, most: number): Promise<Buffer | undefined> {
  // A digest of a job comes from a queue, and must not name a file elsewhere.
  if (!DIGEST.test(sha256)) {
    return undefined;
  }
  try {
    const bytes = await readBounded(file, most);
    if ((await digestOf(bytes)) === sha256) {
      return bytes;
    }
    await rm(file, { force: true });
  } catch {
    // It is not there, or cannot be used: the module is fetched again.
  }
  return undefined;
}

async function namesOf(folder: string, ending: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(ending));
}

/** The size of a file; 0 if another process has removed it. */
async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}

/** The files of a folder by digest, the least recently used first. */
async function filesOf(
  folder: string,
  ending: string,
): Promise<{ path: string; digest: string; size: number; time: number }[]> {
  const names = await namesOf(folder, ending);
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      // Another process may have removed it.
      const { size, mtimeMs } = await stat(file).catch(() => ({ size: 0, mtimeMs: 0 }));
      return { path: file, digest: name.slice(0, -ending.length), size, time: mtimeMs };
    }),
  );
  return files.toSorted((one, other) => one.time - other.time);
}

async function removeStaleParts(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.part'))) {
    const part = path.join(folder, name);
    const { mtimeMs } = await stat(part).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > STALE_MS) {
      await rm(part, { force: true });
    }
  }
}

async function attempt(directory: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    throw storeError(directory, cause);
  }
}

/** The store cannot be read or written. */
export function storeError(directory: string, cause: unknown): HookcellError {
  const advice = 'set storeDir to a directory that can be written, or to false to keep nothing';
  const message = `the directory ${directory} cannot be used: ${(cause as Error).message} (${advice})`;
  return new HookcellError('ERR_STORE', message, { cause });
}
