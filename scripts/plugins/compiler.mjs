// What all compilers of plugins share.

import path from 'node:path';
import { root } from '../build/command.mjs';

/** The sources and the committed modules, with a folder for each language. */
export const pdk = path.join(root, 'pdk');

/** Compilers, caches and new modules. Nothing here is committed. */
export const workshop = path.join(root, 'target', 'pdk');

/** A compiler that is missing and cannot be installed. Its language is skipped. The message says why. */
export class MissingCompiler extends Error {
  name = 'MissingCompiler';
}

/**
 * Runs `install`. If it fails, the compiler is missing.
 *
 * @param {string} reason why the compiler is missing if `install` fails
 * @param {() => Promise<unknown>} install
 */
export async function orMissing(reason, install) {
  try {
    return await install();
  } catch (cause) {
    throw new MissingCompiler(`${reason} (${cause.message})`, { cause });
  }
}
