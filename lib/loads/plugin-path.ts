import { pluginKey } from './plugin-key.js';
import { shown } from '../values/shown-text.js';
import { isUrl } from '../values/url.js';

/** A scheme of two letters or more, since `C://plugins` is a path. */
const REMOTE_URL = /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i;

/**
 * The path that a plugin is read from. Unlike a name it is that of a file.
 *
 * @throws `TypeError` where it is the URL of something else
 */
export function pluginPath(path: string | URL): string {
  const url = isUrl(path) ? path.href : path;
  if (typeof url === 'string' && REMOTE_URL.test(url.replace(/^wasm:/i, ''))) {
    throw new TypeError(
      `hookcell reads plugins from files only, and '${shown(url)}' is none: download its bytes, check them, ` +
        'and load them with loadPluginBytes',
    );
  }
  return pluginKey(path);
}
