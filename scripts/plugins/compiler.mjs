// What the compilers of the plugins share.

import path from 'node:path';
import { root } from '../build/command.mjs';

/** Sources and committed modules, a folder a language. */
export const pdk = path.join(root, 'pdk');

/** Compilers, caches and fresh modules; nothing of it is committed. */
export const workshop = path.join(root, 'target', 'pdk');

/** A compiler is not here and could not be installed: its language is skipped. The message says why. */
export class MissingCompiler extends Error {
  name = 'MissingCompiler';
}

/**
 * Does `install`, and turns its failure into a compiler that is missing.
 *
 * @param {string} reason why there is none, should it fail
 * @param {() => Promise<unknown>} install
 */
export async function orMissing(reason, install) {
  try {
    return await install();
  } catch (cause) {
    throw new MissingCompiler(`${reason} (${cause.message})`, { cause });
  }
}
