import { resolve } from 'node:path';

import { isFileUrl, pathOfUrl } from '../loads/plugin-key.js';
import { shown } from '../values/shown-text.js';
import { checkWellFormed } from '../values/well-formed.js';

/** Reads an option that is a directory, as a path or a `file:` URL. Returns an absolute path. */
export function parseDirectory(option: string, value: string | URL): string {
  const expected = `${option} must be a path or a file: URL`;
  const isPath = typeof value === 'string' && !isFileUrl(value);
  const directory = isPath ? value : pathOfUrl(value, expected);
  if (directory === '' || directory.includes('\0')) {
    throw new TypeError(`${expected}, got the string "${shown(directory)}"`);
  }
  checkWellFormed(option, directory);
  return resolve(directory);
}
