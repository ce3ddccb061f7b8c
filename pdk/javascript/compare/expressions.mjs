// Random expressions over what the language has, by subject.

// prettier-ignore
const strings = ["''", "'a'", "'abcabc'", "'  x\\u00a0'", "'Straße'", "'İı'", "'ΑΣ ΑΣ'", "'é'", "'e\\u0301'", "'😀x'", "'\\ud800'", "'a,b,,c'", "'日本'", "'007'", "'x'.repeat(70)", "'ﬁ'", "'ǅ'", "'\\u1e9e'", "'A\\nB'", "'$&$1'"];
// prettier-ignore
const numbers = ['0', '-0', '1', '-1', '0.1', '0.5', '1.5', '2.5', '-2.5', '1e21', '1e-7', '123.456', '5e-324', '1.7976931348623157e308', '2**31', '-(2**31)', '2**32', '2**53', 'NaN', 'Infinity', '-Infinity', '0.000001', '1/3', '100', '255', '4294967295', '1e100', '9.995', '1.005', '123456789012345680000'];
// prettier-ignore
const bigs = ['0n', '1n', '-1n', '2n', '-7n', '10n**20n', '-(2n**64n)', '2n**63n-1n', '0xffffffffffffffffn', '123456789012345678901234567890n', '3n**200n'];
// prettier-ignore
const arrays = ['[]', '[1, 2, 3]', '[3, 1, 2]', '[1, , 3]', "['b', 'a', undefined, 'c']", '[[1], [2, [3]]]', '[NaN, -0, 0]', 'Array(3)', '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]', "[10, 9, 1, 'x', null]", '[true, {}, []]'];
const callbacks = [
  '(x) => x',
  '(x, i) => i',
  '(x) => x > 1',
  '(x) => [x, x]',
  '(x) => String(x)',
  '(x) => -x',
  '() => true',
];
// prettier-ignore
const patterns = ['/a/g', '/(a)(b)?/', '/(?<k>b)c/', '/(?<=a)b/', '/(?<!a)b/g', '/\\p{L}+/gu', '/\\p{Lu}/u', '/\\p{Script=Greek}+/u', '/\\p{Emoji}/u', '/[^\\p{ASCII}]/gu', '/./su', '/./g', '/^b/m', '/a*?/g', '/(?:)/g', '/(a|ab)(c|bcd)?/', '/\\bx\\b/', '/[\\w-]+/', '/ß/iu', '/Σ/iu', '/k/iu', '/[a-z]/i', '/(\\w)\\1/', '/(?=(b))/d', '/x{2,3}?/y', '/\\u{1F600}/u', '/[\\s]/g', '/,/', '/\\p{gc=Nd}/u', '/\\P{L}/gu', '/[[a-z]--[b]]/v', '/(?:a(b)?)*/', '/(z)((a+)?(b+)?(c))*/'];
// prettier-ignore
const values = ['null', 'undefined', 'true', '{}', '{ a: 1, b: [2] }', '{ toString() { return "s"; } }', '{ valueOf() { return 4; } }', '() => 1', 'Symbol("s")', 'new Date(0)', 'new Map([[1, 2]])', 'new Set([1])', '/r/g', 'new Error("e")', 'new Uint8Array([1, 255])', '{ [Symbol.toPrimitive]: (hint) => hint }', '{ 2: 1, 1: 2, b: 0, a: 1 }', 'Object("s")', 'class { static s = 1; }', '{ __proto__: { p: 1 }, q: 2 }', 'Object.create(null)'];
const smalls = ['0', '1', '2', '3', '-1', '-2', '5', '100', 'undefined', 'NaN', '1.7', 'Infinity'];

const any = (random) => random.of(random.of([strings, numbers, bigs, arrays, values]));
const fill = (text, random) =>
  text.replaceAll(/[SNBAFPVXI]#/g, (hole) => {
    const list = { S: strings, N: numbers, B: bigs, A: arrays, F: callbacks, P: patterns, V: values, I: smalls }[
      hole[0]
    ];
    return list === undefined ? any(random) : random.of(list);
  });

/** The subjects. In a form, `S#` is some string, `N#` a number, `B#` a BigInt, `A#` an array, `F#` a function, `P#` a pattern, `V#` another value, `X#` any of these, and `I#` a small number. */
export const subjects = {
  // prettier-ignore
  strings: ['(S#).slice(I#, I#)', '(S#).substring(I#, I#)', '(S#).at(I#)', '(S#).charCodeAt(I#)', '(S#).codePointAt(I#)', '(S#).padStart(I#, S#)', '(S#).padEnd(7, S#)', '(S#).toUpperCase()', '(S#).toLowerCase()', '(S#).trim()', '(S#).split(S#)', '(S#).split(S#, I#)', '(S#).indexOf(S#, I#)', '(S#).lastIndexOf(S#)', '(S#).includes(S#)', '(S#).startsWith(S#, I#)', '(S#).replace(S#, S#)', '(S#).replaceAll(S#, S#)', "(S#).normalize('NFD')", "(S#).normalize('NFKC')", '(S#).isWellFormed()', '(S#).toWellFormed()', '[...(S#)]', '(S#) < (S#)', '(S#) + (X#)', '`${S#}-${X#}`', 'encodeURIComponent(S#)', 'decodeURIComponent(S#)', 'escape(S#)', 'unescape(S#)', 'String.raw({ raw: A# }, N#)', '(S#).concat(X#)', 'String.fromCodePoint(N#)', 'String.fromCharCode(N#)', '(S#).repeat(I#)', '(S#).search(P#)'],
  // prettier-ignore
  numbers: ['String(N#)', '(N#).toFixed(I#)', '(N#).toPrecision(I#)', '(N#).toExponential(I#)', '(N#).toString(2)', '(N#).toString(36)', '(N#).toString(I#)', 'Number(X#)', 'parseInt(X#)', 'parseInt(S#, I#)', 'parseFloat(X#)', '(N#) % (N#)', '(N#) ** (I#)', '(N#) | (N#)', '(N#) >>> (I#)', '(N#) << (I#)', '(N#) + (N#)', '(N#) * (N#)', '(N#) / (N#)', 'Math.round(N#)', 'Math.trunc(N#)', 'Math.sign(N#)', 'Math.fround(N#)', 'Math.clz32(N#)', 'Math.imul(N#, N#)', 'Math.max(N#, X#)', 'Math.hypot(3, 4)', 'Math.sqrt(N#)', 'Math.floor(N#)', 'Math.ceil(N#)', 'Math.abs(X#)', 'Number.isInteger(N#)', 'Number.isSafeInteger(N#)', 'Object.is(N#, N#)', 'Number(String(N#))', '(N#) == (X#)', '(N#) < (X#)', '-(X#)', '~(X#)', 'Number((N#).toPrecision(17))'],
  // prettier-ignore
  bigInts: ['(B#) + (B#)', '(B#) * (B#)', '(B#) / (B#)', '(B#) % (B#)', '(B#) - (B#)', '(B#) & (B#)', '(B#) | (B#)', '(B#) ^ (B#)', '(B#) << 70n', '(B#) >> 5n', '(B#) ** 3n', '-(B#)', '~(B#)', '(B#).toString(16)', '(B#).toString(36)', 'BigInt(X#)', 'BigInt.asIntN(8, B#)', 'BigInt.asUintN(64, B#)', 'Number(B#)', '(B#) < (N#)', '(B#) == (N#)', '(B#) + (N#)', 'String(B#)', 'BigInt(S#)', '(B#) === (B#)', 'typeof (B#)', 'new BigInt64Array([B#])', 'BigInt(N#)'],
  // prettier-ignore
  arrays: ['(A#).map(F#)', '(A#).filter(F#)', '(A#).flatMap(F#)', '(A#).flat(I#)', '(A#).sort()', '(A#).sort((a, b) => a - b)', '(A#).toSorted()', '(A#).reverse()', '(A#).slice(I#, I#)', '((a) => [a.splice(I#, I#, X#), a])(A#)', '(A#).indexOf(X#)', '(A#).includes(X#)', '(A#).join(S#)', '(A#).concat(A#, X#)', '(A#).fill(X#, I#)', '(A#).copyWithin(I#, I#)', '(A#).find(F#)', '(A#).findLast(F#)', '(A#).reduce((a, b) => a + b)', '(A#).reduceRight((a, b) => `${a}${b}`, X#)', '(A#).at(I#)', '(A#).with(I#, X#)', '(A#).toSpliced(I#, I#)', '[...(A#).entries()]', 'Array.from(X#)', 'Array.from(A#, F#)', 'Array.of(X#)', 'Object.keys(A#)', '((a) => { a.length = I#; return a; })(A#)', '(A#) + (A#)', '(A#).some(F#)', '(A#).every(F#)', '(A#).lastIndexOf(X#)', '((a) => { a[5] = X#; return a; })(A#)', 'Math.max(...(A#))', '[X#, ...(A#)]', 'String(A#)'],
  // prettier-ignore
  regularExpressions: ['(S#).match(P#)', '[...(S#).matchAll(new RegExp(P#, "g"))].map(String)', '(S#).replace(P#, S#)', '(S#).replace(P#, (m, ...r) => `<${m}|${r.length}>`)', '(S#).split(P#)', '(P#).test(S#)', '(P#).exec(S#)?.index', '(P#).exec(S#)?.groups', '(P#).source', '(P#).flags', 'String(P#)', '((r) => { r.test(S#); return r.lastIndex; })(P#)', 'new RegExp(S#).source', 'new RegExp("(" + (S#))', 'new RegExp(P#, "gi").flags', '(P#).exec(S#)?.indices', '(S#).replace(P#, "[$&$`$\'$1$<k>]")', 'new RegExp(S#, S#)'],
  // prettier-ignore
  json: ['JSON.stringify(X#)', 'JSON.stringify({ v: X#, w: X# })', 'JSON.stringify([X#, X#], null, I#)', 'JSON.stringify({ v: X# }, ["v", "a"])', 'JSON.stringify({ v: X# }, (k, v) => typeof v === "number" ? v + 1 : v)', 'JSON.parse(S#)', 'JSON.parse(JSON.stringify(X#))', 'JSON.parse(String(N#))', 'JSON.parse(\'{"a":[1,{"b":2}]}\', (k, v) => Array.isArray(v) ? v.length : v)', 'JSON.stringify(S#, null, S#)', 'JSON.stringify({ toJSON: F# })'],
  // prettier-ignore
  objects: ['Object.keys(X#)', 'Object.entries(X#)', 'Object.values(V#)', 'Object.assign({}, X#, V#)', '({ ...(X#) })', 'Object.fromEntries(Object.entries(V#))', 'Object.getOwnPropertyNames(X#)', 'Object.getOwnPropertyDescriptor(V#, "a")', '(({ a = 5, ...rest }) => [a, rest])(X#)', '(([a, b = 7, ...rest]) => [a, b, rest])(X#)', '((a, b = a, ...c) => [a, b, c])(X#, undefined, X#)', '(V#)?.a?.b', '(X#) ?? 3', '(X#) instanceof Object', 'typeof (X#)', '"a" in (V#)', 'delete (V#).a', 'Object.freeze(A#)', 'Object.isFrozen(X#)', 'String(X#)', '(X#) == (X#)', '(X#) === (X#)', 'Object.prototype.toString.call(X#)', 'new (class { #p = X#; get p() { return this.#p; } static has(o) { return #p in o; } })().p', 'class A { static x = X#; static { this.y = 1; } }.y', 'Reflect.ownKeys(V#)', 'new Proxy({}, { get: (t, k) => k }).q', '(() => { try { return X#; } finally { void 0; } })()', '(() => { label: for (const a of [1, 2]) { for (;;) continue label; } return X#; })()', '(function () { return typeof this; }).call(X#)', '((x) => { switch (x) { case 1: return "one"; case X#: return "same"; default: return "none"; } })(X#)'],
  // prettier-ignore
  iteration: ['[...(function* () { yield X#; const x = yield* A#; return x; })()]', '((g) => [g.next(), g.next(1), g.return(X#), g.next()])((function* () { const a = yield 1; yield a; })())', '((g) => { g.next(); return g.throw(X#); })((function* () { try { yield 1; } catch (e) { yield e; } })())', 'await (X#)', 'await Promise.all([X#, 1])', 'await Promise.allSettled([Promise.reject(1), X#])', 'await Promise.race([X#, 2])', 'await Promise.any([Promise.reject(1), X#])', 'await (async () => { throw X#; })()', 'await (async () => { const r = []; for await (const x of [1, Promise.resolve(X#)]) r.push(x); return r; })()', 'await (async () => { const r = []; for await (const x of (async function* () { yield X#; yield 2; })()) r.push(x); return r; })()', '[...new Set(X#)]', '[...new Map([[X#, 1], [X#, 2]]).values()]', 'new Set(A#).size', 'new Map([[NaN, 1]]).get(NaN)', '(() => { const r = []; for (const k in (X#)) r.push(k); return r; })()', '(() => { const r = []; for (const x of (X#)) r.push(x); return r; })()', 'new WeakMap().set(X#, 1) instanceof WeakMap', 'await new Promise((r) => { const o = []; Promise.resolve().then(() => o.push(1)).then(() => o.push(2)); (async () => { await null; o.push(3); await null; o.push(4); r(o); })(); })', '[...{ *[Symbol.iterator]() { yield X#; } }]', '(() => { const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i); return fs.map((f) => f()); })()'],
  // prettier-ignore
  datesAndBytes: ['new Date(N#).getTime()', 'new Date(N#).toISOString()', 'new Date(2020, I#, I#).getTime()', 'Date.UTC(2020, I#, I#, I#)', 'new Date("2020-02-30").getTime()', 'Date.parse("2020-01-01T00:00:00.5Z")', 'new Date(5).toJSON()', 'new Uint8Array(X#)', 'new Uint8ClampedArray([N#, N#])', 'new Int16Array([N#, N#])', 'new Float32Array([N#])', 'new Float64Array(A#)', 'new Uint8Array([1, 2, 3, 4]).subarray(I#, I#)', 'new Uint32Array([N#])', 'new DataView(new ArrayBuffer(8)).getUint8(I#)', '((d) => { d.setFloat64(0, N#); return d.getUint32(0); })(new DataView(new ArrayBuffer(8)))', 'new Uint8Array([3, 1, 2]).toSorted()', 'new Float64Array([NaN, -0, 0, 1, -1]).sort()', 'new ArrayBuffer(I#).byteLength', 'new Uint8Array(I#).length', 'new Int8Array([N#]).join()', 'new Uint16Array([1, 2]).with(I#, N#)', 'new Date(2020, 0).getTimezoneOffset()', 'new Uint8Array([1, 2, 3]).set([1], I#)'],
};

/** @param {import('./random.mjs').Random} random */
export function randomExpressions(subject, count, random) {
  return Array.from({ length: count }, () => fill(random.of(subjects[subject]), random));
}
