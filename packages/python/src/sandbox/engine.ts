import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

import { PluginBuilder } from 'hookcell/builder';

import { Library } from './library.js';

const folder = path.join(__dirname, '../engine');
const decompress = promisify(brotliDecompress);

/** The engine is a module of 5 MB. */
const maxModuleBytes = 16_777_216;

/** What a plugin carries, for reports. */
export interface EngineInfo {
  name: string;
  version: string;
  /** The SHA-256 of the engine's module, in hexadecimal. */
  sha256: string;
}

/** A started CPython, and its standard library. */
export interface Engine {
  builder: PluginBuilder;
  library: Library;
  info: EngineInfo;
}

const loaded = new Map<string | undefined, Promise<Engine>>();

/**
 * The engine. The first call gets its machine code from `cacheDir` or compiles it, which takes some seconds; the process then
 * keeps it.
 */
export function loadEngine(cacheDir?: string): Promise<Engine> {
  const known = loaded.get(cacheDir);
  if (known !== undefined) {
    return known;
  }
  const engine = load(cacheDir);
  loaded.set(cacheDir, engine);
  engine.catch(() => loaded.delete(cacheDir));
  return engine;
}

async function load(cacheDir: string | undefined): Promise<Engine> {
  const [wasm, library] = await Promise.all([read('engine.wasm.br'), read('library.br')]);
  const builder = await PluginBuilder.load('Python engine', wasm, { cacheDir, maxModuleBytes });
  const [, version = ''] = /_([\d.]+)\.orig/.exec(readFileSync(path.join(folder, 'source.json'), 'utf8')) ?? [];
  return { builder, library: new Library(library), info: { name: 'CPython', version, sha256: sha256(wasm) } };
}

async function read(name: string): Promise<Buffer> {
  return decompress(await readFile(path.join(folder, name)));
}

/** A SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
