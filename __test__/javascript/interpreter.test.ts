// The interpreter enters what JavaScript calls without recursion, and takes shorter ways for what most code does. All of that does as V8
// does, before and after freeze; and a recursion ends with an error that JavaScript can catch.

import vm from 'node:vm';
import { WasmRuntime } from 'hookcell';
import { emptyContext } from './engine';
import { Hooks } from './hooks';

const runtime = new WasmRuntime({ logger: false, maxFuel: 5_000_000_000, timeoutMs: 60_000 });
let hooks: Hooks;

beforeAll(async () => {
  hooks = await Hooks.load();
}, 120_000);

afterAll(() => runtime.close());

/** Each body fills `out`. */
const bodies: Record<string, string> = {
  'a callback of an array gets its arguments and its this': `
    out.push([1, 2, 3].map((x, i, a) => x * i + a.length), ['1', '2'].map(Number), [1, 2].map(String), [1, 2].map(function () { return [typeof this, this === undefined]; }));
    let text = ''; [1, 2, 3].forEach(function (x, i, a) { text += this.k + x + i + a.length; }, { k: 'k' }); out.push(text);
    out.push([1, 2].map(function () { return arguments.length; }), [5, 6].find(function (x, i, a) { return this.q === x && a.length === 2; }, { q: 6 }), [[1, 2], [3]].map((row) => row.map((x) => [x].filter((y) => y > 1).length)));`,
  'the loops of arrays end as they should': `
    out.push([1, 2, 3].every((x) => x < 3), [1, 2].some((x) => x > 1), [].every(() => 0), [].some(() => 1), [5, 6].findIndex((x) => x === 6), [5].findIndex(() => 0), [1].find(() => 0));
    const seen = []; [1, 2, 3].some((x) => { seen.push(x); return x === 2; }); [1, 2, 3].every((x) => { seen.push(x); return x !== 2; }); [1, 2, 3].find((x) => { seen.push(x); return x === 1; }); out.push(seen);
    out.push([1, 2, 3].reduce((a, b) => a + b), [1, 2, 3].reduce((a, b, i, all) => a + b * i + all.length, 10), [5].reduce(() => 1 / 0), [].reduce((a) => a, 7), [3, 4].reduce((a, b) => ({ a, b })));
    try { [].reduce(() => 1); } catch (error) { out.push(error.name); }`,
  'a callback can change the array and its argument': `
    out.push([1, 2, 3].filter((x) => { const y = x; x = 9; return y > 1; }), [1, 2, 3].find((x) => { const y = x; x = 9; return y === 2; }));
    const shorter = [1, 2, 3, 4]; out.push(shorter.map((x, i) => { if (i === 0) shorter.length = 2; return x; }), shorter);
    const longer = [1, 2]; out.push(longer.map((x) => { longer.push(x); return x; }), longer); const gone = [1, 2, 3]; out.push(gone.filter((x, i) => { delete gone[i + 1]; return true; }));
    const sum = [1, 2, 3]; out.push(sum.reduce((a, b, i) => { sum[i + 1] = 7; return a + b; }, 0), sum);`,
  'holes, other objects and species are as ever': `
    const holes = [1, , 3]; out.push(holes.map((x) => x * 2), 1 in holes.map((x) => x), holes.filter(() => true), holes.reduce((a, b) => a + b), holes.findIndex((x) => x === undefined), [, 1].find((x) => x === undefined) === undefined);
    out.push(Array.prototype.map.call('abc', (x) => x + x), Array.prototype.map.call({ length: 2, 0: 'x' }, (x) => x), [...Array.prototype.map.call(new Uint8Array([1, 2]), (x) => x + 300)]);
    class Own extends Array {} const own = Own.from([1, 2, 3]); out.push(own.map((x) => x) instanceof Own, own.filter(() => 1).constructor.name);
    const odd = [1, 2]; odd.constructor = { [Symbol.species]: function (n) { this.n = n; } }; out.push(odd.map((x) => x + 1), odd.filter((x) => x > 1));
    odd.constructor = { get [Symbol.species]() { throw new TypeError('species'); } }; try { odd.map((x) => x); } catch (error) { out.push(error.message); }
    for (const not of [undefined, 5, {}]) { try { [1].map(not); } catch (error) { out.push(error.name); } }`,
  'exceptions leave callbacks, getters and constructors': `
    try { [1, 2].map((x) => { if (x === 2) throw new Error('at ' + x); return x; }); } catch (error) { out.push(error.message); }
    out.push((() => { try { return [1, 2, 3].map((x) => { if (x === 3) throw 7; return x; }); } catch (error) { return 'caught ' + error; } finally { out.push('finally'); } })());
    const broken = { get x() { throw new Error('getter'); } }; try { broken.x; } catch (error) { out.push(error.message); } try { broken.x(); } catch (error) { out.push(error.message); }
    for (let i = 0; i < 3; i++) { try { out.push(new (class { constructor() { if (i < 2) throw i; this.i = i; } })()); } catch (error) { out.push(error); } }
    try { [1].forEach(() => { [2].forEach(() => { ({ get y() { throw 8; } }).y; }); }); } catch (error) { out.push(error); }`,
  'getters have their receiver': `
    const object = { get x() { return this.y + 1; }, y: 4, get f() { return (v) => v + this.y; } }; out.push(object.x, object.f(2), object?.x);
    class P { get z() { return super.toString === Object.prototype.toString; } static get q() { return this.name; } } out.push(new P().z, P.q, Object.create(new P()).z);
    const inherits = Object.create({ get v() { return this.w; } }, { w: { value: 3 } }); out.push(inherits.v, ({ get a() { return { get b() { return 5; } }; } }).a.b);
    const only = Object.defineProperty({}, 's', { set() {} }); out.push(only.s === undefined); function* inGenerator() { const o = { get k() { return 8; } }; yield o.k; yield [1, 2].map((x) => x + o.k); } out.push([...inGenerator()]);`,
  'call and bound functions keep this and arguments': `
    function f(a, b) { return [this === undefined || this, a, b, arguments.length]; }
    out.push(f.call(null, 1, 2), f.call(), f.call(5, 1), (() => f.call({}, 3))(), f.bind(1, 2)(3), f.bind(null)(), f.bind({}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)(13), f.bind(1).bind(2)(3));
    const object = { m() { return this.z; }, z: 4 }; const bound = object.m.bind(object); out.push(bound(), [1].map(bound), ({ bound, z: 9 }).bound(), (() => bound())());
    out.push(new (function () { this.v = [].slice.call(arguments); })(1, 2).v); for (const bad of [() => (5).call(), () => Function.prototype.call.call(5), () => f.call.call(1), () => undefined(1), () => ({}).nope(1)]) { try { bad(); } catch (error) { out.push(error.name); } }`,
  'objects are constructed': `
    class K { x = 1; #p = 2; static n = 0; constructor(a, b = 3) { K.n++; this.a = a; this.b = b; this.target = new.target === K; } get p() { return this.#p; } } class L extends K { y = this.x + 1; constructor(a) { super(a); this.l = new.target === L; } } class M extends K {}
    class O { constructor() { return { other: 1 }; } } class Q { constructor() { return 5; } } out.push(new K(1), new K(1).p, new L(2), new L(2) instanceof K, new M(7, 8), new O(), new Q() instanceof Q, K.n);
    function F(a) { this.a = a; if (!new.target) return 1; } F.prototype.g = function () { return this.a; }; out.push(new F(4).g(), new F() instanceof F, Reflect.construct(F, [1], L) instanceof L, new (F.bind(null, 9))().a, new (class { constructor(...r) { this.r = r; } })(1, 2, 3).r);
    for (const bad of [() => new (() => 1)(), () => new ({ m() {} }).m(), () => K(), () => new 5(), () => K.call({}), () => new (class extends K { constructor() {} })(), () => new (class extends K { constructor() { return 5; } })(), () => new (function* () {})(), () => new undefined()]) { try { bad(); out.push('no'); } catch (error) { out.push(error.name); } }
    const plain = function () {}; plain.prototype = 5; out.push(Object.getPrototypeOf(new plain()) === Object.prototype); class Er extends Error { constructor(m) { super(m); this.k = 1; } } try { throw new Er('m'); } catch (error) { out.push(error.message, error.k, error instanceof Er); }`,
  'functions have their name, length and prototype': `
    const f1 = function () {}; const f2 = () => {}; const f3 = { m() {} }.m; const [f4] = [function named(a, b) {}]; class C {} const key = 'comp'; const object = { [key]: () => 1, ['a' + 1]() {}, x: function () {} };
    for (const f of [f1, f2, f3, f4, C, function () {}, object.comp, object.a1, object.x, async () => {}, function* g() {}]) out.push(f.name, f.length, 'prototype' in f, Object.getOwnPropertyNames(f).sort(), Object.getOwnPropertyDescriptor(f, 'name'), Object.keys(f));
    out.push(f1.prototype.constructor === f1, (class { static name = 'own'; }).name); delete f1.name; out.push(f1.name); const frozen = Object.freeze(() => 1); out.push(Object.isFrozen(frozen));`,
  'properties are defined': `
    const d = Object.defineProperty({}, 'a', { value: 1 }); try { d.a = 2; } catch (error) { out.push(error.name); } out.push(Object.getOwnPropertyDescriptor(d, 'a')); const closed = Object.preventExtensions({ a: 1 }); try { Object.defineProperty(closed, 'b', { value: 1 }); } catch (error) { out.push(error.name); }
    out.push({ a: 1, a: 2, 1: 'x', ['b']: 3 }, { ...{ a: 1 }, a: 2 }, { 'q': 1, get q() { return 2; } }, Object.getOwnPropertyDescriptor([1, 2], 'length'), Object.fromEntries([['m', 1], ['m', 2]]), JSON.parse('{"a":1,"a":2,"0":3}'));
    Object.prototype.inherited = 1; const own = { inherited: 2 }; out.push(Object.hasOwn(own, 'inherited'), own); delete Object.prototype.inherited;`,
  'values are compared': `
    const f = () => {}, s = Symbol('a'), long = 'x'.repeat(300); const all = ['', 'a', 'ab', 'a' + 'b', ['a', 'b'].join(''), 'é', '\\u00e9', long + 'y', long + 'y', long + 'z', 0, -0, 1, 1.5, NaN, null, undefined, true, false, f, s, Symbol('a'), {}, 1n, 2n ** 70n, 2n ** 70n, '1'];
    for (const one of all) out.push(all.map((other) => (one === other ? 1 : 0) + (one !== other ? 2 : 0)).join(''));`,
  'an empty text is repeated': `
    out.push(''.repeat(2 ** 31), 'ab'.repeat(2)); for (const n of [-1, Infinity]) { try { ''.repeat(n); } catch (error) { out.push(error.name); } }`,
};

test.each(Object.keys(bodies))('%s as in V8', async (name) => {
  const body = `const out = []; ${bodies[name]!}\nreturn out;`;
  const expected: unknown = JSON.parse(
    vm.runInNewContext(`'use strict'; JSON.stringify((() => { ${body} })())`) as string,
  );
  const source = `export const before_hook = () => ({ data: { value: (() => { ${body} })() } });`;
  const unfrozen = (await hooks.engine.unfrozen(source, emptyContext)) as { ctx?: { data: { value: unknown } } };
  expect(unfrozen.ctx?.data.value ?? unfrozen).toEqual(expected);
  expect(await hooks.valueIn(source)).toEqual(expected);
});

/** What calls itself until `n` is 0, and how deep it must reach. All end with a `RangeError`. */
const recursions: [what: string, least: number, recursion: string][] = [
  ['a function', 9_000, 'const r = (n) => n && r(n - 1) + 1;'],
  ['a callback of map', 4_000, 'const r = (n) => n && [1].map(() => r(n - 1) + 1)[0];'],
  [
    'a callback of forEach',
    4_000,
    'const r = (n) => { let d = 0; if (n) [1].forEach(() => { d = r(n - 1) + 1; }); return d; };',
  ],
  ['a callback of reduce', 4_000, 'const r = (n) => n && [1].reduce((sum) => sum + r(n - 1), 1);'],
  [
    'a callback of filter, some, every and find',
    2_000,
    "const r = (n) => n && (['filter', 'some', 'every', 'find'].forEach((name, i) => i === n % 4 && [1][name](() => r(n - 1))), n);",
  ],
  ['a getter', 4_000, 'const r = (n) => ({ get x() { return n && r(n - 1) + 1; } }).x;'],
  [
    'a constructor',
    4_000,
    'const r = (n) => { class Node { constructor(k) { this.depth = k && new Node(k - 1).depth + 1; } } return new Node(n).depth; };',
  ],
  [
    'call and a bound function',
    4_000,
    'function f(n) { return n && (n % 2 ? f.call(null, n - 1) : bound(n - 1)) + 1; } const bound = f.bind(null); const r = f;',
  ],
  [
    'JSON.stringify',
    900,
    'const r = (n) => { let v = 1; for (let i = 0; i < n; i++) v = { v }; return JSON.stringify(v, (_, x) => x) && n; };',
  ],
  [
    'JSON.parse of what nests',
    900,
    "const r = (n) => { let d = 0; JSON.parse('['.repeat(n) + ']'.repeat(n), () => { d++; }); return d; };",
  ],
  ['a callback of sort', 200, 'const r = (n) => { if (n) [1, 2].sort(() => r(n - 1) && 0); return n; };'],
  ['a reviver', 200, "const r = (n) => { if (n) JSON.parse('1', () => r(n - 1)); return n; };"],
  [
    'toJSON',
    200,
    'const r = (n) => { const s = (k) => ({ toJSON: () => { if (k) JSON.stringify(s(k - 1)); return 1; } }); JSON.stringify(s(n)); return n; };',
  ],
  ['toString', 200, 'const r = (n) => { const s = (k) => k && `${{ toString: () => s(k - 1) }}`; s(n); return n; };'],
  ['a callback of replace', 100, "const r = (n) => { if (n) 'a'.replace(/a/, () => r(n - 1)); return n; };"],
  [
    'a trap of a proxy',
    200,
    'const r = (n) => { const s = (k) => k && new Proxy({}, { get: () => s(k - 1) }).x; s(n); return n; };',
  ],
  [
    'an iterator',
    200,
    'const r = (n) => { if (n) for (const x of { [Symbol.iterator]: () => ({ next: () => (r(n - 1), { done: true }) }) }); return n; };',
  ],
  [
    'a generator',
    100,
    'const r = (n) => { function* g(k) { if (k) yield* g(k - 1); yield 1; } return [...g(n)].length - 1; };',
  ],
  ['an async function', 100, 'const r = async (n) => (n ? (await r(n - 1)) + 1 : 0);'],
  [
    'a callback of flatMap, Array.from and Map.forEach',
    200,
    'const r = (n) => { if (n) { const next = () => r(n - 1); [() => [1].flatMap(next), () => Array.from([1], next), () => new Map([[1, 1]]).forEach(next)][n % 3](); } return n; };',
  ],
];

test.each(recursions)('%s recurses %d deep, and deeper is a RangeError', async (_, least, recursion) => {
  const source = `${recursion}
    const from = async (n) => { try { return await r(n); } catch (error) { return error.name; } };
    export const before_hook = async () => ({ data: { value: [await from(${least}), await from(30_000), await from(${least})] } });`;

  await runtime.loadPluginBytes('recurses', await hooks.engine.plugin(source));
  // In a cell, which has less of the host's stack than V8 would give it.
  expect(await runtime.callHook('recurses', 'before_hook', emptyContext)).toMatchObject({
    ok: true,
    ctx: { data: { value: [least, 'RangeError', least] } },
  });
});
