import { WasmRuntime } from 'hookcell';
import type { HookContext } from 'hookcell';

import { emptyContext, Engine, text } from './engine';

const sample = { ...emptyContext, input: { email: 'a@b.example' } };

let engine: Engine;
const plugins = new WasmRuntime({ logger: false, maxFuel: 200_000_000, timeoutMs: 20_000 });

beforeAll(async () => {
  engine = await Engine.load();
}, 120_000);

afterAll(() => plugins.close());

async function load(name: string, source: string) {
  return plugins.loadPluginBytes(name, await engine.plugin(source));
}

function call(name: string, hook: string, changes: Partial<HookContext>) {
  return plugins.callHook(name, hook, { ...sample, ...changes } as HookContext);
}

describe('a hook', () => {
  test('returns new data, and changes input in place', async () => {
    await load(
      'changes',
      `
      export const before_hook = (ctx) => { ctx.input.email = ctx.input.email.trim(); };
      export const after_hook = async ({ data }) => { await null; return { data: [...data, 'é😀'] }; };
      export const check = () => ({ ok: false, error: 'no', details: [1] });
      export const notAHook = 5;`,
    );
    expect(plugins.plugins().find(({ key }) => key === 'changes')?.hooks).toEqual([
      'after_hook',
      'before_hook',
      'check',
    ]);
    const changed = await call('changes', 'before_hook', { input: { email: ' a@b ' } });
    expect(changed).toMatchObject({ ok: true, ctx: { input: { email: 'a@b' }, data: null } });
    expect(await call('changes', 'after_hook', { data: [1] })).toMatchObject({ ok: true, ctx: { data: [1, 'é😀'] } });
    expect(await call('changes', 'check', {})).toMatchObject({ ok: false, error: 'no', details: [1] });
  });

  const wrong: Record<string, string> = {
    number: '() => 5',
    array: '() => []',
    unknownKey: '() => ({ valid: true })',
    exception: '() => { throw new RangeError("no") }',
    neverSettles: '() => new Promise(() => {})',
    rejected: 'async () => { throw 1 }',
  };

  test('that does not return a result is a fault', async () => {
    const hooks = Object.entries(wrong).map(([name, hook]) => `export const ${name} = ${hook};`);
    await load('wrong', `export const before_hook = () => {}; ${hooks.join('\n')}`);
    for (const name of Object.keys(wrong)) {
      expect([name, (await call('wrong', name, {})).fault?.code]).toEqual([name, 'ERR_THROWN']);
    }
  });

  test('logs, also in a call that ends by a fault, and nothing of it is left for the next call', async () => {
    await load(
      'logs',
      `export const before_hook = ({ input }) => {
        if (input.quiet) return;
        console.warn('begins', { id: input.id });
        if (input.loop) for (;;);
        throw new RangeError('no');
      };`,
    );
    const log = [{ level: 'warn', message: 'begins', fields: { id: 1 } }];
    expect(await call('logs', 'before_hook', { input: { id: 1 } })).toMatchObject({
      fault: { code: 'ERR_THROWN', message: expect.stringContaining('RangeError: no') as string },
      log,
    });
    expect(await call('logs', 'before_hook', { input: { id: 1, loop: true } })).toMatchObject({
      fault: { code: 'ERR_FUEL' },
      log,
    });
    const quiet = await call('logs', 'before_hook', { input: { quiet: true } });
    expect([quiet.ok, quiet.log ?? []]).toEqual([true, []]);
  });

  test('sees nothing of an earlier call, whatever that one changed', async () => {
    await load(
      'residue',
      `
      const state = { n: 0 }; let count = 0; const cache = new Map(); const list = [1]; const re = /a/g;
      class K { static s = 1; #p = 2; get p() { return this.#p++; } } const k = new K();
      function* numbers() { let i = 0; while (true) yield i++; } const it = numbers();
      export const before_hook = ({ input: { r } }) => {
        const seen = [state.n, count, cache.size, K.s, k.p, re.lastIndex, list.length, it.next().value, Object.keys(globalThis).length,
          [].evil, ({}).evil, 'x'.evil, JSON.evil, [].map.evil, Object.getPrototypeOf(state) === Object.prototype];
        state.n++; count++; cache.set(r, {}); K.s = r; re.test('aa'); list.push(r); list.length = 50;
        Array.prototype.evil = r; Object.prototype.evil = r; String.prototype.evil = r; JSON.evil = r; [].map.evil = r;
        Object.setPrototypeOf(state, { z: 1 }); delete Array.prototype.filter; Array.prototype[Symbol.iterator] = null;
        for (let i = 0; i < 50; i++) globalThis['g' + i + r] = { i };
        return { data: seen.map(String).join() };
      };`,
    );
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, r) => call('residue', 'before_hook', { input: { r } })),
    );
    const seen = new Set(results.map((result) => (result.ok ? result.ctx.data : result.error)));
    expect([...seen]).toEqual([
      '0,0,0,1,2,0,1,0,0,,,,,,true'.replace(',,,,,', ',undefined,undefined,undefined,undefined,undefined'),
    ]);
  });
});

describe('JavaScript in a hook', () => {
  const programs: Record<string, string> = {
    'exceptions through frames': `const log = []; const a = (n) => { try { if (n === 0) throw new Error('deep'); return a(n - 1); } catch (e) { log.push(n); if (n < 3) throw e; return e.message + n; } finally { log.push('f' + n); } }; return [a(6), log];`,
    generators: `function* g(n) { try { for (let i = 0; i < n; i++) { const got = yield i; if (got) yield got * 2; } } finally { yield 'end'; } } const it = g(3); return [it.next(), it.next(7), it.next(), it.return(9), it.next(), [...g(4)]];`,
    classes: `class A { #p = 1; constructor(n) { this.n = n; } add(k) { this.#p += k; return this; } get p() { return this.#p; } } class B extends A { constructor(n) { super(n * 2); } add(k) { return super.add(k * 10); } } return [new B(2).add(3).p, new B(1).n];`,
    'regular expressions': `return ['aBc-12'.replace(/(?<x>[a-z])(?<n>\\d)?/gi, (m, q, n, o, s, g) => m + JSON.stringify(g)), 'x1y22'.match(/\\d+/g), /\\p{L}+/u.exec('--éß--')[0]];`,
    numbers: `return [0.1 + 0.2, (1234.5678).toFixed(2), 1 / 3, Math.fround(5.5), (1e21).toString(), 5e-324, -0, 123456789012345680000];`,
    'big integers': `return [String(2n ** 200n), String(-7n / 2n), BigInt.asUintN(8, 257n) === 1n];`,
    promises: `const r = []; const t = async (n) => { r.push('a' + n); await null; r.push('b' + n); }; await Promise.all([t(1), t(2)]); try { await Promise.reject(new Error('x')); } catch (e) { r.push(e.message); } for await (const v of (async function* () { yield 1; })()) r.push(v); return r;`,
    recursion: `const fib = (n) => n < 2 ? n : fib(n - 1) + fib(n - 2); const even = (n) => n === 0 ? true : odd(n - 1); const odd = (n) => n === 0 ? false : even(n - 1); return [fib(15), even(5001)];`,
    'a caught overflow of the stack': `let n = 0; const f = () => { n++; f(); }; try { f(); } catch (e) { return [e instanceof RangeError, n > 5000]; }`,
    'a caught overflow through callbacks': `const f = () => [1].map(() => f()); try { f(); } catch (e) { return e instanceof RangeError; }`,
    'objects that refer to each other': `let last; for (let i = 0; i < 30000; i++) { const a = { i }, b = { a }; a.b = b; last = b; } return last.a.i;`,
    'long strings': `let s = ''; for (let i = 0; i < 20000; i++) s += i; return [s.length, s.slice(-5)];`,
    'JSON.stringify': `return [JSON.stringify({ a: [1, { b: undefined, c: () => 1, d: new Date(0) }], e: NaN }, null, 2), JSON.stringify({ toJSON: () => 5 })];`,
  };

  const names = Object.keys(programs);
  const tried = ['eval("1")', 'new Function("return 1")', 'Date.now()', 'new Date()', 'Math.random()'];
  const missing = `
    const r = [];
    for (const f of [${tried.map((code) => `() => ${code}`).join()}]) try { f(); r.push('ran'); } catch (e) { r.push(e.name); }
    return [r, typeof SharedArrayBuffer, typeof setTimeout, new Date(0).getTimezoneOffset()];`;

  beforeAll(async () => {
    const bodies = [...Object.values(programs), missing].map((body) => `async () => { ${body} }`);
    await load(
      'programs',
      `const programs = [${bodies.join()}];
       export const before_hook = async ({ input }) => ({ data: { v: await programs[input.program]() } });`,
    );
  });

  async function run(program: number) {
    const result = await call('programs', 'before_hook', { input: { program } });
    return result.ok ? result.ctx.data : result;
  }

  test.each(names)('gives the same as in Node.js: %s', async (name) => {
    const expected = (await new Function(`return (async () => { ${programs[name]} })()`)()) as unknown;
    expect(await run(names.indexOf(name))).toEqual(JSON.parse(JSON.stringify({ v: expected })));
  });

  test('has no parser, no clock and no random numbers', async () => {
    expect(await run(names.length)).toEqual({ v: [tried.map(() => 'TypeError'), 'undefined', 'undefined', 0] });
  });

  test('reads and writes JSON as Node.js does', async () => {
    await load(
      'json',
      'export const before_hook = ({ input }) => ({ data: [input, JSON.stringify(input), Object.keys(input)] });',
    );
    const strings = [
      '',
      'é',
      '\u0000\u001f',
      '"\\/',
      '\ud83d',
      '😀',
      'ÿĀ',
      'toJSON',
      'constructor',
      '0',
      '12',
      '4294967295',
      '\u2028',
      '01',
    ];
    const numbers = [
      0,
      -0,
      2_147_483_648,
      0.1,
      1.5e300,
      5e-324,
      1e21,
      1e-7,
      12_345.678,
      1 / 3,
      9_007_199_254_740_992,
      -1e-10,
    ];
    let seed = 7;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    const value = (depth: number): unknown => {
      switch (random(depth > 3 ? 4 : 6)) {
        case 0:
          return numbers[random(numbers.length)];
        case 1:
          return strings[random(strings.length)];
        case 2:
          return [true, false, null][random(3)];
        case 3:
          return (random(1e9) - 5e8) / [1, 10, 1e6, 7][random(4)]!;
        case 4:
          return Array.from({ length: random(5) }, () => value(depth + 1));
        default:
          return Object.fromEntries(
            Array.from({ length: random(6) }, () => [
              strings[random(strings.length)]! + (random(2) ? '' : random(30)),
              value(depth + 1),
            ]),
          );
      }
    };
    for (let round = 0; round < 300; round++) {
      const input = JSON.parse(JSON.stringify({ a: value(0), b: value(0) })) as Record<string, unknown>;
      const result = await call('json', 'before_hook', { input } as Partial<HookContext>);
      expect(result.ok && JSON.stringify(result.ctx.data)).toBe(
        JSON.stringify([input, JSON.stringify(input), Object.keys(input)]),
      );
    }
  });
});

describe('a build', () => {
  test('gives the same bytes for the same source', async () => {
    const source = 'export const before_hook = () => ({ data: new Map([[1, { a: [Math.random()] }]]).size });';
    const [one, other] = await Promise.all([engine.build(source), engine.build(source)]);
    expect(Buffer.from(one.plugin!).equals(Buffer.from(other.plugin!))).toBe(true);
  });

  test.each([
    ['does not parse', 'export const x = ;', "unexpected token in expression: ';'", { line: 1, column: 18 }],
    ['has a wrong regular expression', '\n\nexport const x = /(/;', 'expecting', { line: 3, column: 18 }],
    ['nests too deeply', `\n${'['.repeat(50_000)}`, 'the source nests too deeply', { line: 2 }],
    ['throws at the top', '\nthrow new TypeError("top");', 'top', { line: 2, column: 11 }],
    ['waits for ever', 'await new Promise(() => {});', 'a promise that never settles', undefined],
    ['leaves a rejected promise', '\nPromise.reject(new Error("lost"));', 'lost', { line: 2, column: 20 }],
    [
      'exports too many functions',
      Array.from({ length: 17 }, (_, i) => `export const h${i} = () => 1;`).join(''),
      'at most 16',
      undefined,
    ],
  ])('of a source that %s says what was thrown, and where', async (_, source, message, location) => {
    const { answers, plugin, fault } = await engine.build(source);
    const { thrown } = JSON.parse(text(answers.at(-1) ?? Buffer.from(JSON.stringify({ thrown: fault })))) as {
      thrown: { message: string; backtrace: object[] };
    };
    expect(thrown.message).toContain(message);
    expect(thrown.backtrace).toEqual(
      location === undefined ? expect.anything() : [expect.objectContaining({ file: 'plugin.js', ...location })],
    );
    expect([plugin, fault]).toEqual([undefined, undefined]);
  });

  test.each([
    ['ERR_FUEL', 'for (;;);'],
    ['ERR_FUEL', '/(a+)+$/.test("a".repeat(60) + "b");'],
    ['ERR_MEMORY', 'const a = []; for (;;) a.push(new ArrayBuffer(1e6));'],
    ['ERR_MEMORY', '"x".repeat(2 ** 29).repeat(2);'],
  ])('of a hostile source ends with %s: %s', async (code, source) => {
    expect((await engine.build(source)).fault?.code).toBe(code);
  });
});
