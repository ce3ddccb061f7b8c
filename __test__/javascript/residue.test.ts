// What a call leaves for the next one: nothing, whatever it changed.

import { WasmRuntime } from 'hookcell';
import type { HookContext, PluginResult } from 'hookcell';

import { emptyContext, Engine } from './engine';

const calls = 10_000;
const tenants = 5;
const inFlight = 8;

/** Tells all that an earlier call could have changed, and then changes it. */
const source = (salt: string) => `
  const state = { n: 0 }; let count = 0; const cache = new Map(); const seen = new WeakMap(); const set = new Set([1]); const list = [1];
  const bytes = new Uint8Array(64); const re = /a/g; const key = {}; const symbol = Symbol.for('${salt}');
  class Counter { static made = 0; #n = 2; get n() { return this.#n++; } constructor() { Counter.made++; } } const counter = new Counter();
  function* numbers() { let i = 0; for (;;) yield i++; } const iterator = numbers();
  let settle; const waiting = new Promise((resolve) => { settle = resolve; }); let settled = 'no';
  waiting.then((value) => { settled = value; });
  const builtIns = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Promise.prototype, Map.prototype, Math, JSON, Reflect, globalThis, RegExp.prototype, Date.prototype, Error, Symbol, console, URL.prototype, TextEncoder.prototype];
  const shape = () => builtIns.map((object) => Reflect.ownKeys(object).length).join();
  export const before_hook = async ({ input: { id, tenant } }) => {
    await null;
    const data = [state.n, count, cache.size, set.size, list.length, list[0], bytes[id % 64], re.lastIndex, seen.has(key), Counter.made, counter.n, iterator.next().value, settled,
      shape(), [].evil ?? 0, ({}).evil ?? 0, Object.isFrozen(state), Object.getPrototypeOf(state) === Object.prototype, [3, 1, 2].sort().join(), String(Object.getOwnPropertySymbols(state).length),
      typeof structuredClone(state), new URL('https://x.example/?a=1').searchParams.get('a'), new TextEncoder().encode('é').length, Array.prototype.map.name, [...'ab'].length];
    const secret = tenant + ':' + id;
    state.n = secret; state[symbol] = secret; count += id + 1; cache.set(secret, { secret }); set.add(secret); list.push(secret); list.length = 3 + (id % 50); list[0] = secret;
    bytes.fill(id % 256); re.test('aaa'); seen.set(key, secret); new Counter(); settle(secret); await null; console.log(secret);
    const changes = [
      () => { Array.prototype.evil = secret; Object.prototype.evil = secret; },
      () => { Array.prototype.map = () => secret; String.prototype.split = null; },
      () => { delete Array.prototype.filter; delete globalThis.URL; delete Math.max; },
      () => { Array.prototype[Symbol.iterator] = function* () { yield secret; }; },
      () => { Object.setPrototypeOf(state, { secret }); Object.freeze(state); },
      () => { for (let i = 0; i < 60; i++) globalThis['g' + i + secret] = { i, secret }; },
      () => { Promise.prototype.then.evil = secret; Map.prototype.set = () => secret; JSON.evil = secret; },
      () => { Error.prepareStackTrace = () => secret; Error.stackTraceLimit = 1; Symbol.for(secret); },
      () => { cache.clear(); list.splice(0); bytes.set([1, 2, 3]); Counter.made = secret; delete state.n; },
      () => { let all = []; for (let i = 0; i < 500; i++) all.push({ [secret + i]: secret }); globalThis.all = all; },
      () => { URL.prototype.toString = () => secret; TextEncoder.prototype.encode = () => [secret]; console.log = () => secret; },
      () => { throw new Error(secret); },
    ];
    if (id % 13 === 12) changes[11]();
    changes[id % 11]();
    return { ok: true, ctx: { data: { id, data } } };
  };`;

/** All that a caller sees of a call, but for how long it took. */
function seen(result: PluginResult): string {
  return JSON.stringify([result.ok, result.ok ? result.ctx.data : result.error, result.fault, result.log]);
}

const inputOf = (id: number, tenant: string): HookContext => ({ ...emptyContext, tenant_id: tenant, input: { id, tenant } });

describe.each([
  ['pooled', 'pooled'],
  ['on demand', 'on-demand'],
] as const)('%s', (_, allocation) => {
  test('each of 10,000 calls that change all they reach equals the same call of a fresh plugin', async () => {
    const engine = await Engine.load();
    const plugins = await Promise.all(['one', 'other'].map((salt) => engine.plugin(source(salt))));
    const options = { logger: false, maxFuel: 200_000_000, timeoutMs: 20_000, allocation } as const;
    // What each kind of call answers in a runtime that has run nothing else.
    const expected = new Map<string, string>();
    const idOf = (call: number) => (call * 7) % 143;
    for (let id = 0; id < 143; id++) {
      const fresh = new WasmRuntime(options);
      await Promise.all(plugins.map((bytes, i) => fresh.loadPluginBytes(`plugin-${i}`, bytes)));
      for (const i of plugins.keys()) {
        if (id % 29 === 0 || i === id % 2) {
          for (let tenant = 0; tenant < (id % 29 === 0 ? tenants : 1); tenant++) {
            expected.set(`${i} ${id} t${tenant}`, seen(await fresh.callHook(`plugin-${i}`, 'before_hook', inputOf(id, `t${tenant}`))));
          }
        }
      }
      await fresh.close();
    }
    const runtime = new WasmRuntime({ ...options, concurrency: 2 });
    await Promise.all(plugins.map((bytes, i) => runtime.loadPluginBytes(`plugin-${i}`, bytes)));
    let next = 0;
    const first = new Map(expected);
    const worker = async () => {
      while (next < calls) {
        const call = next++;
        const [i, id, tenant] = [call % 2, idOf(call), `t${call % tenants}`];
        const result = seen(await runtime.callHook(`plugin-${i}`, 'before_hook', inputOf(id, tenant)));
        const key = `${i} ${id} ${tenant}`;
        // A kind that no fresh runtime was asked for equals the first call of its kind, which has no other tenant's secret.
        if (!first.has(key)) {
          first.set(key, result);
        }
        expect([key, result]).toEqual([key, first.get(key)]);
        for (let other = 0; other < tenants; other++) {
          expect(`t${other}` === tenant || !result.includes(`t${other}:`)).toBe(true);
        }
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    expect(next).toBe(calls);
    await runtime.close();
  }, 240_000);
});
