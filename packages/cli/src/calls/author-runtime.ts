import { HookcellError, WasmRuntime } from 'hookcell';

import { pluginCache } from '../shared/cache-home.js';

const MOST_CACHE_BYTES = 256 * 1_048_576;

/**
 * A runtime for the commands: it logs nothing, and finds the compiled code of an earlier command, so that a plugin that did not
 * change starts at once. Without a folder that only this user can write to, it compiles every time.
 */
export function openRuntime(): WasmRuntime {
  try {
    return new WasmRuntime({ logger: false, cacheDir: pluginCache(), maxCacheBytes: MOST_CACHE_BYTES });
  } catch (error) {
    if (error instanceof HookcellError && error.code === 'ERR_CACHE_DIR') {
      return new WasmRuntime({ logger: false });
    }
    throw error;
  }
}
