// Where the modules are that the sources of pdk/ and the cookbook give: in the repository, or, if they are large and any machine makes
// them in a second, in target/. Then only their digests are committed.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pdk } from './compiler.mjs';

/**
 * @typedef {object} Keeper a language
 * @property {string} name
 * @property {string} [home] the folder of its modules. Default: that of its sources, which is committed
 * @property {string} [digests] the file that has the digests of its modules, if they are not committed
 */

/**
 * The file of a module.
 *
 * @param {Keeper} language
 * @param {string} name
 */
export function fileOf({ name: language, home = path.join(pdk, language) }, name) {
  return path.join(home, `${name}.wasm`);
}

/** Whether these bytes are the committed ones. */
export function isKept({ digests }, file, bytes) {
  return digests === undefined
    ? bytes.equals(readFileSync(file))
    : digestOf(bytes) === readDigests(digests)[path.basename(file)];
}

/** Writes a module, and its digest if that is what is committed. */
export function keep({ digests }, file, bytes) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  if (digests !== undefined) {
    const named = { ...readDigests(digests), [path.basename(file)]: digestOf(bytes) };
    const sorted = Object.fromEntries(Object.entries(named).toSorted());
    writeFileSync(digests, `${JSON.stringify(sorted, undefined, 2)}\n`);
  }
}

function readDigests(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function digestOf(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
