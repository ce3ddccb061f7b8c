import { HookcellError } from '../errors.js';
import type { LoadOptions } from '../load-options.js';
import type { WasmRuntime } from '../runtime.js';
import { kindOf } from '../value-kind.js';

/** A plugin in a file, with how it is loaded. */
export interface PluginFile extends LoadOptions {
  path: string | URL;
}

/** A plugin that is not in a file, with how it is loaded. */
export interface PluginBytes extends LoadOptions {
  name: string;
  bytes: Uint8Array;
}

/** A plugin to load: the path of its file, or an object with how it is loaded. */
export type PluginSource = string | URL | PluginFile | PluginBytes;

/**
 * Loads plugins, all at once.
 *
 * @throws an error of the same code, or else of the same kind, that names the first that did not load, and says why
 */
export async function loadPlugins(
  runtime: Pick<WasmRuntime, 'loadPlugin' | 'loadPluginBytes'>,
  plugins: readonly PluginSource[] = [],
): Promise<void> {
  if (!Array.isArray(plugins)) {
    throw new TypeError(`plugins must be an array, got ${kindOf(plugins)}`);
  }
  await Promise.all(plugins.map((plugin) => loadPlugin(runtime, plugin)));
}

async function loadPlugin(
  runtime: Pick<WasmRuntime, 'loadPlugin' | 'loadPluginBytes'>,
  source: PluginSource,
): Promise<void> {
  if (typeof source === 'string' || source instanceof URL) {
    await loadPlugin(runtime, { path: source });
    return;
  }
  if (kindOf(source) !== 'an object') {
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
    throw loadError('bytes' in source ? source.name : source.path, error);
  }
}

function loadError(plugin: string | URL, cause: unknown): Error {
  const { message } = cause as Error;
  const text = `the plugin ${String(plugin)} did not load: ${message}`;
  if (cause instanceof HookcellError) {
    const { code, limit } = cause;
    return new HookcellError(code, text, { cause, limit });
  }
  return cause instanceof RangeError ? new RangeError(text, { cause }) : new TypeError(text, { cause });
}
