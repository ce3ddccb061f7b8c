// Whether what was made from some files still stands: by content, never by time, so that a checkout, a copy or an
// interrupted build cannot pass for an up-to-date one.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './command.mjs';

const passedOver = new Set(['node_modules', 'target']);

/**
 * @param {string} name of what is made
 * @param {string[]} paths of the files and folders it is made from, and of those it consists of
 */
export function isStamped(name, paths) {
  return readIfThere(stampFile(name))?.toString() === digest(paths);
}

/** Says that `name` was made, whole, from `paths` as they are now. */
export function stamp(name, paths) {
  mkdirSync(path.dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), digest(paths));
}

function stampFile(name) {
  return path.join(root, 'target', 'setup', `${name}.sha256`);
}

function digest(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesUnder)) {
    const content = readIfThere(path.join(root, file));
    // The length keeps one file's end from reading as the next one's name.
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
