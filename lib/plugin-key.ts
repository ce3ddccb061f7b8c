import { fileURLToPath } from 'node:url';

import { kindOf } from './value-kind.js';

const WASM_PREFIX = /^wasm:/i;
const FILE_URL = /^file:/i;

/**
 * The path or name that the addon knows a plugin by. Every method reads its plugin here, so that a spelling means the
 * same plugin to all of them; links and relative paths are resolved by the addon.
 */
export function pluginKey(plugin: string | URL): string {
  const key = typeof plugin === 'string' ? keyOfString(plugin) : pathOfUrl(plugin);
  if (key === '') {
    throw new TypeError('a plugin must be a path or a name, got an empty string');
  }
  if (key.includes('\0')) {
    throw new TypeError(`a plugin's path or name cannot hold a null character: ${JSON.stringify(key)}`);
  }
  return key;
}

function keyOfString(plugin: string): string {
  const bare = WASM_PREFIX.test(plugin) ? plugin.slice('wasm:'.length) : plugin;
  return FILE_URL.test(bare) ? pathOfUrl(bare) : bare;
}

function pathOfUrl(url: string | URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    // Node throws a `URIError` for a broken percent escape, and each kind from the realm it was itself loaded in.
    const shown = typeof url === 'string' || url instanceof URL ? `'${String(url)}'` : kindOf(url);
    throw new TypeError(`a plugin must be a path, a name or a file: URL, got ${shown}`, { cause });
  }
}
