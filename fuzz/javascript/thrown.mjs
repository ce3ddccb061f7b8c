// What a hook throws: the host tells it as the model says, within bounds, and never as anything else than a fault.

import vm from 'node:vm';
import { WasmRuntime } from 'hookcell';
import { emptyContext, Engine } from '../../pdk/javascript/compare/engine.mjs';
import { ThrowingProgram } from './throwing-program.mjs';

/** What the engine keeps of a name and of a message, in UTF-16 units. */
const mostName = 256;
const mostMessage = 4096;
/** What the host keeps: of a message, and of each frame, in characters, and so many frames. */
const most = 1000;
const mostFrame = 700;
const mostFrames = 20;
const timeout = 5000;

function ignore() {}

/** Throws in program after program. */
export class ThrownTarget {
  #engine;
  #runtime;

  static async prepare() {
    const target = new ThrownTarget();
    // Programs leave some in V8.
    process.on('unhandledRejection', ignore);
    target.#engine = await Engine.load();
    target.#runtime = new WasmRuntime({ logger: false, maxFuel: 1_000_000_000, timeoutMs: 60_000 });
    // While it is loaded, the others share its machine code.
    const { wasm } = await target.#engine.plugin('export const before_hook = () => {};');
    await target.#runtime.loadPluginBytes('calm', wasm);
    return target;
  }

  /**
   * What is wrong with what a random program throws, or undefined.
   *
   * @param {import('../../pdk/javascript/compare/random.mjs').Random} random
   */
  async run(random) {
    const program = new ThrowingProgram(random);
    const expected = shown(await inV8(program));
    const { wasm, thrown } = await this.#engine.plugin(program.source);
    if (thrown !== undefined) {
      return { program: program.source, thrown };
    }
    await this.#runtime.loadPluginBytes('throws', wasm);
    try {
      const results = [await this.#call('throws'), await this.#call('throws')];
      const calm = await this.#call('calm');
      const problems = [...results.map((result) => problemOf(result, expected, program)), ...problemsOfCalm(calm)];
      const found = problems.filter((problem) => problem !== undefined);
      return found.length > 0 ? { program: program.source, expected, found, fault: results[0].fault } : undefined;
    } finally {
      this.#runtime.unloadPlugin('throws');
    }
  }

  async close() {
    process.off('unhandledRejection', ignore);
    await Promise.all([this.#runtime.close(), this.#engine.close()]);
  }

  #call(name) {
    return this.#runtime.callHook(name, 'before_hook', emptyContext);
  }
}

/** What the model tells of what the program throws: the message, and perhaps the name. */
async function inV8({ script }) {
  const realm = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
  realm.hook = vm.runInContext(script, realm, { timeout });
  const told = await vm.runInContext('hook()', realm, { timeout });
  return Array.from(told ?? ['it throws nothing']);
}

/** The text of a fault. Half of a surrogate pair, which is no Unicode, becomes U+FFFD. */
function shown([message, name = '']) {
  const [text, title] = [message.slice(0, mostMessage).toWellFormed(), name.slice(0, mostName).toWellFormed()];
  const all = title === '' || text.startsWith(title) ? text : text === '' ? title : `${title}: ${text}`;
  return cleaned(all);
}

/** As the host shows a guest's text: escaped, and cut. */
function cleaned(text) {
  let [result, room] = ['', most];
  for (const character of text) {
    const piece = escaped(character);
    room -= [...piece].length;
    if (room < 0) {
      return `${result}…`;
    }
    result += piece;
  }
  return result;
}

function escaped(character) {
  const named = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\', '\0': '\\0' }[character];
  const isHidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character);
  return named ?? (isHidden ? `\\u{${character.codePointAt(0).toString(16)}}` : character);
}

function problemOf({ ok, fault }, expected, { isPlain, way }) {
  if (ok || fault?.code !== 'ERR_THROWN') {
    return `it ends with ${ok ? 'ok' : (fault?.code ?? 'a rejection')}`;
  }
  const { message, backtrace = [] } = fault;
  if (message !== expected) {
    return `the message is ${JSON.stringify(message)}`;
  }
  const tooLong = backtrace.find((frame) => frame.length > mostFrame || /[\p{Cc}\p{Zl}\p{Zp}\u202e]/u.test(frame));
  if (backtrace.length > mostFrames || tooLong !== undefined) {
    return `the backtrace has ${backtrace.length} frames, and ${tooLong}`;
  }
  return isPlain && !/^thrower \(plugin\.js:\d+:\d+\)$/.test(backtrace[0])
    ? `the backtrace of ${way} begins with ${backtrace[0]}`
    : undefined;
}

/** Another plugin's call in between is as ever. */
function problemsOfCalm({ ok, fault }) {
  return ok ? [] : [`another plugin's call ends with ${fault?.code}`];
}
