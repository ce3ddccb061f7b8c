// What a call leaves for the next one: nothing, whatever it changed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { printedAfter } from '../support/child';
import { emptyContext, Engine, InV8 } from './engine';

const tenants = 5;
const calls = 10_000;

/** What a hook changes, and the last one throws. */
const changes = [
  'Array.prototype.evil = secret; Object.prototype.evil = secret;',
  'Array.prototype.map = () => secret; String.prototype.split = null; Map.prototype.get = () => secret;',
  'delete Array.prototype.filter; delete globalThis.URL; delete Math.max; delete Date.prototype.getTime;',
  'Array.prototype[Symbol.iterator] = function* () { yield secret; };',
  'Object.setPrototypeOf(state, { secret }); Object.freeze(state); Object.setPrototypeOf(counter, null);',
  "for (let i = 0; i < 60; i++) globalThis['g' + i + secret] = { i, secret };",
  'Promise.prototype.then.evil = secret; Map.prototype.set = () => secret; JSON.evil = secret; JSON.stringify = () => secret;',
  'Error.prepareStackTrace = () => secret; Error.stackTraceLimit = 1; Symbol.for(secret); RegExp.prototype.exec = () => null;',
  'cache.clear(); list.splice(0); bytes.set([1, 2, 3]); Counter.made = secret; delete state.n; date.setTime(7);',
  'const all = []; for (let i = 0; i < 500; i++) all.push({ [secret + i]: secret }); globalThis.all = all;',
  'URL.prototype.toString = () => secret; TextEncoder.prototype.encode = () => [secret]; console.log = () => secret; Math.random = () => 4; Date.now = () => 5;',
  'throw new Error(secret);',
];

/** Tells all that an earlier call could have changed, and then changes it. */
const source = (salt: string) => `
  const state = { n: 0 }; let count = 0; const cache = new Map(); const seen = new WeakMap(); const set = new Set([1]); const list = [1];
  const bytes = new Uint8Array(64); const re = /a/g; const key = {}; const symbol = Symbol.for('${salt}'); const date = new Date(86_400_000);
  class Counter { static made = 0; #n = 2; get n() { return this.#n++; } constructor() { Counter.made++; } } const counter = new Counter();
  function* numbers() { let i = 0; for (;;) yield i++; } const iterator = numbers();
  let settle; const waiting = new Promise((resolve) => { settle = resolve; }); let settled = 'no';
  waiting.then((value) => { settled = value; });
  const attempt = (f) => { try { return f(); } catch (error) { return String(error); } };
  const builtIns = [Object, Array, String, Function, Promise, Map, Set, Number, RegExp, Date, Error, Symbol, URL, TextEncoder, Math, JSON, Reflect, console, globalThis]
    .flatMap((object) => (object.prototype ? [object, object.prototype] : [object]));
  const shape = () => builtIns.map((object) => Reflect.ownKeys(object).length).join();
  export const before_hook = async ({ input: { change, tenant } }) => {
    await null;
    const data = [state.n, count, cache.size, set.size, list.length, list[0], [...bytes].join(), re.lastIndex, seen.has(key), Counter.made, counter.n, iterator.next().value, settled,
      shape(), [].evil ?? 0, ({}).evil ?? 0, Object.isFrozen(state), Object.getPrototypeOf(state) === Object.prototype, [3, 1, 2].sort().join(), Object.getOwnPropertySymbols(state).length,
      typeof structuredClone(state), new URL('https://x.example/?a=1').searchParams.get('a'), new TextEncoder().encode('é').length, Array.prototype.map.name, [...'ab'].length,
      date.getTime(), new Map([[1, 2]]).get(1), 'a-b'.split('-').length, Math.max(1, 2), /b/.exec('abc')?.index, attempt(() => Math.random()), attempt(() => Date.now()), new Error('e').stack];
    const secret = tenant + ':' + change;
    console.log(secret);
    state.n = secret; state[symbol] = secret; count += change + 1; cache.set(secret, { secret }); set.add(secret); list.push(secret); list.length = 3 + change; list[0] = secret;
    bytes.fill(change + 1); re.test('aaa'); seen.set(key, secret); new Counter(); settle(secret); date.setDate(change); await null;
    switch (change) { ${changes.map((change, i) => `case ${i}: { ${change} break; }`).join('\n')} }
    return { data: { settled, data } };
  };`;

/**
 * Makes the calls, several at a time, kinds and tenants interleaved, and counts those that end in another way than the same call
 * of a plugin that was never called before.
 */
const script = `
  const { WasmRuntime } = require('hookcell');
  const { plugins, kinds, calls } = require(process.argv[1]);
  const runtime = new WasmRuntime({ logger: false, maxFuel: 200_000_000, timeoutMs: 60_000, concurrency: 2 });
  const found = { made: 0, pooled: runtime.pooled, faults: 0, different: [] };
  async function work() {
    while (found.made < calls) {
      const { plugin, context, expected } = kinds[(found.made++ * 49) % kinds.length];
      const { ok, ctx, fault, log } = await runtime.callHook(plugin, 'before_hook', context);
      const seen = JSON.stringify([ok ? ctx.data : fault?.message, log]);
      found.faults += fault === undefined ? 0 : 1;
      if (fault === undefined ? seen !== expected : !seen.includes(expected)) found.different.push([context.input, seen, expected]);
    }
  }
  Promise.all(plugins.map((file) => runtime.loadPlugin(file)))
    .then(() => Promise.all(Array.from({ length: 8 }, work)))
    .then(() => console.log(JSON.stringify({ ...found, different: found.different.slice(0, 3) })));
`;

interface Line {
  message: string;
  backtrace?: { function: string; file?: string; line?: number; column?: number }[];
}

/** A line as the host tells it. */
function told(line: unknown): unknown {
  const { backtrace, ...rest } = line as Line;
  if (backtrace === undefined) {
    return line;
  }
  const frames = backtrace.map((frame) =>
    frame.file === undefined ? frame.function : `${frame.function} (${frame.file}:${frame.line}:${frame.column})`,
  );
  return { ...rest, message: `${rest.message} (at ${frames.join(', ')})` };
}

let folder: string;
let file: string;
let fresh: InV8[];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hookcell-residue-'));
  const engine = await Engine.load();
  const built = await Promise.all(['one', 'other'].map((salt) => engine.plugin(source(salt))));
  const plugins = built.map((_, i) => path.join(folder, `${i}.wasm`));
  built.forEach((bytes, i) => writeFileSync(plugins[i]!, bytes));
  // What is expected comes from V8, which runs each call in an instance that shares nothing with any other.
  fresh = built.map((bytes) => new InV8(bytes));
  const kinds = changes.flatMap((_, change) =>
    Array.from({ length: tenants * fresh.length }, (__, i) => {
      const tenant = `t${i % tenants}`;
      const context = {
        ...emptyContext,
        tenant_id: tenant,
        input: { change, tenant },
      };
      const { result, log } = fresh[i % 2]!.call(context);
      const { ctx, thrown } = result as { ctx?: { data: unknown }; thrown?: { message: string } };
      return {
        plugin: plugins[i % 2],
        context,
        expected: thrown?.message ?? JSON.stringify([ctx?.data, log.map(told)]),
      };
    }),
  );
  file = path.join(folder, 'calls.json');
  writeFileSync(file, JSON.stringify({ plugins, kinds, calls }));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

test.each(changes.map((change, i) => [change, i] as const).slice(0, -1))(
  'the hook would tell what an earlier call of it changed: %s',
  (_, change) => {
    const second = { ...emptyContext, input: { change: 0, tenant: 't0' } };
    const [, after] = fresh[0]!.calls([{ ...emptyContext, input: { change, tenant: 't1' } }, second]);
    expect(after).not.toEqual(fresh[0]!.call(second));
    expect(JSON.stringify(after)).toContain(`t1:${change}`);
  },
);

const equal = { faults: Math.floor(calls / changes.length), different: [] };

test('each of 10,000 calls that change all they reach equals the same call of a plugin that was never called, in pooled cells', async () => {
  expect(await printedAfter('true', script, file)).toMatchObject({ ...equal, pooled: true });
}, 240_000);

(process.platform === 'linux' ? test : test.skip)(
  'each of 10,000 calls that change all they reach equals the same call of a plugin that was never called, in cells mapped for each call',
  async () => {
    expect(await printedAfter('ulimit -v 8000000', script, file)).toMatchObject({ ...equal, pooled: false });
  },
  240_000,
);
