import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { HookcellError } from '../../errors.js';
import { shown } from '../../values/shown-text.js';
import { readBounded } from '../store/bounded-file.js';
import { digestOf } from '../store/digest.js';
import type { StoredManifest } from '../store/plugin-store.js';
import { SIGNATURE_ENDING } from '../trust/signature.js';

/** The ending of the files that a folder's plugins are in. */
const MODULE_ENDING = '.wasm';

/** A signature is a small file of JSON. */
const MOST_SIGNATURE_BYTES = 4_096;

/** How often a manifest may change while it is read. */
const MOST_ATTEMPTS = 10;

/** The most modules of a folder. */
const MOST_FILES = 10_000;

/** Where a set's plugins are listed: in a manifest, or by the files of a folder. */
export interface ManifestSource {
  readonly kind: 'manifest' | 'folder';
  /** The path of the manifest or the folder. */
  readonly path: string;
  /** The folder that the paths of files are relative to. */
  readonly folder: string;
}

/** The most bytes of what is read. */
export interface ReadBounds {
  readonly maxManifestBytes: number;
  readonly maxSourceBytes: number;
}

/**
 * Reads what lists the plugins of a set.
 *
 * @throws {@link HookcellError} `ERR_READ` if it cannot be read
 */
export async function readManifest(source: ManifestSource, bounds: ReadBounds): Promise<StoredManifest> {
  try {
    return source.kind === 'folder'
      ? { bytes: await listFolder(source.folder, bounds), signature: undefined }
      : await readSigned(source.path, bounds.maxManifestBytes);
  } catch (cause) {
    throw new HookcellError('ERR_READ', `${source.path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Reads a manifest and its signature, which may be replaced meanwhile, one after the other. */
async function readSigned(file: string, most: number): Promise<StoredManifest> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const bytes = await readBounded(file, most);
    const signature = await readSignature(`${file}${SIGNATURE_ENDING}`);
    if (bytes.equals(await readBounded(file, most))) {
      return { bytes, signature };
    }
  }
  throw new Error('it changes all the time');
}

async function readSignature(file: string): Promise<string | undefined> {
  try {
    return (await readBounded(file, MOST_SIGNATURE_BYTES)).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** A manifest of the modules in a folder, by the names of their files. */
async function listFolder(folder: string, { maxSourceBytes }: ReadBounds): Promise<Buffer> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(MODULE_ENDING) && !name.startsWith('.'));
  if (names.length > MOST_FILES) {
    throw new Error(`it has ${names.length} modules, more than ${MOST_FILES}`);
  }
  const plugins: object[] = [];
  for (const file of names.toSorted()) {
    const sha256 = await digestOf(await readModule(folder, file, maxSourceBytes));
    plugins.push({ name: file.slice(0, -MODULE_ENDING.length), file, sha256 });
  }
  return Buffer.from(JSON.stringify({ plugins }));
}

async function readModule(folder: string, file: string, most: number): Promise<Buffer> {
  try {
    return await readBounded(path.join(folder, file), most);
  } catch (cause) {
    throw new Error(`${shown(file)}: ${(cause as Error).message}`, { cause });
  }
}
