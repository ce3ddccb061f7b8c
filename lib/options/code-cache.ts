import { resolve } from 'node:path';

import type { CodeCacheSettings } from '../native.js';
import { isFileUrl, pathOfUrl } from '../loads/plugin-key.js';
import { shown } from '../values/shown-text.js';
import { checkWellFormed } from '../values/well-formed.js';
import { wholeNumber } from '../values/whole-number.js';

/** Where compiled code is kept, so that a plugin compiles once and not at every start of the server. */
export interface CodeCacheOptions {
  /**
   * A directory for compiled code: a path or a `file:` URL. Default none. It is made where it is missing, for its user
   * alone (mode 0700), and may be shared by runtimes and processes, of other versions as well.
   *
   * Code that is loaded is run, so the constructor refuses, with `ERR_CACHE_DIR`, a directory that is a link, belongs to
   * another user, or can be written by others; on Windows, one that is a link or outside the user's profile. Every file
   * is sealed with a secret that lies in the directory. One that is damaged, cut short or not sealed by it is not used:
   * the plugin is compiled, and the file replaced. Nobody is held off who can write files with your rights.
   */
  cacheDir?: string | URL | undefined;

  /**
   * The most that the files in `cacheDir` take, in bytes; those that were not used for longest are removed. Default
   * 1,073,741,824 (1 GiB), 1,048,576 (1 MiB) to 2^53 - 1. Every process that writes there may go a 16th beyond.
   */
  maxCacheBytes?: number | undefined;
}

const EXPECTED = 'cacheDir must be a path or a file: URL';
const size = { name: 'maxCacheBytes', min: 1_048_576, max: Number.MAX_SAFE_INTEGER, default: 1_073_741_824 };

/** The names of {@link CodeCacheOptions}. */
export const codeCacheOptionNames = ['cacheDir', 'maxCacheBytes'] as const satisfies (keyof CodeCacheOptions)[];

/** Reads the options of a code cache. */
export function parseCodeCache({ cacheDir, maxCacheBytes }: CodeCacheOptions = {}): CodeCacheSettings | undefined {
  const maxBytes = wholeNumber(size, maxCacheBytes ?? size.default);
  return cacheDir === undefined ? undefined : { directory: directoryOf(cacheDir), maxBytes };
}

function directoryOf(cacheDir: string | URL): string {
  const isPath = typeof cacheDir === 'string' && !isFileUrl(cacheDir);
  const directory = isPath ? cacheDir : pathOfUrl(cacheDir, EXPECTED);
  if (directory === '' || directory.includes('\0')) {
    throw new TypeError(`${EXPECTED}, got the string "${shown(directory)}"`);
  }
  checkWellFormed('cacheDir', directory);
  return resolve(directory);
}
