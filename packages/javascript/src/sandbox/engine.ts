import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { PluginBuilder } from 'hookcell/builder';

const folder = path.join(__dirname, '../engine');

/** What a plugin carries, for reports. */
export interface EngineInfo {
  name: string;
  version: string;
  /** The SHA-256 of the engine's module, in hexadecimal. */
  sha256: string;
}

/** The two modules of the engine: one has the parser, and the other one is what plugins carry. */
export interface Engine {
  compiler: PluginBuilder;
  runtime: PluginBuilder;
  info: EngineInfo;
}

const loaded = new Map<string | undefined, Promise<Engine>>();

/**
 * The engine. The first call gets its machine code from `cacheDir` or compiles it, which takes about a second; the process then
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
  const digests = JSON.parse(readText('digests.json')) as Record<string, string>;
  const builder = (name: 'compiler' | 'runtime') => {
    const file = { sha256: digests[`${name}.wasm`]!, read: () => readFile(path.join(folder, `${name}.wasm`)) };
    return PluginBuilder.load(`JavaScript ${name}`, file, { cacheDir });
  };
  const [compiler, runtime] = await Promise.all([builder('compiler'), builder('runtime')]);
  const [, name = '', version = ''] = /^([\w-]+)==([\w.]+)/.exec(readText('requirements.txt')) ?? [];
  return { compiler, runtime, info: { name, version, sha256: digests['runtime.wasm']! } };
}

function readText(name: string): string {
  return readFileSync(path.join(folder, name), 'utf8');
}

/** A SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
