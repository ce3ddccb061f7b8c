import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from '../../../scripts/build/command.mjs';
import { cpythonArchive } from '../../../scripts/plugins/python/source.mjs';

const inside = 'Python-3.13.5/Lib';
/** Modules that plugins do without, and that tests of other modules import. */
const further = ['cProfile', 'dbm', 'profile', 'pydoc', 'wsgiref', 'xmlrpc'];
/** What plugins have instead of modules in C. */
const standIns = path.join(root, 'packages', 'python', 'python');

/** What plugins do without, and tests may import. */
export const leftOutOfPlugins = [...further, '_socket', 'select', 'dbm.dumb', 'wsgiref.util', 'xmlrpc.client'];

/** CPython's own tests, from the archive that the engine is built from. */
export class TestSources {
  #folder;

  /** Fetches the archive if it is not there. */
  static async fetch(folder, say) {
    const sources = new TestSources();
    sources.#folder = path.join(folder, 'lib');
    if (!existsSync(path.join(sources.#folder, 'test', '__init__.py'))) {
      mkdirSync(sources.#folder, { recursive: true });
      const archive = await cpythonArchive(say);
      const depth = `--strip-components=${inside.split('/').length}`;
      const parts = ['test', ...further].flatMap((name) => [`${inside}/${name}`, `${inside}/${name}.py`]);
      const options = ['--extract', '--xz', '--file', archive, depth, '--directory', sources.#folder];
      // Each is a file or a folder.
      const listed = await run('tar', ['--list', '--xz', '--file', archive], { output: 'capture' });
      const there = new Set(listed.split('\n').map((name) => name.replace(/\/$/, '')));
      await run('tar', [...options, ...parts.filter((part) => there.has(part))]);
    }
    return sources;
  }

  /** A module of the tests, or one that only tests import; undefined if there is none of this name. */
  find(name) {
    const at = name.replaceAll('.', '/');
    for (const [folder, file, isPackage] of [
      [this.#folder, `${at}/__init__.py`, true],
      [this.#folder, `${at}.py`, false],
      [standIns, `${at}.py`, false],
    ]) {
      if (existsSync(path.join(folder, file))) {
        return { name, isPackage, file: `lib/${file}`, text: readFileSync(path.join(folder, file)) };
      }
    }
    return undefined;
  }

  /** The names of all modules of tests. A package is each of its modules. */
  list() {
    const files = readdirSync(path.join(this.#folder, 'test'), { recursive: true }).map((file) =>
      file.split(path.sep).join('/'),
    );
    const tests = files.filter((file) => /^test_(?:[^/]*\/)*(?:test_[^/]*|__init__)\.py$|^test_[^/]*\.py$/.test(file));
    return tests.map((file) => `test.${file.replace(/(?:\/__init__)?\.py$/, '').replaceAll('/', '.')}`).toSorted();
  }
}
