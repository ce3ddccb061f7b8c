// A program: what a module does at its top level, and what its hook returns. Both the engine and V8 can run it.

import vm from 'node:vm';

/** The longest time that V8 may take, in milliseconds. */
const timeout = 5000;

// The time zone of plugins.
process.env.TZ = 'UTC';

export class Program {
  /**
   * @param {string} body the body of an async function, whose value is compared as JSON
   * @param {string} top statements that run once
   */
  constructor(body, top = '') {
    this.body = body;
    this.top = top;
  }

  /** The program as a plugin. */
  get source() {
    return `${this.top}\nexport const before_hook = async () => {\nconst value = await (async () => { ${this.body}\n })();\nreturn { data: [value] };\n};`;
  }

  /**
   * What it returns in a fresh realm of V8, as an outcome.
   *
   * @returns {Promise<string>}
   */
  async inV8() {
    const realm = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
    // As in Node.js, and other than in a realm that it makes.
    vm.runInContext(
      "Object.defineProperty(globalThis, Symbol.toStringTag, { value: 'global', configurable: true })",
      realm,
    );
    // The host reads the result with JSON's own functions, whatever the program does to them.
    const script = `(() => { 'use strict'; const { stringify } = JSON;
      ${this.top}
      return async () => { const value = await (async () => { ${this.body}\n })(); return stringify([value]); };
    })()`;
    try {
      const hook = vm.runInContext(script, realm, { timeout });
      realm.hook = hook;
      return await vm.runInContext('hook()', realm, { timeout });
    } catch (error) {
      return `throws ${error?.name}`;
    }
  }
}

/** What the engine answers, as an outcome: the value as JSON, or the name of what was thrown. */
export function outcomeOf({ ctx, thrown, ...rest }) {
  if (thrown !== undefined) {
    return `throws ${thrown.name}`;
  }
  return ctx === undefined ? `answers ${JSON.stringify(rest)}` : JSON.stringify(ctx.data);
}
