import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
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
  const bytes = { compiler: read('compiler.wasm'), runtime: read('runtime.wasm') };
  const [compiler, runtime] = await Promise.all([
    PluginBuilder.load('JavaScript compiler', bytes.compiler, { cacheDir }),
    PluginBuilder.load('JavaScript runtime', bytes.runtime, { cacheDir }),
  ]);
  const [, name = '', version = ''] = /^([\w-]+)==([\w.]+)/.exec(read('requirements.txt').toString()) ?? [];
  return { compiler, runtime, info: { name, version, sha256: sha256(bytes.runtime) } };
}

function read(name: string): Buffer {
  return readFileSync(path.join(folder, name));
}

/** A SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
