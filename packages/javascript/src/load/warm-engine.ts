import { WasmRuntime } from 'hookcell';

import { loadEngine } from '../sandbox/engine.js';
import type { Engine } from '../sandbox/engine.js';
import { prepareStripping } from '../strip/strip-client.js';
import { parseLoadSource } from './load-source-options.js';
import { buildPlugin } from '../build/build-plugin.js';

/** Options of {@link prepareLoadSource}. */
export interface PrepareOptions {
  /** A folder for the engine's machine code, as for a runtime. Default none: it is compiled once in each process. */
  cacheDir?: string | undefined;
}

let warmed: Promise<{ engine: Engine; keeper?: WasmRuntime }> | undefined;

/**
 * Gets the engine ready, so that the first {@link loadSource} does not wait for it: about two seconds without `cacheDir`, and 15 ms if
 * the engine's code is there. The process then keeps it.
 *
 * @throws {HookcellError} `ERR_CACHE_DIR`
 */
export async function prepareLoadSource(options: PrepareOptions = {}): Promise<void> {
  await warmEngine(options);
}

/** The engine, with the code that its plugins share. */
export async function warmEngine(options: PrepareOptions = {}): Promise<Engine> {
  warmed ??= warm(options).catch((error: unknown) => {
    warmed = undefined;
    throw error;
  });
  return (await warmed).engine;
}

async function warm(options: PrepareOptions) {
  const { maxStripBytes, build } = parseLoadSource();
  prepareStripping({ timeoutMs: build.limits.timeoutMs, maxStripBytes });
  const engine = await loadEngine(options.cacheDir);
  if (engine.runtime.holdsCodeOfPlugins) {
    return { engine };
  }
  // As long as one plugin is loaded, the others of this engine need not compile its code.
  const keeper = new WasmRuntime({ ...options, logger: false });
  const { wasm } = await buildPlugin(
    { source: 'export const before_hook = () => {};', filename: 'engine.js' },
    options,
  );
  await keeper.loadPluginBytes('JavaScript engine', wasm, { isolate: false });
  return { engine, keeper };
}
