// Modules of CPython's tests in the engine of Python plugins. Each test runs in a cell of its own.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WasmRuntime } from 'hookcell';
import { loadEngine } from '../../../packages/python/dist/sandbox/engine.js';
import { compile, makePlugin } from '../../../packages/python/dist/sandbox/steps.js';
import { wholeLibrary } from './library.mjs';
import { leftOutOfPlugins } from './sources.mjs';

const build = { maxFuel: 20_000_000_000, timeoutMs: 120_000, maxMemoryPages: 4_096, maxModuleBytes: 134_217_728 };
const options = {
  limits: build,
  zones: [],
  samples: [],
  rehearse: false,
  signal: undefined,
  turn: { queueTimeoutMs: 3_600_000 },
};
/** A test that uses this up has a row. */
const limits = { maxFuel: 6_000_000_000, timeoutMs: 60_000, maxMemoryPages: 4_096, queueTimeoutMs: 3_600_000 };
const maxQueue = 1_000_000;
/** Tests may ask for them. */
const grants = { now: 1_700_000_000_000, seed: 7 };
const context = { data: null, user: null, headers: {}, tenant_id: null };
/** No module is imported before or after the entry. */
const nothing = { early: [], late: [], leftOut: [] };
const runner = readFileSync(fileURLToPath(new URL('runner.py', import.meta.url)));

export class InEngine {
  #engine;
  #runtime = new WasmRuntime({ ...limits, maxQueue, maxModuleBytes: build.maxModuleBytes, logger: false });
  #library = wholeLibrary();
  #sources;
  #cache;

  /**
   * @param {import('./sources.mjs').TestSources} sources
   * @param {string} folder where bytecode is kept
   */
  static async load(sources, folder) {
    const tests = new InEngine();
    tests.#engine = await loadEngine(path.join(folder, 'code'));
    tests.#sources = sources;
    tests.#cache = path.join(folder, 'bytecode', tests.#engine.info.sha256);
    mkdirSync(tests.#cache, { recursive: true });
    // While one plugin is loaded, the others share its machine code.
    const first = [await tests.#compiled({ name: 'plugin', file: 'first.py', text: 'def before_hook(ctx): pass' })];
    const { wasm } = await makePlugin(tests.#engine, { ...nothing, all: first }, options);
    await tests.#runtime.loadPluginBytes('first', wasm, { isolate: false });
    return tests;
  }

  async close() {
    await this.#runtime.close();
  }

  /**
   * What each test of a module ends with.
   *
   * @param {string} name the module
   * @returns {Promise<{ refused: string } | { outcomes: { test: string, outcome: string }[] }>}
   */
  async run(name) {
    const made = await this.#plugin(name);
    if (made.refused !== undefined) {
      return made;
    }
    await this.#runtime.loadPluginBytes(name, made.wasm, { isolate: false });
    try {
      const { ctx, fault } = await this.#runtime.callHook(name, 'names', { ...context, input: {} }, grants);
      if (fault !== undefined) {
        return { refused: brief(fault.message) };
      }
      const outcomes = await Promise.all(
        ctx.data.map(async (test, index) => ({ test, outcome: await this.#outcome(name, index) })),
      );
      return { outcomes };
    } finally {
      this.#runtime.unloadPlugin(name);
    }
  }

  async #outcome(name, test) {
    const result = await this.#runtime.callHook(name, 'before_hook', { ...context, input: { test } }, grants);
    if (result.ok) {
      return result.ctx.data;
    }
    const { code, message } = result.fault ?? { code: 'the host', message: JSON.stringify(result) };
    return `fails: ${code === 'ERR_THROWN' ? brief(message) : code}`;
  }

  async #plugin(name) {
    try {
      const modules = await this.#modules(name);
      return await makePlugin(this.#engine, { ...nothing, all: modules }, options);
    } catch (error) {
      if (error.name !== 'PluginBuildError') {
        throw error;
      }
      return { refused: brief(error.message.replace('the top level raises: ', '')) };
    }
  }

  /** The tests with all that they import of other tests, and the whole standard library. */
  async #modules(name) {
    const text = `import runner\nfrom runner import before_hook, names\n__all__ = ["names"]\nskipped = runner.load(${JSON.stringify(name)})\nif skipped: raise RuntimeError(skipped)\n`;
    const found = new Map();
    const entry = await this.#compiled({ name: 'plugin', file: 'plugin.py', text });
    found.set('plugin', entry);
    found.set('runner', await this.#compiled({ name: 'runner', file: 'runner.py', text: runner }));
    const data = '_sysconfigdata__wasi_wasm32-wasi';
    found.set(data, await this.#compiled({ name: data, file: 'sysconfigdata.py', text: 'build_time_vars = {}\n' }));
    const waiting = [name, 'test.support', ...leftOutOfPlugins];
    for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
      const parts = each.split('.');
      for (const parent of parts.map((_, index) => parts.slice(0, index + 1).join('.'))) {
        const source = found.has(parent) ? undefined : this.#sources.find(parent);
        if (source !== undefined) {
          const module = await this.#compiled(source);
          found.set(parent, module);
          // Some are imported by a name in a text.
          const named = source.text.toString().match(/\btest(?:\.\w+)+/g) ?? [];
          waiting.push(...module.imports.map((imported) => absolute(imported.name, source)), ...named);
        }
      }
    }
    return [...found.values(), ...this.#library];
  }

  /** Compiles a source, or takes what was made of it before. */
  async #compiled({ name, isPackage = false, file, text }) {
    const key = createHash('sha256').update(`${file}\0`).update(text).digest('hex');
    const kept = path.join(this.#cache, key);
    if (!existsSync(kept)) {
      const module = { name, isPackage, file, text: Buffer.from(text) };
      const [{ code, imports }] = await compile(this.#engine, [module], options);
      writeFileSync(`${kept}.json`, JSON.stringify(imports));
      writeFileSync(kept, code);
    }
    const imports = JSON.parse(readFileSync(`${kept}.json`, 'utf8'));
    return { name, isPackage, code: readFileSync(kept), imports };
  }
}

function absolute(name, { name: importer, isPackage }) {
  const level = /^\.*/.exec(name)[0].length;
  if (level === 0) {
    return name;
  }
  const parts = importer.split('.');
  return [...parts.slice(0, parts.length - level + (isPackage ? 1 : 0)), name.slice(level)]
    .filter((part) => part !== '')
    .join('.');
}

function brief(message) {
  return message.split('\n')[0].slice(0, 200);
}
