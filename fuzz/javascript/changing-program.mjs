// Random programs that change built-ins and the state of their module, and tell what they see of both.

import { Program } from '../../pdk/javascript/compare/program.mjs';

/** The state of a module, and what tells about it. It keeps what it uses, because the program changes all of it. */
const top = `
  const { ownKeys, getPrototypeOf, setPrototypeOf, getOwnPropertyDescriptor, defineProperty, apply } = Reflect;
  const { freeze, seal, preventExtensions, isFrozen, is } = Object;
  const hasOwn = Object.hasOwn; const quote = JSON.stringify; const asText = String; const errors = [TypeError, RangeError, ReferenceError, SyntaxError, Error];
  const prototypes = [TypeError.prototype, RangeError.prototype, ReferenceError.prototype, SyntaxError.prototype, Error.prototype]; const names = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'Error'];
  // A plugin does not carry the text of its functions.
  Function.prototype.toString = () => 'text';
  let told = '';
  const plain = (value) => {
    switch (typeof value) {
      case 'string': return quote(value);
      case 'number': return is(value, -0) ? '-0' : \`\${value}\`;
      case 'bigint': return \`\${value}n\`;
      case 'symbol': return 'symbol';
      case 'function': return 'function';
      case 'object': return value === null ? 'null' : 'object';
      default: return \`\${value}\`;
    }
  };
  const describe = (object, key) => {
    const found = getOwnPropertyDescriptor(object, key);
    if (found === undefined) return 'none';
    const flags = (found.writable ? 'w' : '') + (found.enumerable ? 'e' : '') + (found.configurable ? 'c' : '');
    return (hasOwn(found, 'value') ? plain(found.value) : 'accessor') + flags;
  };
  const all = (object) => { let text = ''; const keys = ownKeys(object); for (let i = 0; i < keys.length; i++) text += plain(keys[i]) + describe(object, keys[i]) + ';'; return text; };
  const tell = (what) => {
    let text;
    try { const value = what(); text = plain(value); if (typeof value === 'object' && value !== null) text += own(value); }
    catch (error) { text = 'throws '; const prototype = typeof error === 'object' && error !== null ? getPrototypeOf(error) : undefined; let name = plain(error); for (let i = 0; i < 5; i++) if (prototypes[i] === prototype) name = names[i]; text += name; }
    told += text + ' | ';
  };
  const own = (value) => { let text = ''; const keys = ownKeys(value); for (let i = 0; i < keys.length && i < 12; i++) text += plain(keys[i]) + describe(value, keys[i]) + ';'; return text; };
  const state = { n: 0, list: [1, 2, 3], inner: { deep: { deeper: 'x' } }, get got() { return this.n + 1; } };
  const list = ['b', 'a', , 'c']; const map = new Map([['k', 1], [state, 2]]); const set = new Set([1, 'a']); const weak = new WeakMap([[state, 'w']]);
  const bytes = new Uint8Array(8); const floats = new Float64Array([0.5, -0]); const pattern = /a(?<x>b)?/g; const sticky = /\\p{L}/uy; const date = new Date(1e12); const key = Symbol('key');
  class Base { static made = 0; #secret = 1; field = 'f'; constructor() { Base.made++; } get secret() { return this.#secret++; } method() { return 'base'; } }
  class Derived extends Base { method() { return super.method() + '+'; } static { this.ready = true; } }
  const base = new Base(); const derived = new Derived();
  function* generate() { let i = 0; while (i < 50) { const sent = yield i++; if (sent) i += sent; } } const generator = generate();
  let closed = 0; const count = () => ++closed; const bound = count.bind(null); function sloppy(a, b = 2, ...rest) { return [a, b, rest.length].length + arguments.length; }
  const proxy = new Proxy(state, { get(target, name) { return name === 'n' ? 'proxied' : target[name]; } }); const big = [10n ** 20n]; let settle; const promise = new Promise((resolve) => { settle = resolve; });
`;

// prettier-ignore
const builtIns = 'Object Array String Number Boolean Function Map Set WeakMap Promise RegExp Date Error TypeError Symbol BigInt Uint8Array';
// prettier-ignore
const ownNames = 'state state.inner state.inner.deep state.list list map set weak bytes floats pattern sticky date Base Base.prototype Derived Derived.prototype base derived generator count bound sloppy sloppy.prototype proxy promise big';
const targets = [
  ...ownNames.split(' '),
  ...ownNames.split(' '),
  ...builtIns.split(' '),
  ...builtIns.split(' ').map((name) => `${name}.prototype`),
  ...'Math JSON Reflect globalThis Array.prototype Object.prototype Object.prototype'.split(' '),
];
// prettier-ignore
const keys = ["'n'", "'evil'", "'0'", "'1'", "'7'", "'field'", "'method'", "'made'", "'x'", "'lastIndex'", "'constructor'", "'list'", "'deep'", "'map'", "'join'", "'push'", "'slice'", "'get'", "'set'", "'has'", "'add'", "'size'", "'split'", "'trim'", "'replace'", "'toString'", "'valueOf'", "'floor'", "'max'", "'parse'", "'stringify'", "'keys'", "'getTime'", "'message'", "'name'", "'resolve'", "'raw'", "'flags'", 'key', 'Symbol.iterator', 'Symbol.toPrimitive', 'Symbol.toStringTag', 'Symbol.hasInstance', 'Symbol.species'];
// None of these functions returns an object, so that nothing becomes an iterator that never ends.
// prettier-ignore
const values = ['1', '-0', 'NaN', "'evil'", 'null', 'undefined', '7n', 'key', 'true', '() => 7', "() => 'evil'", '() => null', 'function () { return typeof this; }', "() => { throw 'thrown'; }", 'count', 'list', 'state', '{ z: 1 }', '[9, 8]', 'Math.max', 'Base'];
// prettier-ignore
const uses = ["[3, 1, 2].map((x) => x * 2).join()", "[3, 10, 2].sort().join('-')", "'a,b'.split(',').length", "'  a '.trim()", "'aXbX'.replaceAll('X', 'y')", '`${[1, 2]}`', '[...\'ab\'].length', '[...list].length', 'new Map([[1, 2]]).get(1)', 'map.get(state)', 'map.size', 'set.has(1)', 'weak.get(state)', 'state.got', 'proxy.n', 'proxy.list', 'base.secret', 'base.field', 'derived.method()', 'derived instanceof Base', 'new Derived().field', 'Base.made', 'generator.next(2).value', 'count()', 'bound()', 'closed', 'sloppy(1)', 'pattern.test("xab")', 'pattern.lastIndex', 'sticky.test("éa")', 'pattern[Symbol.replace]("abab", "-")', 'date.getTime()', 'date.toISOString()', 'JSON.stringify({ a: [1, { b: 2 }] })', 'JSON.stringify(state)', 'JSON.parse("[1,{\\"n\\":2}]").length', 'Object.entries({ p: 1, q: 2 }).length', 'Object.keys(state).join()', '{ ...state }', 'isFrozen(state)', 'bytes[3]', 'floats.join()', 'Array.from({ length: 2 }, () => 5).length', 'Array.of(1, 2).length', 'Math.floor(2.5)', 'Math.max(1, 3)', 'big[0] + 1n', 'list.length', 'list.indexOf("a")', 'String(key)', 'Number("12")', 'parseInt("7x")', 'typeof evil', '[1, [2, [3]]].flat(2).length', 'Object.fromEntries([["m", 1]]).m', 'new Error("e").message', 'new TypeError("t", { cause: 1 }).cause', 'String(new RangeError("r"))', 'Reflect.has(state, "evil")', '"evil" in []', '"abc".at(-1)', '({}) + ""', '[] + 1', 'Symbol.for("evil").description', 'new Set([1, 2, 2]).size', 'structure(list)'];
// prettier-ignore
const acts = ['list.push(closed)', 'list.length = 1', 'list.reverse()', 'list.splice(1, 2, "s")', 'list.unshift(0)', 'state.list.fill(6)', 'map.set("late", 3)', 'map.delete("k")', 'map.clear()', 'set.add(state)', 'weak.set(list, 1)', 'weak.delete(state)', 'bytes.fill(200)', 'bytes.set([1, 2, 3], 2)', 'bytes.reverse()', 'floats[0] = NaN', 'date.setTime(5)', 'date.setFullYear(1999)', 'pattern.lastIndex = 2', 'big.push(2n ** 70n)', 'settle("late")', 'generator.return(3)', 'state.n += 5', 'state.inner.deep = list', 'delete state.list', 'state[closed] = closed', 'state.inner = null', 'globalThis.evil = 1', 'Base.made = "m"', 'list[100] = 1', 'for (let i = 0; i < 40; i++) state["p" + i] = i', 'for (let i = 0; i < 40; i++) Object.prototype["q" + i] = i', 'for (let i = 0; i < 300; i++) list[i] = { i }', 'for (let i = 0; i < 300; i++) map.set(i, [i])'];

/** @param {import('../../pdk/javascript/compare/random.mjs').Random} random */
export function changingProgram(random) {
  const steps = random.many(5, 40, () => step(random));
  const told = [...new Set(random.many(4, 10, () => random.of(targets)))].filter((target) => ownNames.includes(target));
  const last = told.map((target) => `tell(() => ${target});`);
  return new Program(
    [...steps, ...last, ...uses.map((use) => `tell(() => (${use}));`), 'return told;'].join('\n'),
    `${top} const structure = (value) => all(value);`,
  );
}

function step(random) {
  const [target, key, value] = [random.of(targets), random.of(keys), random.of(values)];
  const word = random.of(keys);
  const flag = () => random.below(2) === 0;
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2: {
      return `tell(() => { ${target}[${key}] = ${value}; });`;
    }
    case 3: {
      return `tell(() => delete ${target}[${key}]);`;
    }
    case 4: {
      return `tell(() => defineProperty(${target}, ${word}, { __proto__: null, value: ${value}, writable: ${flag()}, enumerable: ${flag()}, configurable: ${flag()} }));`;
    }
    case 5: {
      return `tell(() => defineProperty(${target}, ${word}, { __proto__: null, get() { return ${random.of(['1', 'closed', "'got'"])}; }, ${flag() ? 'set(x) { closed = 50; },' : ''} enumerable: ${flag()}, configurable: ${flag()} }));`;
    }
    case 6: {
      return `tell(() => setPrototypeOf(${random.of(ownNames.split(' '))}, ${random.of(['null', 'state', 'list', 'Base.prototype', 'Array.prototype', 'map'])}));`;
    }
    case 7: {
      // V8 seals typed arrays, against the standard.
      const targetOfOwn = random.of(ownNames.split(' ').filter((name) => name !== 'bytes' && name !== 'floats'));
      return `tell(() => { ${random.of(['freeze', 'seal', 'preventExtensions'])}(${targetOfOwn}); });`;
    }
    case 8:
    case 9:
    case 10: {
      return `tell(() => { ${random.of(acts)}; });`;
    }
    case 11: {
      return `told += plain(await ${random.of(['1', "'awaited'", 'null'])}); await null;`;
    }
    default: {
      return `tell(() => (${random.of(uses)}));`;
    }
  }
}
