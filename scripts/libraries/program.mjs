import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * A small program that uses a library: a module of pdk/javascript/libraries/programs/.
 *
 * @typedef {object} Program
 * @property {string} name the name of its file
 * @property {string} group the folder that it is in
 * @property {string} file its path from the folder where the libraries are installed
 * @property {string} title the library, and which part of it or way to use it
 * @property {string} version the library's
 * @property {string} [because] the reason, if a hook does not answer as Node.js does
 * @property {unknown[]} inputs
 * @property {(input: unknown) => unknown} use gives the answer for an input, or a promise of it
 */

/**
 * Imports all programs.
 *
 * @param {string} home the folder where the libraries are installed
 * @returns {Promise<Program[]>} by group and name
 */
export async function listPrograms(home) {
  const folder = path.join(home, 'programs');
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.mjs'));
  return Promise.all(files.toSorted().map((file) => readProgram(home, path.join('programs', file))));
}

async function readProgram(home, file) {
  const { library, variant, because, inputs, use } = await import(pathToFileURL(path.join(home, file)));
  const manifest = path.join(home, 'node_modules', library, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return {
    name: path.basename(file, '.mjs'),
    group: path.basename(path.dirname(file)),
    file: file.split(path.sep).join('/'),
    title: variant === undefined ? library : `${library} (${variant})`,
    version,
    because,
    inputs,
    use,
  };
}
