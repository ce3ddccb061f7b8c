import type { LoadOptions } from '../../options/load-options.js';
import type { WasmRuntime } from '../../runtime.js';
import { isUrl } from '../../values/url.js';
import { isRecord, kindOf } from '../../values/value-kind.js';
import { rewordedError } from '../failure/reworded-error.js';

/** A plugin in a file, with the options of its load. */
export interface PluginFile extends LoadOptions {
  path: string | URL;
}

/** A plugin that is not in a file, with the options of its load. */
export interface PluginBytes extends LoadOptions {
  name: string;
  bytes: Uint8Array;
}

/** A plugin to load: the path of its file, or an object with the options of its load. */
export type PluginSource = string | URL | PluginFile | PluginBytes;

/**
 * Loads plugins, all at the same time.
 *
 * @throws an error of the same code or kind as the first load that failed, which names its plugin
 */
export async function loadPlugins(
  runtime: Pick<WasmRuntime, 'loadPlugin' | 'loadPluginBytes'>,
  plugins: readonly PluginSource[] = [],
): Promise<void> {
  if (!Array.isArray(plugins)) {
    throw new TypeError(`plugins must be an array, got ${kindOf(plugins)}`);
  }
  await Promise.all(Array.from(plugins, (plugin) => loadPlugin(runtime, plugin)));
}

async function loadPlugin(
  runtime: Pick<WasmRuntime, 'loadPlugin' | 'loadPluginBytes'>,
  source: PluginSource,
): Promise<void> {
  if (typeof source === 'string' || isUrl(source)) {
    await loadPlugin(runtime, { path: source });
    return;
  }
  if (!isRecord(source)) {
    throw new TypeError(`a plugin must be a path, or an object with a path or a name, got ${kindOf(source)}`);
  }
  try {
    if ('bytes' in source) {
      const { name, bytes, ...options } = source;
      await runtime.loadPluginBytes(name, bytes, options);
    } else {
      const { path, ...options } = source;
      await runtime.loadPlugin(path, options);
    }
  } catch (error) {
    const plugin = String('bytes' in source ? source.name : source.path);
    throw rewordedError(`the plugin ${plugin} did not load: ${(error as Error).message}`, error);
  }
}
