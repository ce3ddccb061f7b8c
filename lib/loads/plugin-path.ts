import { pluginKey } from './plugin-key.js';
import { shown } from '../values/shown-text.js';
import { isUrl } from '../values/url.js';

/** The scheme has at least two letters, because `C://plugins` is a path. */
const REMOTE_URL = /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i;

/**
 * The path of a plugin's file.
 *
 * @throws `TypeError` for a URL that is not of a file
 */
export function pluginPath(path: string | URL): string {
  const url = isUrl(path) ? path.href : path;
  if (typeof url === 'string' && REMOTE_URL.test(url.replace(/^wasm:/i, ''))) {
    throw new TypeError(
      `hookcell reads plugins from files only, and '${shown(url)}' is not a file: download its bytes, check them, ` +
        'and load them with loadPluginBytes',
    );
  }
  return pluginKey(path);
}
