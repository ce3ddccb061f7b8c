import { fileURLToPath } from 'node:url';

import { shown } from '../values/shown-text.js';
import { kindOf } from '../values/value-kind.js';
import { checkWellFormed } from '../values/well-formed.js';

const WASM_PREFIX = 'wasm:';
const FILE_PREFIX = 'file:';

/**
 * The path or name that identifies a plugin to the addon, which resolves links and relative paths. Every method reads its
 * plugin here, so that a spelling means the same plugin everywhere. The key of a key is that key.
 *
 * It uses no regular expression: near the end of the stack, V8 fails to compile one with a `SyntaxError`.
 *
 * @param what - the argument's name, for an error
 */
export function pluginKey(plugin: string | URL, what = 'a plugin'): string {
  const key = typeof plugin === 'string' ? keyOfString(plugin, what) : pathOfUrl(plugin, expected(what));
  if (key === '') {
    throw new TypeError(`${what} must be a path or a name, got an empty string`);
  }
  if (key.includes('\0')) {
    throw new TypeError(`${what} cannot have a null character in its path or name, got '${shown(key)}'`);
  }
  return key;
}

/** The same for a plugin that has a name instead of the path of a file. */
export function pluginName(name: string): string {
  if (typeof name !== 'string') {
    throw new TypeError(`the name must be a string, got ${kindOf(name)}`);
  }
  const key = pluginKey(name, 'the name');
  if (key !== name) {
    // A prefix is not part of a name, so this would mean a plugin of another name.
    throw new TypeError(`the name cannot begin with 'wasm:' or 'file:', got '${shown(name)}'; leave the prefix out`);
  }
  return key;
}

/** Does the text begin with `file:`? */
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

/** The path of a `file:` URL. `expectation` begins the error for anything else. */
export function pathOfUrl(url: string | URL, expectation: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    // Node.js throws a `URIError` for a broken percent escape, and its errors come from another realm under Jest.
    const given = typeof url === 'string' || url instanceof URL ? `'${shown(String(url))}'` : kindOf(url);
    throw new TypeError(`${expectation}, got ${given}`, { cause });
  }
}
