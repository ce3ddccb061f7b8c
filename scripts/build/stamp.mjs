// Tells whether a build is up to date. It compares contents, not times, so that a checkout, a copy or an interrupted build
// is never taken for an up-to-date one.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './command.mjs';

const passedOver = new Set(['node_modules', 'target']);

/**
 * Was the build completed with the present contents of its files?
 *
 * @param {string} name of the build
 * @param {string[]} inputs the files and folders that it is made from
 * @param {string[]} [outputs] what it makes
 */
export function isStamped(name, inputs, outputs = []) {
  return readIfThere(stampFile(name))?.toString() === contents(digest(inputs), outputs);
}

/**
 * Makes something, and notes that it is made from what `inputs` were when that began: a file that changes meanwhile makes the
 * build out of date.
 *
 * @param {string} name of the build
 * @param {() => Promise<void>} make
 * @param {string[]} inputs the files and folders that it is made from
 * @param {string[]} [outputs] what it makes
 */
export async function stamped(name, make, inputs, outputs = []) {
  const before = digest(inputs);
  await make();
  mkdirSync(path.dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), contents(before, outputs));
}

function contents(inputs, outputs) {
  return `${inputs}\n${digest(outputs)}\n`;
}

function stampFile(name) {
  return path.join(root, 'target', 'setup', `${name}.sha256`);
}

function digest(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesUnder)) {
    const content = readIfThere(path.join(root, file));
    // With the length, the end of one file cannot pass for the name of the next.
    hash.update(`${file}\0${content?.length ?? 'missing'}\0`);
    hash.update(content ?? '');
  }
  return hash.digest('hex');
}

function filesUnder(entry) {
  if (!statSync(path.join(root, entry), { throwIfNoEntry: false })?.isDirectory()) {
    return [entry];
  }
  return readdirSync(path.join(root, entry))
    .filter((name) => !passedOver.has(name))
    .toSorted()
    .flatMap((name) => filesUnder(`${entry}/${name}`));
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
