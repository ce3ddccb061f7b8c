import { fileURLToPath } from 'node:url';

import { kindOf } from './value-kind.js';

const EXPECTED = 'a plugin must be a path, a name or a file: URL';
const WASM_PREFIX = /^wasm:/i;
/** How a `file:` URL begins. */
export const FILE_URL = /^file:/i;

/**
 * The path or name that the addon knows a plugin by. Every method reads its plugin here, so that a spelling means the
 * same plugin to all of them; links and relative paths are resolved by the addon.
 */
export function pluginKey(plugin: string | URL): string {
  const key = typeof plugin === 'string' ? keyOfString(plugin) : pathOfUrl(plugin, EXPECTED);
  if (key === '') {
    throw new TypeError('a plugin must be a path or a name, got an empty string');
  }
  if (key.includes('\0')) {
    throw new TypeError(`a plugin's path or name cannot hold a null character: ${JSON.stringify(key)}`);
  }
  return key;
}

/** The same for a plugin that has a name of its own, and not the path of a file. */
export function pluginName(name: string): string {
  if (typeof name !== 'string') {
    throw new TypeError(`the name must be a string, got ${kindOf(name)}`);
  }
  return pluginKey(name);
}

function keyOfString(plugin: string): string {
  const bare = WASM_PREFIX.test(plugin) ? plugin.slice('wasm:'.length) : plugin;
  return FILE_URL.test(bare) ? pathOfUrl(bare, EXPECTED) : bare;
}

/** The path that a `file:` URL means. `expected` begins the error where it is none. */
export function pathOfUrl(url: string | URL, expected: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    // Node throws a `URIError` for a broken percent escape, and each kind from the realm it was itself loaded in.
    const shown = typeof url === 'string' || url instanceof URL ? `'${String(url)}'` : kindOf(url);
    throw new TypeError(`${expected}, got ${shown}`, { cause });
  }
}
