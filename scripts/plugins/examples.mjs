// The plugins beside validate_email: the small examples of each language, and the recipes of the cookbook.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { root } from '../build/command.mjs';
import { show } from './cases.mjs';
import { pdk, workshop } from './compiler.mjs';
import { Guest } from './guest.mjs';
import { fileOf } from './kept.mjs';

const cookbook = path.join(root, 'examples', 'cookbook');
const command = path.join(root, 'packages', 'cli', 'dist', 'main.js');
const short = 'closed_on_sundays';
const names = [short, 'panics'];

/**
 * A plugin that is specified by its fixtures.
 *
 * @typedef {object} Example
 * @property {string} name
 * @property {string} source
 * @property {string} file the committed module
 * @property {string} fixtures
 * @property {(example: Example, bytes: Uint8Array) => import('./cases.mjs').Result[]} run runs its fixtures
 */

/**
 * The examples of a language, and the recipes that it has a source of.
 *
 * @param {import('./kept.mjs').Keeper & { example?: (name: string) => string, recipe?: string }} language
 * @returns {Example[]}
 */
export function examplesOf(language) {
  const { name: folder, example, recipe } = language;
  if (example === undefined) {
    return [];
  }
  const own = names.map((name) => ({
    name,
    source: path.join(pdk, folder, example(name)),
    file: fileOf(language, name),
    fixtures: path.join(pdk, `${name}.json`),
    run: runInV8,
  }));
  const recipes = existsSync(cookbook) ? readdirSync(cookbook, { withFileTypes: true }) : [];
  const cooked = recipes
    .filter((entry) => entry.isDirectory() && existsSync(path.join(cookbook, entry.name, recipe)))
    .map((entry) => ({
      name: entry.name,
      source: path.join(cookbook, entry.name, recipe),
      // A recipe has one committed module, of the language that is not kept elsewhere.
      file: language.home === undefined ? path.join(cookbook, entry.name, 'hook.wasm') : fileOf(language, entry.name),
      fixtures: path.join(cookbook, entry.name, 'fixtures.json'),
      run: runInHookcell,
    }));
  return [...own, ...cooked];
}

/**
 * Runs an example's fixtures.
 *
 * @param {Example} example
 * @param {Uint8Array} bytes
 * @returns {import('./cases.mjs').Result[]}
 */
export function tryExample(example, bytes) {
  return example.run(example, bytes);
}

function runInV8({ name, source, fixtures }, bytes) {
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module);
  if (imports.length > 0) {
    return [
      { name: `${name}: it imports nothing`, failure: `it imports ${imports.map((entry) => entry.name).join()}` },
    ];
  }
  const guest = new Guest(module);
  const results = JSON.parse(readFileSync(fixtures, 'utf8')).map(({ name: what, hook, context, expected, log }) => {
    const result = guest.callAndLog(hook, JSON.stringify(context));
    const wanted = log === undefined ? { ...result, answer: expected } : { answer: expected, log };
    const failure = isDeepStrictEqual(result, wanted) ? undefined : `expected ${show(wanted)}, got ${show(result)}`;
    return { name: `${name}: ${what}`, outcome: result, failure };
  });
  return name === short ? [...results, isShort(source)] : results;
}

/** The first plugin that an author sees. */
function isShort(source) {
  const lines = readFileSync(source, 'utf8').trimEnd().split('\n').length;
  const failure = lines > 10 ? `it has ${lines}` : undefined;
  return { name: `${path.relative(root, source)} has at most ten lines`, failure };
}

/** By `hookcell test`, which knows patches and compares what a plugin changes, however it says so. */
function runInHookcell({ name, source, fixtures }, bytes) {
  const folder = path.join(workshop, 'recipes');
  const plugin = path.join(folder, `${name}${path.extname(source)}.wasm`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(plugin, bytes);
  const args = [command, 'test', fixtures, '--plugin', plugin, '--json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (stdout === '') {
    return [{ name: `${name}: its fixtures run`, failure: stderr }];
  }
  return JSON.parse(stdout).tests.map((test) => ({
    name: `${name}: ${test.name}`,
    outcome: test.outcome,
    failure: test.passed ? undefined : `expected ${show(test.expected)}, got ${show(test.outcome)}`,
  }));
}
