import { exhaustingHooks } from './exhausting-hooks';
import { group, unchanged } from './hostile-hook';
import type { HostileHook } from './hostile-hook';

/** Hooks whose author is an attacker, by what they do. */
export const hostileHooks: Record<string, HostileHook[]> = {
  'tampering with prototypes': group([
    [
      'toJSON of all objects',
      `Object.prototype.toJSON = () => ({ admin: true }); ctx.input.x = 1;`,
      'ok: {"admin":true} null',
    ],
    ['an inherited ok', `Object.prototype.ok = true; return { input: { a: 1 } };`, 'ERR_RESULT'],
    [
      'setters of result keys',
      `Object.defineProperty(Object.prototype, 'ok', { set() { throw 1; }, get() { return undefined; } }); return { data: 1 };`,
      'ok: {"n":1} 1',
    ],
    [
      'no iteration of arrays',
      `Array.prototype[Symbol.iterator] = null; return { data: [1, 2] };`,
      'ok: {"n":1} [1,2]',
    ],
    [
      'no prototypes',
      `Object.setPrototypeOf(ctx, null); Object.setPrototypeOf(ctx.input, null); ctx.input.n = 2;`,
      'ok: {"n":2} null',
    ],
    [
      'a proxy as a prototype',
      `Object.setPrototypeOf(ctx.input, new Proxy({}, { get() { throw new Error('trap'); } })); ctx.input.n = 2;`,
      'ERR_THROWN Error: trap',
    ],
    [
      'replaced built-ins',
      `JSON.stringify = () => '{"ok":true}'; JSON.parse = null; globalThis.Object = null; globalThis.Promise = null; return { data: 3 };`,
      'ok: {"n":1} 3',
    ],
    [
      'a hostile then of all promises',
      `Promise.prototype.then = () => { for (;;); }; await null; return { data: 4 };`,
      'ERR_FUEL',
    ],
    [
      'a hostile constructor of arrays',
      `Object.defineProperty(Array, Symbol.species, { get() { return class { constructor() { return Object.freeze([]); } }; } }); [1].map((x) => x);`,
      'ERR_THROWN TypeError',
    ],
    ['a missing global', `delete globalThis.Array; delete globalThis.TypeError; null.x;`, 'ERR_THROWN TypeError'],
    ['an own then', `return { then(done) { done({ ok: true }); done({ ok: false }); throw 1; } };`, unchanged],
  ]),
  'a result that is not what it seems': group([
    ['a getter that throws', `return { get ok() { throw new Error('got'); } };`, 'ERR_THROWN Error: got'],
    ['a getter that never ends', `return { get ok() { for (;;); } };`, 'ERR_FUEL'],
    [
      'a getter that changes its mind',
      `let n = 0; return { get ok() { return n++ === 0; }, error: 'no' };`,
      'rejected: no',
    ],
    ['toJSON of another type', `return { ok: true, toJSON() { return 5; } };`, 'ERR_RESULT'],
    ['toJSON of nothing', `return { ok: false, error: 'no', toJSON() {} };`, 'ERR_THROWN TypeError'],
    [
      'toJSON without an end',
      `const deep = () => ({ toJSON: () => ({ deep: deep() }) }); return { data: deep() };`,
      'ERR_THROWN RangeError',
    ],
    ['a proxy', `return new Proxy({ ok: false, error: 'proxied' }, {});`, 'rejected: proxied'],
    ['a proxy whose keys never end', `return new Proxy({ ok: true }, { ownKeys() { for (;;); } });`, 'ERR_FUEL'],
    [
      'a revoked proxy',
      `const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return { data: proxy };`,
      'ERR_THROWN TypeError',
    ],
    ['a key __proto__', `return JSON.parse('{"ok":true,"ctx":{"data":{"__proto__":{"x":1}}}}');`, 'ERR_RESULT'],
    ['a circle', `ctx.input.self = ctx.input;`, 'ERR_THROWN TypeError'],
    ['a big integer', `return { data: 1n };`, 'ERR_THROWN TypeError'],
    [
      'no number',
      `return { data: [NaN, Infinity, -0, undefined, () => {}, Symbol('s')] };`,
      'ok: {"n":1} [null,null,0,null,null,null]',
    ],
    ['input that is no object', `ctx.input = 5;`, 'ERR_RESULT'],
    ['input that is gone', `delete ctx.input; delete ctx.data;`, unchanged],
    [
      'input by a getter that throws',
      `Object.defineProperty(ctx, 'input', { get() { throw new Error('mine'); } });`,
      'ERR_THROWN Error: mine',
    ],
    [
      'another user',
      `ctx.user = { id: 'root' }; return { ok: true, ctx: { user: { id: 'root' }, tenant_id: 'other' } };`,
      unchanged,
    ],
    ['very long text', `return { data: 'x'.repeat(2_000_000) };`, 'ERR_RESULT'],
    ['very many values', `return { data: Array(600_000).fill(0) };`, 'ERR_RESULT'],
    ['very deep values', `let a = []; for (let i = 0; i < 10_000; i++) a = [a]; return { data: a };`, 'ERR_'],
    ['half a surrogate pair', `return { data: '\\ud800' };`, 'ok: {"n":1} "\\ud800"'],
    [
      'half a character in what it says no with',
      `return { ok: false, error: 'no 😀'.slice(0, -1) };`,
      'rejected: no \ufffd',
    ],
    ['a forged thrown', `return { ok: true, thrown: { message: 'x' } };`, 'ERR_RESULT'],
  ]),
  ...exhaustingHooks,
  throwing: group([
    ['null', `throw null;`, 'ERR_THROWN null'],
    ['undefined', `throw undefined;`, 'ERR_THROWN undefined'],
    ['a symbol', `throw Symbol('s');`, 'ERR_THROWN Symbol(s)'],
    ['an object without a message', `throw { code: 'E1', at: [1] };`, 'ERR_THROWN {"code":"E1","at":[1]}'],
    [
      'an object that throws while it is written',
      `throw { get code() { throw this; } };`,
      'ERR_THROWN [object Object]',
    ],
    ['an object that contains itself', `const own = {}; own.own = own; throw own;`, 'ERR_THROWN [object Object]'],
    ['an object that never ends', `throw { toJSON() { for (;;); } };`, 'ERR_FUEL'],
    [
      'an object without a prototype',
      `throw Object.create(null);`,
      'ERR_THROWN a value that cannot be written as text',
    ],
    [
      'a toString that throws',
      `throw { toString() { throw 1; } };`,
      'ERR_THROWN a value that cannot be written as text',
    ],
    ['a toString that never ends', `throw { toString() { for (;;); } };`, 'ERR_FUEL'],
    ['a message that throws', `throw { get message() { throw 1; }, toString: () => 'text' };`, 'ERR_THROWN text'],
    [
      'a message that is no text',
      `throw Object.assign(new Error('e'), { message: { a: 1 }, name: 5 });`,
      'ERR_THROWN 5: [object Object]',
    ],
    ['a very long message', `throw new Error('x'.repeat(3e6));`, 'ERR_THROWN Error: xxx'],
    ['characters of a terminal', `throw new Error('\\u001b[31m\\n\\r\\u202e\\0');`, 'ERR_THROWN Error: \\u{1b}[31m'],
    [
      'a proxy',
      `throw new Proxy(new Error('e'), { get() { throw 1; } });`,
      'ERR_THROWN a value that cannot be written as text',
    ],
    [
      'a forged stack',
      `const e = new Error('m'); e.stack = 'at /etc/passwd:1:1)\\n'.repeat(100_000); throw e;`,
      'ERR_THROWN Error: m',
    ],
    [
      'a stack that never ends',
      `throw Object.defineProperty(new Error('m'), 'stack', { get() { for (;;); } });`,
      'ERR_FUEL',
    ],
    [
      'a stack that is no text',
      `throw Object.defineProperty(new Error('m'), 'stack', { value: { toString() { throw 1; } } });`,
      'ERR_THROWN Error: m',
    ],
    [
      'prepareStackTrace',
      `Error.prepareStackTrace = () => { throw new Error('again'); }; throw new Error('m');`,
      'ERR_THROWN Error: m',
    ],
    [
      'a stack limit',
      `Error.stackTraceLimit = { valueOf() { throw 1; } }; throw new Error('m');`,
      'ERR_THROWN Error: m',
    ],
    ['in a loop of causes', `const e = new Error('m'); e.cause = e; throw e;`, 'ERR_THROWN Error: m'],
    [
      'many errors',
      `throw new AggregateError(Array(1000).fill(new Error('x')), 'all');`,
      'ERR_THROWN AggregateError: all',
    ],
    [
      'a promise that is rejected and forgotten',
      `Promise.reject(new Error('lost')); return { ok: true };`,
      'ERR_THROWN Error: lost',
    ],
    ['a thousand rejections', `for (let i = 0; i < 1000; i++) Promise.reject(i);`, 'ERR_THROWN 0'],
  ]),
  'the log': group([
    ['a flood', `for (;;) console.log('x'.repeat(1000));`, 'ERR_FUEL'],
    ['a long line', `console.log('x'.repeat(3e6));`, unchanged],
    ['fields that throw', `console.log('x', { get a() { throw 1; } });`, unchanged],
    ['fields that never end', `console.log('x', { toJSON() { for (;;); } });`, 'ERR_FUEL'],
    ['fields that log', `console.log('x', { get a() { console.log('inner'); return 1; } });`, unchanged],
    ['a forged line', `console.log('a\\n{"thrown":{"message":"forged"}}');`, unchanged],
  ]),
  'what it does not have': group([
    ['import', `await import('node:fs');`, 'ERR_THROWN'],
    ['eval', `(0, eval)('1');`, 'ERR_THROWN TypeError'],
    ['the constructor of functions', `(() => {}).constructor('return 1')();`, 'ERR_THROWN TypeError'],
    ['the time', `return { data: Date.now() };`, 'ERR_THROWN TypeError'],
    ['waiting', `Atomics.wait(new Int32Array(4), 0, 0);`, 'ERR_THROWN ReferenceError'],
    [
      'a collection that tells',
      `const r = new FinalizationRegistry(() => { for (;;); }); for (let i = 0; i < 1000; i++) r.register({}, i); return { data: 1 };`,
      'ERR_FUEL',
    ],
    [
      'a buffer that shrinks while it is sorted',
      `const b = new ArrayBuffer(8, { maxByteLength: 16 }); const u = new Uint8Array(b); u.sort(() => { b.resize(0); return 0; }); return { data: u.length };`,
      'ok: {"n":1} 0',
    ],
    [
      'a buffer that goes away while it is filled',
      `const b = new ArrayBuffer(8); new Uint8Array(b).fill({ valueOf() { b.transfer(); return 1; } });`,
      'ERR_THROWN TypeError',
    ],
  ]),
};
