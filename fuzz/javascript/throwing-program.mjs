// Random programs that throw anything from anywhere: errors that lie about themselves, values that are no errors, and long texts, out
// of callbacks, getters, promises, generators and proxies.

/** What programs use, of a realm that nothing has changed yet. `tell` is the model: what of an exception is told. */
const top = `
  const asText = String; const { get: read } = Reflect; const { stringify } = JSON;
  const nothing = Symbol('nothing');
  const member = (value, name) => { try { const text = value[name]; return typeof text === 'string' ? text : nothing; } catch { return nothing; } };
  // Each member once, in the order in which the engine asks.
  const tell = (value) => {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    let message = isObject ? member(value, 'message') : nothing;
    const name = message === nothing ? nothing : member(value, 'name');
    if (message === nothing) { try { message = asText(value); } catch { message = 'a value that cannot be written as text'; } }
    // An object that says no more of itself is written as JSON.
    if (isObject && name === nothing && message === '[object Object]') { try { message = stringify(value) ?? message; } catch {} }
    return name === nothing ? [message] : [message, name];
  };
  let n = 0;
  // A plugin does not carry the text of its functions.
  Function.prototype.toString = () => 'text';
  class Own extends Error { name = 'Own'; }
  class Silent extends RangeError { get name() { return 7; } }
`;

// prettier-ignore
const texts = ["''", "'no'", "'a\\nb\\tc\\u001b[31m'", "'TypeError: twice'", "'é€日本😀'", "'\\\\ \\' \"'", "'\\u202e\\u2028'", "'half \\ud83d'", "'x'.repeat(999)", "'x'.repeat(1001)", "'y'.repeat(5000)", "'é'.repeat(4097)", "'z'.repeat(100000)", "'{\"thrown\":1}'", "'a' + 'b'.repeat(300) + n"];
// prettier-ignore
const lies = ["'    at liar (evil.js:1:2)'", "'    at a (b:1:2)\\n'.repeat(50)", "'x'.repeat(100000)", "'no frames'", "''", "':1:2'", "'    at f (:99999999999:1)'", "'    at ((((a:1:1))))\\n\\n\\n'", "'\\u001b\\n\\u202e (a:1:1)'", '7', 'null', 'Symbol()', '{}', '[1]'];
// prettier-ignore
const values = ['7', '-0', 'null', 'undefined', '10n ** 50n', "'text'", "Symbol('s')", '{}', '[]', '[1, [2]]', '() => 1', 'class {}', '{ toString() { return 5; } }', '{ toString() { throw 1; } }', '{ toString: null, valueOf: null }', 'Object.create(null)', '{ [Symbol.toPrimitive]() { return `p${n++}`; } }', 'new Date(NaN)', 'new Map()', 'Promise.resolve(1)', '/a/', '{ message: 1, name: 2 }', '{ get message() { throw 1; } }', '{ get message() { return `m${n++}`; }, get name() { return `n${n++}`; } }', "{ message: 'm', get name() { throw 1; } }", "{ message: 'm', name: {} }", "Object.freeze(new Error('frozen'))", "new Proxy(new Error('inner'), {})", "new Proxy({}, { get(_, key) { return key === 'message' ? 'lie' : key === 'name' ? 'Liar' : undefined; } })", "new Proxy({}, { get() { throw new Error('in a trap'); } })", "new Proxy(new Error('e'), { getPrototypeOf() { throw 2; } })", 'Error', 'Error.prototype'];
const errors = ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'EvalError', 'Own', 'Silent'];
/** What runs before the hook's own work: others' errors, and what errors inherit. */
// prettier-ignore
const spoils = ["Object.defineProperty(Error.prototype, 'name', { value: 'Spoilt', configurable: true })", "delete Error.prototype.name", "Object.defineProperty(Error.prototype, 'name', { get() { return 8; }, configurable: true })", "Object.prototype.message = 'of all'", "Error.prototype.message = 'of errors'", "Object.defineProperty(Error.prototype, 'stack', { get() { return 'lie (a:1:1)'; }, configurable: true })", "Error.prototype.toString = () => 'mine'", "Object.prototype.toString = () => 'any'", "String.prototype.split = () => { throw 4; }", "Array.prototype.push = null", "JSON.stringify = () => '{}'", "Error.stackTraceLimit = 0", "Error.stackTraceLimit = 'x'"];
/** Ways from the hook to what throws; \`go()\` throws or returns a promise that is rejected. */
// prettier-ignore
const ways = ['go()', 'await go()', '[1].map(() => go())', '[3, 2, 1].sort(() => { go(); return 0; })', "JSON.parse('[1]', () => go())", '({ get x() { return go(); } }).x', '`${{ toString() { go(); return ""; } }}`', "'a'.replace(/a/, () => go())", 'new (class { constructor() { go(); } })()', 'new (class extends Object { x = go(); })()', '[...(function* () { yield 1; go(); })()]', 'for (const x of [1]) { try { go(); } finally { n++; } }', 'try { go(); } catch (error) { throw error; }', 'try { throw 1; } catch { go(); }', 'await Promise.all([1, new Promise((resolve, reject) => { try { resolve(go()); } catch (error) { reject(error); } })])', 'await (async () => { await null; await go(); })()', 'await Promise.resolve().then(() => go())', 'new Proxy({}, { get() { return go(); } }).x', 'Reflect.apply(go, null, [])', 'go.call(1)', '(function f(depth) { return depth === 0 ? go() : f(depth - 1); })(60)', 'for await (const x of (async function* () { await null; yield 1; await go(); })());', 'using()'];

export class ThrowingProgram {
  /** @param {import('../../pdk/javascript/compare/random.mjs').Random} random */
  constructor(random) {
    this.isAsync = random.below(3) === 0;
    const isPlain = random.below(4) === 0;
    this.what = isPlain ? `new ${random.of(errors.slice(0, 5))}(${random.of(texts)})` : anything(random);
    this.spoils = isPlain ? [] : random.many(0, 2, () => random.of(spoils));
    this.way = random.of(ways).replace('using()', 'n++; await go()');
    /** Whether what is thrown is an error as the language makes it, so that its backtrace is true. */
    this.isPlain = isPlain;
  }

  /** The program: a function that throws. */
  get #body() {
    const [prefix, thrown] = this.isAsync ? ['async ', 'await null;\n'] : ['', ''];
    return `${this.spoils.join(';\n')};\n${prefix}function thrower() {\n${thrown}throw ${this.what};\n}\nconst go = thrower;\n${this.way};\n${this.isAsync ? 'await go();' : ''}`;
  }

  /** As a plugin. */
  get source() {
    return `${top}\nexport const before_hook = async () => {\n${this.#body}\n};`;
  }

  /** As a script whose value is a function: it resolves with what {@link source} throws, as the model tells it. */
  get script() {
    return `(() => { 'use strict'; ${top}
      return async () => { try { await (async () => {\n${this.#body}\n})(); } catch (error) { return tell(error); } };
    })()`;
  }
}

function anything(random) {
  if (random.below(3) === 0) {
    return random.of(values);
  }
  const [kind, text] = [random.of(errors), random.of(texts)];
  switch (random.below(6)) {
    case 0: {
      return `Object.defineProperty(new ${kind}(${text}), 'stack', { value: ${random.of(lies)} })`;
    }
    case 1: {
      return `Object.defineProperty(new ${kind}(${text}), 'stack', { get() { throw new Error('in stack'); } })`;
    }
    case 2: {
      return `Object.defineProperties(new ${kind}(${text}), { name: { value: ${random.of([...texts, '7', 'null', 'undefined', '{}'])} }, stack: { value: ${random.of(lies)} } })`;
    }
    case 3: {
      return `new AggregateError([new ${kind}('inner'), ${random.of(values)}], ${text})`;
    }
    case 4: {
      return `Object.defineProperty(new ${kind}(${text}), 'message', { get() { ${random.of(['throw this;', 'return n++;', "return 'got ' + n++;"])} } })`;
    }
    default: {
      return `new ${kind}(${text}, { cause: ${random.of(values)} })`;
    }
  }
}
