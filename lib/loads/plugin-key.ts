import { fileURLToPath } from 'node:url';

import { shown } from '../values/shown-text.js';
import { kindOf } from '../values/value-kind.js';
import { checkWellFormed } from '../values/well-formed.js';

const WASM_PREFIX = 'wasm:';
const FILE_PREFIX = 'file:';

/**
 * The path or name that the addon knows a plugin by. Every method reads its plugin here, so that a spelling means the
 * same plugin to all of them; links and relative paths are resolved by the addon. The key of a key is that key.
 *
 * There is no regular expression on the way: near the end of the stack, V8 fails to compile one with a `SyntaxError`.
 *
 * @param what - the argument, as an error names it
 */
export function pluginKey(plugin: string | URL, what = 'a plugin'): string {
  const key = typeof plugin === 'string' ? keyOfString(plugin, what) : pathOfUrl(plugin, expected(what));
  if (key === '') {
    throw new TypeError(`${what} must be a path or a name, got an empty string`);
  }
  if (key.includes('\0')) {
    throw new TypeError(`${what} cannot hold a null character in its path or name, got '${shown(key)}'`);
  }
  return key;
}

/** The same for a plugin that has a name of its own, and not the path of a file. */
export function pluginName(name: string): string {
  if (typeof name !== 'string') {
    throw new TypeError(`the name must be a string, got ${kindOf(name)}`);
  }
  const key = pluginKey(name, 'the name');
  if (key !== name) {
    // As a prefix it is no part of the name, so this would be taken for the plugin of another name.
    throw new TypeError(`the name cannot begin with 'wasm:' or 'file:', got '${shown(name)}'; leave the prefix out`);
  }
  return key;
}

/** Does it begin as a `file:` URL does? */
export function isFileUrl(text: string): boolean {
  return hasPrefix(text, FILE_PREFIX);
}

function keyOfString(plugin: string, what: string): string {
  checkWellFormed(what, plugin);
  const bare = hasPrefix(plugin, WASM_PREFIX) ? plugin.slice(WASM_PREFIX.length) : plugin;
  if (hasPrefix(bare, WASM_PREFIX)) {
    throw new TypeError(
      `${what} has the prefix 'wasm:' more than once: '${shown(plugin)}'; write it once, or leave it out`,
    );
  }
  return isFileUrl(bare) ? pathOfUrl(bare, expected(what)) : bare;
}

function hasPrefix(text: string, prefix: string): boolean {
  return text.slice(0, prefix.length).toLowerCase() === prefix;
}

function expected(what: string): string {
  return `${what} must be a path, a name or a file: URL`;
}

/** The path that a `file:` URL means. `expectation` begins the error where it is none. */
export function pathOfUrl(url: string | URL, expectation: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    // Node throws a `URIError` for a broken percent escape, and each kind from the realm it was itself loaded in.
    const given = typeof url === 'string' || url instanceof URL ? `'${shown(String(url))}'` : kindOf(url);
    throw new TypeError(`${expectation}, got ${given}`, { cause });
  }
}
