import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { PluginBuilder } from 'hookcell/builder';

import { Library } from './library.js';

const folder = path.join(__dirname, '../engine');

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
  const { 'engine.wasm': digest } = JSON.parse(readText('digests.json')) as { 'engine.wasm': string };
  const file = { sha256: digest, read: () => readFile(path.join(folder, 'engine.wasm')) };
  const builder = await PluginBuilder.load('Python engine', file, { cacheDir, maxModuleBytes });
  const [, version = ''] = /_([\d.]+)\.orig/.exec(readText('source.json')) ?? [];
  const library = new Library(path.join(folder, 'library'));
  return { builder, library, info: { name: 'CPython', version, sha256: digest } };
}

function readText(name: string): string {
  return readFileSync(path.join(folder, name), 'utf8');
}

/** A SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
