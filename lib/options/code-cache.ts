import type { CodeCacheSettings } from '../native.js';
import { parseDirectory } from './directory.js';
import { wholeNumber } from '../values/whole-number.js';

/** Where compiled code is kept, so that a plugin is compiled once instead of at every start of the server. */
export interface CodeCacheOptions {
  /**
   * A directory for compiled code: a path or a `file:` URL. Default none. A missing directory is created for its user
   * only (mode 0700). Runtimes and processes can share it, even with different versions of hookcell.
   *
   * The code in it is executed. The constructor therefore refuses, with `ERR_CACHE_DIR`, a directory that is a link,
   * belongs to another user, or can be written by others; on Windows, one that is a link or outside the user's profile.
   * Every file is sealed with a secret that is stored in the directory. A file that is damaged, cut short or not sealed
   * with it is not used: the plugin is compiled again, and the file replaced. This does not protect against a program
   * that can write files with your rights.
   */
  cacheDir?: string | URL | undefined;

  /**
   * The most bytes that the files in `cacheDir` take; the least recently used files are removed. Default 1,073,741,824
   * (1 GiB), 1,048,576 (1 MiB) to 2^53 - 1. Each process that writes there can exceed it by a 16th.
   */
  maxCacheBytes?: number | undefined;
}

const size = { name: 'maxCacheBytes', min: 1_048_576, max: Number.MAX_SAFE_INTEGER, default: 1_073_741_824 };

/** The names of {@link CodeCacheOptions}. */
export const codeCacheOptionNames = ['cacheDir', 'maxCacheBytes'] as const satisfies (keyof CodeCacheOptions)[];

/** Reads the options of a code cache. */
export function parseCodeCache({ cacheDir, maxCacheBytes }: CodeCacheOptions = {}): CodeCacheSettings | undefined {
  const maxBytes = wholeNumber(size, maxCacheBytes ?? size.default);
  return cacheDir === undefined ? undefined : { directory: parseDirectory('cacheDir', cacheDir), maxBytes };
}
