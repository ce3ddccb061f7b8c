// What is changed in QuickJS-ng: its mistakes that are mended, and its ways that are faster here, do as V8 does, before and after freeze.

import vm from 'node:vm';
import { emptyContext } from './engine';
import { Hooks } from './hooks';

let hooks: Hooks;

beforeAll(async () => {
  hooks = await Hooks.load();
}, 120_000);

const texts = `['a,b,c', '', 'a', ',', 'aXbXc', ',a,', 'ab12cd', 'éà,ü', '日,本', '😀,a']`;
const expressions = String.raw`[/,/, /(,)/, /X/i, /\d+/, /(?:)/, /(x)?,?/, /,/g, /,/y, /,/u, /$/, /^/, /\b/, /[^]/, /(?=,)/, /,|(a)/, /./v]`;

/** Each body fills `out`. `made`, `marked` and `map` are made at the top of the module. */
const top = 'const made = {}; const marked = new WeakSet([made]); const map = new WeakMap();';
const bodies: Record<string, string> = {
  'a negative BigInt and a negative number compare': `
    for (const a of [-5n, 5n, -(2n ** 70n), -(2n ** 70n) - 1n, 0n, -1n]) for (const b of [-1e21, 1e21, -(2 ** 70), -1.5, 1.5, -0, 0, NaN, -Infinity])
      out.push(a < b, a > b, a <= b, a >= b, a == b, b < a);`,
  'a string is spread into an object': `
    out.push({ ...'ab' }, { ...'' }, { ...'é😀' }, { ...5 }, { ...Object('xy') }, (({ 0: first, ...rest }) => rest)('xyz'), { ...('a' + 'b'.repeat(9)) });`,
  'JSON.stringify takes no notice of Array.prototype': `
    out.push('0', '1');
    Object.defineProperty(Array.prototype, 0, { value: 'inherited', writable: false, configurable: true });
    Object.defineProperty(Array.prototype, 1, { set() { out.push('set'); }, configurable: true });
    out.push(JSON.stringify({ a: [{ b: { c: 1 } }], d: 2 }), JSON.stringify({ v: [1], w: 2, x: 3 }, ['v', 'w', 'v']), JSON.stringify([[[[]]]]));
    delete Array.prototype[0]; delete Array.prototype[1];`,
  'a text is split by a regular expression': `
    for (const text of ${texts}) for (const by of ${expressions}) out.push(text.split(by), text.split(by, 2), by.lastIndex);`,
  'a regular expression is tested': `
    for (const one of ${expressions}) for (const text of ${texts}) { out.push(one.test(text), one.lastIndex); one.lastIndex = 1; out.push(one.test(text), one.lastIndex); one.lastIndex = 0; }
    for (const index of [-1, 1.5, 2 ** 40, '1', { valueOf() { out.push('valueOf'); return 0; } }]) { const one = /a/g; one.lastIndex = index; out.push(one.test('aa')); }
    const frozen = Object.freeze(/a/g); try { out.push(frozen.test('ba')); } catch (error) { out.push(error.name); }
    out.push(/a/.test(), /undefined/.test(), /5/.test(5), /,/.test(['a', 'b']));`,
  'what JavaScript changes of regular expressions has its effect': `
    class Own extends RegExp { exec(text) { out.push('exec'); return super.exec(text); } static get [Symbol.species]() { out.push('species'); return RegExp; } }
    out.push(new Own('a').test('xa'), 'a,b'.split(new Own(',')));
    const none = /,/; none.exec = () => null; out.push(none.test('a,b'), 'a,b'.split(none));
    const flagged = /,/; Object.defineProperty(flagged, 'flags', { get() { out.push('flags'); return 'i'; } }); out.push('a,b'.split(flagged));
    const { get } = Object.getOwnPropertyDescriptor(RegExp.prototype, 'global');
    Object.defineProperty(RegExp.prototype, 'global', { get() { out.push('global'); return get.call(this); } }); out.push('a,b'.split(/,/));
    RegExp.prototype.exec = function () { out.push('patched'); return null; }; out.push(/a/.test('a'), 'a,b'.split(/,/));`,
  'the keys of an object are listed': `
    const list = (object, during = () => {}) => { const keys = []; for (const key in object) { keys.push(key); during(object, key); } out.push(keys); };
    list({ a: 1, b: 2 }); list({ b: 1, a: 2, 1: 3, 0: 4 }); list({ a: 1, b: 2, c: 3 }, (object) => { delete object.b; });
    list({ a: 1, b: 2 }, (object) => { object.c = 1; object.d = 2; }); list({ a: 1, b: 2 }, (object, key) => { if (key === 'a') { delete object.b; object.b = 3; } });
    list(Object.defineProperty({ a: 1, z: 2 }, 'a', { enumerable: false })); list(Object.create({ p: 1, q: 2 }, { own: { value: 1, enumerable: true }, q: { value: 1 } }));
    list('abc'); list([1, 2]); list(Object.assign([1, 2], { x: 1 })); list({ [Symbol('s')]: 1, a: 2 }); list(null); list(5); list(made);
    list(new (class { x = 1; #y = 2; get z() { return this.#y; } })()); const f = function () {}; f.x = 1; list(f); list(new Proxy({ a: 1, b: 2 }, {}));
    list({ __proto__: { a: 1 }, a: 2 }); list(new Map()); made.later = 1; list(made); delete made.later; list(made);
    const outer = { a: 1, b: 2 }; for (const one in outer) for (const other in outer) out.push(one + other);`,
  'a weak map has keys of the top level and others': `
    const key = {}, symbol = Symbol('s'); const set = new WeakSet(); set.add(key); out.push(set.has(key), set.has(made));
    out.push(marked.has(made), marked.delete(made), marked.has(made), marked.add(made).has(made), marked.delete(made), marked.delete(made));
    map.set(made, 5); map.set(key, 6); out.push(map.get(made), map.get(key), map.delete(made), map.get(made), map.has(key));
    const other = new WeakMap([[made, 1], [key, 2]]); out.push(other.get(made), other.delete(made), other.has(made), other.get(key));
    for (let i = 0; i < 200; i++) { const one = {}; map.set(one, made); map.set(made, one); other.set(one, i); } out.push(typeof map.get(made), new WeakRef(made).deref() === made);`,
  'an array is sorted, whatever the comparer says': `
    let seed = 7; const random = (n) => { seed = Math.imul(seed, 1_103_515_245) + 12_345 & 0x7fffffff; return (seed >> 8) % n; };
    const comparers = [(a, b) => a - b, (a, b) => b % 7 - a % 7, (a, b) => (a > b ? -1 : 1), (a, b) => (a > b ? 1 : -1), (a, b) => a > b, (a, b) => a < b,
      () => 1, () => -1, () => 0, () => NaN, () => random(3) - 1, (a, b) => ({ valueOf: () => b - a }), undefined];
    const kinds = [() => random(1e6), () => random(3), (i) => i, (i) => -i, (i) => i % 50 - i / 1000];
    for (const length of [0, 1, 2, 3, 7, 31, 32, 63, 65, 130, 300]) for (const comparer of comparers) for (const kind of kinds) {
      let pairs = 0;
      const traced = (a, b) => { pairs = Math.imul(pairs, 31) + a * 7 + b | 0; return comparer(a, b); };
      const array = Array.from({ length }, (_, i) => kind(i)).sort(comparer && traced);
      out.push([pairs, array.reduce((sum, item) => Math.imul(sum, 31) + item * 1000 | 0, 0)].join());
    }
    out.push([3, 1, 2].toSorted((a, b) => a > b), ['b', undefined, , 'a'].sort(() => 1), [2, 1].sort((a, b) => ((out.nested = [5, 4, 6].sort()), a - b)));
    let left = 40; try { Array.from({ length: 200 }, (_, i) => -i).sort((a, b) => { if (left-- === 0) throw 'enough'; return a - b; }); } catch (error) { out.push(error, left); }`,
  'maps and sets have numbers and objects': `
    const numbers = [...Array.from({ length: 300 }, (_, i) => i * 4), 0.5, -0, 2 ** 31, -1, NaN, Infinity, 2 ** 53, 5n, -5n, 2n ** 80n]; const objects = numbers.map((n) => ({ n }));
    const set = new Set([...numbers, ...objects, ...numbers]), map = new Map(numbers.map((n, i) => [n, i]));
    out.push(set.size, [...set].map(String).join(), map.get(0), map.get(-0), map.get(NaN), map.get(2 ** 80), map.get(2n ** 80n), map.has(5), set.has(objects[7]), set.has({ n: 28 }));
    for (const n of numbers) if (n > 100) map.delete(n); out.push(map.size, [...map.keys()].map(String).join());`,
  'the end of an array is deleted': `
    const array = [1, 2, 3, 4, 5]; delete array[4]; out.push(array.length, 4 in array, array.indexOf(undefined)); array.push(6); out.push(array.length, Object.keys(array).join(), array.splice(1, 2), array.length);
    delete array[0]; delete array[array.length - 1]; out.push(JSON.stringify(array), array.length); const frozen = Object.freeze([1]); out.push(Reflect.deleteProperty(frozen, 0), frozen);
    Array.prototype[2] = 'inherited'; const short = [1, 2, 3]; delete short[2]; out.push(short[2], short.length, [...short]); delete Array.prototype[2];
    const list = Array.from({ length: 50 }, (_, i) => i); while (list.length > 3) { list.splice(1, 2, 'x'); list.copyWithin(0, 1); } out.push(list);
    const sealed = Object.seal([1, 2]); out.push(Reflect.deleteProperty(sealed, 1), sealed.length); (function () { delete arguments[1]; out.push(arguments.length, Object.keys(arguments).join()); })(1, 2);`,
  'exceptions are caught': `
    const thrown = [() => { throw 5; }, () => { throw { a: 1 }; }, () => null.x, () => { throw new RangeError('r'); }, () => undefinedName, () => { throw Object.assign(new Error('x'), { stack: 'own' }); }];
    for (const one of thrown) { try { one(); } catch (error) { out.push(error instanceof Error ? [error.name, typeof error.stack] : error); } }
    const deep = (n) => (n > 0 ? deep(n - 1) : new Error('deep').stack); out.push(deep(3).split('\\n').filter((line) => line.includes('deep')).length >= 4);`,
};

test.each(Object.keys(bodies))('%s as in V8', async (name) => {
  const body = `const out = []; ${bodies[name]!}\nreturn out;`;
  const expected: unknown = JSON.parse(
    vm.runInNewContext(`'use strict'; ${top} JSON.stringify((() => { ${body} })())`) as string,
  );
  const source = `${top} export const before_hook = () => ({ data: { value: (() => { ${body} })() } });`;
  const unfrozen = (await hooks.engine.unfrozen(source, emptyContext)) as { ctx?: { data: { value: unknown } } };
  expect(unfrozen.ctx?.data.value ?? unfrozen).toEqual(expected);
  expect(await hooks.valueIn(source)).toEqual(expected);
});
