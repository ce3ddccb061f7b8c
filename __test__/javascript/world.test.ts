// What a hook in JavaScript gets from its context, what it does not have, and how it throws.

import { emptyContext } from './engine';
import { Hooks } from './hooks';

let hooks: Hooks;

beforeAll(async () => {
  hooks = await Hooks.load();
}, 120_000);

describe('time and random numbers', () => {
  const now = 1_700_000_000_123;

  test('come from the context if it grants them', async () => {
    const body = `return [Date.now(), new Date().getTime(), typeof Date(), new Date(2020, 1).getTime(), Math.random(), Math.random()];`;
    const built = await hooks.plugin(`() => { ${body.replace('return', 'const data =')} return { data }; }`);
    const dataOf = (grants: object) =>
      (built.call({ ...emptyContext, ...grants }).result as { ctx: { data: number[] } }).ctx.data;
    const first = dataOf({ now, seed: 'a' });
    expect(first.slice(0, 4)).toEqual([now, now, 'string', Date.UTC(2020, 1)]);
    expect(dataOf({ now, seed: 'a' })).toEqual(first);
    expect(dataOf({ now, seed: 'b' })[4]).not.toBe(first[4]);
    expect(dataOf({ now, seed: 1 })[4]).not.toBe(dataOf({ now, seed: '1' })[4]);
    expect(first[4]).not.toBe(first[5]);
    expect(first.slice(4).every((number) => number >= 0 && number < 1)).toBe(true);
  });

  test.each([
    ['Date.now()', 'now', { seed: 1 }],
    ['new Date()', 'now', { seed: 1, now: 'yesterday' }],
    ['Date()', 'now', { now: null }],
    ['Math.random()', 'seed', { now: 1 }],
    ['Math.random()', 'seed', { now: 1, seed: {} }],
  ])('%s throws a TypeError that names "%s" if the context grants none: %j', async (code, grant, grants) => {
    const { result } = await hooks.run(`() => { ${code}; }`, { ...emptyContext, ...grants });
    expect(result).toMatchObject({
      thrown: { name: 'TypeError', message: expect.stringContaining(`"${grant}"`) as string },
    });
  });

  test('are also there if the time has the two forms that the host gives it', async () => {
    const granted = { ...emptyContext, now: { ms: now, iso: new Date(now).toISOString() } };
    expect(await hooks.valueOf(`return [Date.now(), new Date().toISOString(), ctx.now.iso];`, granted)).toEqual([
      now,
      new Date(now).toISOString(),
      new Date(now).toISOString(),
    ]);
    for (const wrong of [{}, { ms: '5' }, { ms: 1e300 }, [], { iso: 'x' }]) {
      const { result } = await hooks.run('() => { Date.now(); }', { ...emptyContext, now: wrong });
      expect(result).toMatchObject({ thrown: { name: 'TypeError' } });
    }
  });

  test('that are refused are in the log, once each, though the plugin catches the exception', async () => {
    const hook = `() => {
  const quietly = (what) => { try { return what(); } catch {} };
  for (let i = 0; i < 3; i++) { quietly(() => Date.now()); quietly(() => new Date()); quietly(() => Math.random()); quietly(() => crypto.randomUUID()); }
}`;
    const { result, log } = await hooks.run(hook);
    expect(result).toBeUndefined();
    expect(log).toMatchObject([
      { level: 'warn', message: 'asked for the time, which this call does not grant' },
      { level: 'warn', message: 'asked for random numbers, which this call does not grant' },
    ]);
    const frame = { function: 'before_hook', file: 'plugin.js', line: 3 };
    expect((log[0] as { backtrace: object[] }).backtrace).toContainEqual(expect.objectContaining(frame));
    expect((await hooks.run('() => { Date.now(); Math.random(); }', { ...emptyContext, now: 1, seed: 1 })).log).toEqual(
      [],
    );
  });

  test('of the build are always the same, and are no secret', async () => {
    const source = 'const at = [Date.now(), Math.random()]; export const before_hook = () => ({ data: at });';
    const [one, other] = await Promise.all([hooks.engine.plugin(source), hooks.engine.plugin(source)]);
    expect(Buffer.from(one).equals(Buffer.from(other))).toBe(true);
  });
});

describe('what a hook does not have', () => {
  test.each([
    'setTimeout',
    'setInterval',
    'SharedArrayBuffer',
    'Atomics',
    'performance',
    'Intl',
    'fetch',
    'process',
    'require',
    'WebAssembly',
    'engine',
  ])('is not defined: %s', async (name) => {
    expect(await hooks.valueOf(`return [typeof ${name}, '${name}' in globalThis];`)).toEqual(['undefined', false]);
  });

  test.each([
    ['eval("1")', 'no eval'],
    ['new Function("return 1")', 'no new Function'],
    ['(async () => {}).constructor("return 1")', 'no new Function'],
    ['crypto.randomUUID()', 'crypto.randomUUID'],
    ['crypto.getRandomValues(new Uint8Array(1))', 'crypto.getRandomValues'],
    ['(5).toLocaleString("de-DE")', 'no Intl'],
    ['(5).toLocaleString(undefined, { style: "percent" })', 'no Intl'],
    ['new Date(0).toLocaleDateString("fr")', 'no Intl'],
    ['new Date(0).toLocaleString("en-US", { timeZone: "Europe/Paris" })', 'no Intl'],
    ['"a".localeCompare("b", "sv")', 'no Intl'],
    ['"I".toLocaleLowerCase("tr")', 'no Intl'],
    ['new TextDecoder("shift_jis")', 'shift_jis'],
  ])('throws an error that says so: %s', async (code, message) => {
    const { name, message: said } = await hooks.thrownBy(`() => { ${code}; }`);
    expect([name === 'TypeError' || name === 'RangeError', said]).toEqual([true, expect.stringContaining(message)]);
  });
});

describe('an exception that leaves a hook', () => {
  test.each<[string, string, object]>([
    [
      'synchronous',
      `() => { throw new RangeError('no'); }`,
      {
        name: 'RangeError',
        message: 'no',
        backtrace: [{ function: 'before_hook', file: 'plugin.js', line: 1, column: 46 }],
      },
    ],
    ['of an async hook', `async () => { await null; throw new Error('late'); }`, { name: 'Error', message: 'late' }],
    ['of a promise that no one waits for', `() => { Promise.reject(new Error('lost')); }`, { message: 'lost' }],
    [
      'of an async function that no one waits for',
      `async () => { (async () => { await null; throw new Error('lost'); })(); await null; await null; await null; }`,
      { message: 'lost' },
    ],
    ['of a microtask', `() => { queueMicrotask(() => { throw new Error('micro'); }); }`, { message: 'micro' }],
    ['a string', `() => { throw 'text'; }`, { message: 'text', backtrace: [] }],
    ['an object', `() => { throw { message: 'mine', name: 'N' }; }`, { name: 'N', message: 'mine', backtrace: [] }],
    ['undefined', `() => { throw undefined; }`, { message: 'undefined' }],
    ['a symbol', `() => { throw Symbol('s'); }`, { message: 'Symbol(s)' }],
    [
      'of a callback',
      `() => { [2, 1].sort(function compared() { null.x; }); }`,
      { name: 'TypeError', backtrace: [{ function: 'compared' }, { function: 'sort' }, { function: 'before_hook' }] },
    ],
    [
      'of a callback that is entered without its method',
      `() => { [1].map(function mapped() { null.x; }); }`,
      { name: 'TypeError', backtrace: [{ function: 'mapped' }, { function: 'before_hook' }] },
    ],
  ])('is told with its name, its message and its backtrace: %s', async (_, hook, thrown) => {
    const match = thrown as { backtrace?: object[] };
    const said = await hooks.thrownBy(hook);
    expect(said).toMatchObject(
      match.backtrace === undefined
        ? thrown
        : { ...thrown, backtrace: match.backtrace.map((frame) => expect.objectContaining(frame) as object) },
    );
  });

  test('is none if a promise gets its handler before the hook ends', async () => {
    const { result } = await hooks.run(
      `async () => { const p = Promise.reject(new Error('lost')); await null; p.catch(() => {}); }`,
    );
    expect(result).toBeUndefined();
  });
});
