import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pdk } from '../plugins/compiler.mjs';

const folder = path.join(pdk, 'python', 'packages', 'programs');

/**
 * A small program that uses a package: a file of pdk/python/packages/programs/. It has a list `INPUTS` and a function `use`, and
 * begins with comments that say what it needs.
 *
 * @typedef {object} Program
 * @property {string} name the name of its file
 * @property {string} group the folder that it is in
 * @property {string} title the package, and the way to use it
 * @property {string} version the package's
 * @property {string[]} needs the names of all packages that it needs
 * @property {string} [because] the reason, if a hook does not answer as CPython does
 * @property {string} text
 * @property {string} key changes with the program and the versions of its packages
 */

/**
 * Reads all programs.
 *
 * @param {Map<string, string>} versions of packages, by name
 * @returns {Program[]} by group and name
 */
export function listPrograms(versions) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.py'));
  return files.toSorted().map((file) => readProgram(file, versions));
}

function readProgram(file, versions) {
  const text = readFileSync(path.join(folder, file), 'utf8');
  const noted = Object.fromEntries(
    [...text.matchAll(/^# (package|with|variant|because): (.+)$/gm)].map(([, key, value]) => [key, value]),
  );
  const needs = [noted.package, ...(noted.with?.split(' ') ?? [])];
  const pins = needs.map((name) => `${name}==${versions.get(name)}`);
  return {
    name: path.basename(file, '.py'),
    group: path.basename(path.dirname(file)),
    title: noted.variant === undefined ? noted.package : `${noted.package} (${noted.variant})`,
    version: versions.get(noted.package),
    needs,
    because: noted.because,
    text,
    key: createHash('sha256')
      .update([text, ...pins].join('\n'))
      .digest('hex')
      .slice(0, 16),
  };
}
