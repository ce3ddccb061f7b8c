// The engine of JavaScript plugins, driven step by step as a build does.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PluginBuilder } from 'hookcell/builder';

const folder = path.join(import.meta.dirname, '../engine');
const ownLimits = { maxFuel: 20_000_000_000, timeoutMs: 60_000, queueTimeoutMs: 60_000, maxResultBytes: 8_388_608 };
const openingBrace = 0x7b;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The context of a call that is about nothing. */
export const emptyContext = { input: {}, data: null, user: null, headers: {}, tenant_id: null };

export class Engine {
  #compiler;
  #runtime;
  #limits;

  /**
   * @param {object} [limits] of a step, if they differ
   * @returns {Promise<Engine>}
   */
  static async load(limits = {}) {
    const engine = new Engine();
    engine.#limits = { ...ownLimits, ...limits };
    [engine.#compiler, engine.#runtime] = await Promise.all([loadModule('compiler'), loadModule('runtime')]);
    return engine;
  }

  async close() {
    await Promise.all([this.#compiler.close(), this.#runtime.close()]);
  }

  /**
   * A plugin, or what was thrown instead.
   *
   * @param {string} source a module
   * @returns {Promise<{ wasm: Uint8Array } | { thrown: { name?: string, message: string } }>}
   */
  async plugin(source) {
    const code = await this.bytecode(source);
    return 'thrown' in code ? code : this.pluginOf(code);
  }

  /** What `before_hook` answers in an engine that is not frozen. */
  async unfrozen(source, context = emptyContext) {
    const code = await this.bytecode(source);
    return 'thrown' in code ? code : this.rehearse(code, context);
  }

  /**
   * The bytecode of a module, or what was thrown instead.
   *
   * @param {string} source
   * @returns {Promise<Uint8Array | { thrown: { name?: string, message: string } }>}
   */
  async bytecode(source) {
    const input = encoder.encode(`plugin.js\0${source}`);
    const { answers, fault } = await this.#compiler.run([{ step: 'compile', input }], this.#limits);
    const [code] = answers;
    return code === undefined || code[0] === openingBrace ? thrownBy(answers, fault) : code;
  }

  /** As {@link Engine.plugin}, of bytecode. */
  async pluginOf(code) {
    const { plugin, answers, fault } = await this.#run(code, { step: 'freeze', input: encoder.encode('') }, true);
    return plugin === undefined ? thrownBy(answers, fault) : { wasm: plugin };
  }

  /** As {@link Engine.unfrozen}, of bytecode. */
  async rehearse(code, context) {
    const input = Buffer.concat([Buffer.of(0), encoder.encode(JSON.stringify(context))]);
    const { answers, fault } = await this.#run(code, { step: 'rehearse', input }, false);
    return fault === undefined ? parsed(answers.at(-1)) : thrownBy(answers, fault);
  }

  #run(code, last, makesPlugin) {
    const learned = encoder.encode(JSON.stringify(emptyContext));
    const steps = [{ step: 'load', input: code }, { step: 'learn', input: learned }, last];
    return this.#runtime.run(steps, { ...this.#limits, makesPlugin });
  }
}

function loadModule(name) {
  return PluginBuilder.load(name, readFileSync(path.join(folder, `${name}.wasm`)));
}

function thrownBy(answers, fault) {
  return fault === undefined ? parsed(answers.at(-1)) : { thrown: { name: fault.code, message: fault.message } };
}

function parsed(answer) {
  const text = decoder.decode(answer);
  return text === '' ? {} : JSON.parse(text);
}
