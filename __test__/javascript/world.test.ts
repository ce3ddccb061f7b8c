// What a hook in JavaScript has besides the language itself.

import { emptyContext, Engine, InV8 } from './engine';
import type { Answer } from './engine';

let engine: Engine;

beforeAll(async () => {
  engine = await Engine.load();
}, 120_000);

/** A plugin whose hook is this function, as text. */
async function plugin(hook: string): Promise<InV8> {
  return new InV8(await engine.plugin(`export const before_hook = ${hook};`));
}

async function run(hook: string, context: object = emptyContext): Promise<Answer> {
  return (await plugin(hook)).call(context);
}

/** What the body returns in a hook, as JSON writes it. */
async function valueOf(body: string, context: object = emptyContext): Promise<unknown> {
  const { result } = await run(`async (ctx) => ({ data: { value: await (async () => { ${body} })() } })`, context);
  return (result as { ctx?: { data: { value: unknown } } }).ctx?.data.value ?? result;
}

async function thrownBy(hook: string): Promise<{ name?: string; message: string; backtrace: object[] }> {
  return ((await run(hook)).result as { thrown: { message: string; backtrace: object[] } }).thrown;
}

describe('console', () => {
  test.each<[string, unknown[]]>([
    [
      `console.log('a', 1, null, undefined, 5n, [1, 'x'])`,
      [{ level: 'info', message: 'a 1 null undefined 5n [1,"x"]' }],
    ],
    [`console.info('priced', { total: 5 })`, [{ level: 'info', message: 'priced', fields: { total: 5 } }]],
    [`console.debug({ total: 5 })`, [{ level: 'debug', message: '', fields: { total: 5 } }]],
    [
      `console.warn('%s has %d%%, %i, %j', 'x', 5.5, 5.5, [1], 'rest')`,
      [{ level: 'warn', message: 'x has 5.5%, 5, [1] rest' }],
    ],
    [`console.error(new TypeError('bad'), Symbol('s'))`, [{ level: 'error', message: 'TypeError: bad Symbol(s)' }]],
    [
      `console.assert(1, 'no'); console.assert(0, 'yes', { a: 1 })`,
      [{ level: 'error', message: 'Assertion failed: yes', fields: { a: 1 } }],
    ],
    [
      `console.count(); console.count('x'); console.count()`,
      [1, 2, 3].map((_, i) => ({ level: 'info', message: ['default: 1', 'x: 1', 'default: 2'][i] })),
    ],
    [
      `console.group('g'); console.log('in'); console.groupEnd(); console.log('out')`,
      ['g', '  in', 'out'].map((message) => ({ level: 'info', message })),
    ],
    [`console.table([{ a: 1 }])`, [{ level: 'info', message: '[{"a":1}]' }]],
    [
      `console.log('line\\nbreak\\u2028 "quoted" \\ud800')`,
      [{ level: 'info', message: 'line\nbreak\u2028 "quoted" \ud800' }],
    ],
  ])('writes lines of the log: %s', async (code, lines) => {
    expect((await run(`() => { ${code} }`)).log).toEqual(lines);
  });

  test('never throws, whatever it is given', async () => {
    const { result, log } = await run(`() => {
      const cycle = {}; cycle.cycle = cycle;
      const hostile = [
        cycle, { get x() { throw 1; } }, { toJSON() { throw 1; } }, new Proxy({}, { ownKeys() { throw 1; }, getPrototypeOf() { throw 1; } }),
        Object.create({ toString: null }), [cycle], Object.assign(new Error('e'), { name: Symbol('n') }), () => {}, Object.create(null), new Date(NaN),
      ];
      for (const value of hostile) console.log(value);
      for (const value of hostile) console.log('%s %d', value, value);
    }`);
    expect(result).toBeUndefined();
    expect(log).toHaveLength(20);
  });

  test('does not use what a plugin has replaced', async () => {
    const { log } = await run(`() => {
      JSON.stringify = () => 'evil'; Object.getPrototypeOf = () => null; Array.isArray = () => false;
      Array.prototype[Symbol.iterator] = () => { throw 1; }; Object.prototype.toString = () => 'evil'; String.prototype.toString = () => 'evil'; globalThis.String = () => 'evil';
      console.log('a', [1], { b: 2 });
    }`);
    expect(log).toEqual([{ level: 'info', message: 'a [1]', fields: { b: 2 } }]);
  });

  test('drops what is more than a log holds, and cuts a long line', async () => {
    const { log } = await run(`() => {
      console.log('x'.repeat(1e6)); console.log('f', { long: 'y'.repeat(1e5) });
      for (let i = 0; i < 100000; i++) console.log('flood');
    }`);
    expect(log[0]).toEqual({ level: 'info', message: 'x'.repeat(8192) });
    expect(log[1]).toEqual({ level: 'info', message: 'f', fields: { omittedBytes: 100_011 } });
    expect(log.length).toBeGreaterThan(10_000);
    expect(JSON.stringify(log).length).toBeLessThan(1_100_000);
  });

  test('is empty at the beginning of a call, whatever the build logged', async () => {
    const built = new InV8(await engine.plugin(`console.log('build'); export const before_hook = () => {};`));
    expect(built.call().log).toEqual([]);
  });

  test('keeps its lines when the hook throws', async () => {
    const { result, log } = await run(`() => { console.log('before'); throw new Error('x'); }`);
    expect(result).toMatchObject({ thrown: { message: 'x' } });
    expect(log).toEqual([{ level: 'info', message: 'before' }]);
  });
});

describe('the same as in Node.js', () => {
  const programs: Record<string, string> = {
    TextEncoder: `return ['', 'a', 'é€😀', '\\ud800x\\udc00', 'ÿ'].map((t) => [...new TextEncoder().encode(t)]).concat([new TextEncoder().encodeInto('aé😀', new Uint8Array(5))]);`,
    'TextDecoder of UTF-8': `const all = [[0xe2, 0x82, 0xac], [0xff, 0x41], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf, 0x41], [0xf0, 0x9f, 0x98, 0x80], [0xe0, 0x80, 0x80], [0xf1, 0x80, 0x41]];
      return all.map((b) => [new TextDecoder().decode(new Uint8Array(b)), new TextDecoder('utf8', { ignoreBOM: true }).decode(new Uint8Array(b).buffer), (() => { try { return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(b)); } catch (e) { return e.name; } })()]);`,
    'TextDecoder of a stream': `const bytes = new TextEncoder().encode('\\ufeffaé€😀z'); const r = []; for (let size = 1; size < 6; size++) { const d = new TextDecoder(); let t = ''; for (let i = 0; i < bytes.length; i += size) t += d.decode(bytes.subarray(i, i + size), { stream: true }); r.push(t + d.decode()); } const d = new TextDecoder(); r.push(d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode()); return r;`,
    'TextDecoder of others': `return [new TextDecoder('utf-16le').decode(new Uint8Array([0x3d, 0xd8, 0, 0xde, 0x41, 0, 0x3d, 0xd8, 0x42])), new TextDecoder('latin1').encoding, new TextDecoder('latin1').decode(new Uint8Array([0xa0, 0xe9, 0x41])), new TextDecoder(' UTF-16 ').encoding, new TextDecoder().fatal];`,
    'atob and btoa': `return [btoa('hé'), atob(' aGk= '), (() => { try { btoa('€'); } catch (e) { return [e.name, e.constructor.name]; } })(), (() => { try { atob('a'); } catch (e) { return e.name; } })()];`,
    structuredClone: `const cycle = { a: [1, , 3], d: new Date(5), r: /x/gi, m: new Map([[{ k: 1 }, new Set([1])]]), u: new Uint8Array([1, 2]).subarray(1), n: null, b: 5n, s: Object('boxed'), e: new RangeError('r', { cause: { c: 1 } }) };
      cycle.self = cycle; const c = structuredClone(cycle);
      return [c.self === c, c !== cycle, c.a, 1 in c.a, c.d.getTime(), String(c.r), [...c.m.keys()], [...[...c.m.values()][0]], [...c.u], c.u.byteOffset, String(c.b), typeof c.s, c.e.constructor.name, c.e.message, c.e.cause, Object.keys(c),
        [() => {}, Symbol('s'), { f() {} }, new WeakMap(), Promise.resolve()].map((v) => { try { structuredClone(v); return 'cloned'; } catch (e) { return e.name; } })];`,
    queueMicrotask: `const r = []; queueMicrotask(() => r.push(2)); Promise.resolve().then(() => r.push(3)); r.push(1); await new Promise((done) => queueMicrotask(done)); return r;`,
    'numbers of en-US': `return [0, -0, 1, 12, 123, 1234, -1234567.891, 0.0005, 1.0005, 0.1 + 0.2, 1e21, 1.2345678901234567e25, 5e-324, NaN, Infinity, -Infinity, 999.9995, 1e-7, -1e-7, 123456789012345680000].map((n) => n.toLocaleString('en-US')).concat([12345678901234567890n.toLocaleString('en-US')]);`,
    'dates of en-US': `return [0, 1e12, -1e13, 1700000000000, 43200000].map((t) => { const d = new Date(t); const o = { timeZone: 'UTC' }; return [d.toLocaleString('en-US', o), d.toLocaleDateString('en-US', o), d.toLocaleTimeString('en-US', o)].map((s) => s.replace(/\\s/g, ' ')); });`,
    URLSearchParams: `const p = new URLSearchParams('?a=1&b=2&a=%20+x&=y&c'); p.append('é', '&='); p.delete('b'); p.set('a', 'z'); p.sort(); return [String(p), [...p], p.get('q'), p.getAll('a'), p.has('c', ''), p.size, String(new URLSearchParams({ x: '1', y: 2 })), String(new URLSearchParams([['k', 'v']])), [...p.keys()], [...p.values()], (() => { const r = []; p.forEach((v, k) => r.push(k + v)); return r; })()];`,
    'searchParams of a URL': `const u = new URL('https://x.example/p?a=1#h'); u.searchParams.append('b', 'ü '); const first = u.href; u.search = '?c=3'; const second = [...u.searchParams]; u.searchParams.delete('c'); return [first, second, u.href, JSON.stringify({ u }), URL.canParse('nope'), URL.canParse('/x', 'http://y')];`,
  };

  test.each(Object.keys(programs))('%s', async (name) => {
    const body = programs[name]!;
    const expected = (await new Function(`return (async () => { ${body} })()`)()) as unknown;
    expect(await valueOf(body)).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  test('URL, for random texts and bases', async () => {
    const keys = [
      'href',
      'origin',
      'protocol',
      'username',
      'password',
      'host',
      'hostname',
      'port',
      'pathname',
      'search',
      'hash',
    ] as const;
    const atoms = [
      ...[
        '/',
        '//',
        '\\',
        '?',
        '#',
        '@',
        ':',
        'a',
        'b.c',
        '..',
        '.',
        '%2e',
        '%2E%2e',
        'C:',
        'c|',
        'example.com',
        'EXAMPLE.com',
        'localhost',
      ],
      ...[
        '127.1',
        '0x7f.0.0.1',
        '1.2.3.4.5',
        '256',
        '[::1]',
        '[1:2::3]',
        '[::1.2.3.4]',
        '[1:2:3:4:5:6:7:8]',
        '[zz]',
        '80',
        '443',
        '65536',
        'é',
        'ß',
      ],
      ...[
        'xn--fa-hia',
        '日本',
        '%41',
        '%',
        '%zz',
        ' ',
        '\t',
        '\n',
        '"',
        '<',
        '>',
        '`',
        '{',
        '}',
        '|',
        '[',
        ']',
        "'",
        '&',
        '=',
        '+',
        '😀',
        'user:pw@',
      ],
      ...['~', '!', '*', '\0', '\x7f', '0', '08', '4294967296', '0xffffffff', 'ex%61mple', 'a%2fb', '。', 'x:y'],
    ];
    const schemes = [
      'http:',
      'https:',
      'file:',
      'ftp:',
      'ws:',
      'foo:',
      'data:',
      'HTTP:',
      'blob:',
      '',
      '',
      '',
      'a+b-c.d:',
    ];
    const bases = [
      undefined,
      undefined,
      'http://example.com/a/b?c#d',
      'https://u:p@h:8080/x/',
      'file:///C:/a/b',
      'file://host/a',
      'foo://bar/baz',
      'http://x',
    ];
    let state = 1;
    const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
    const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
    const cases = Array.from(
      { length: 4000 },
      () =>
        [
          pick(schemes) + pick(['', '//', '//']) + Array.from({ length: 1 + random(7) }, () => pick(atoms)).join(''),
          pick(bases),
        ] as const,
    );
    const read = ([text, base]: readonly [string, string | undefined]) => {
      try {
        const url = new URL(text, base);
        // Ada 2 leaves a path empty that ends in dots, and keeps a space at the end of an opaque one.
        const isSpecial = ['http:', 'https:', 'ws:', 'ftp:', 'file:'].includes(url.protocol);
        const isUnsure = !isSpecial && (/^[^:]+:\/\/[^/]*$/.test(url.href) || url.pathname.endsWith(' '));
        return isUnsure ? 'skipped' : keys.map((key) => url[key]);
      } catch {
        return 'none';
      }
    };
    const inEngine = (await valueOf(
      `return ctx.input.cases.map(([text, base]) => { try { const url = new URL(text, base ?? undefined); return ${JSON.stringify(keys)}.map((key) => url[key]); } catch { return 'none'; } });`,
      { ...emptyContext, input: { cases: cases.map(([text, base]) => [text, base ?? null]) } },
    )) as unknown[];
    let compared = 0;
    cases.forEach((one, i) => {
      const expected = read(one);
      if (expected === 'skipped') return;
      compared += 1;
      expect([one, inEngine[i]]).toEqual([one, expected]);
    });
    expect(compared).toBeGreaterThan(3500);
  });
});

describe('time and random numbers', () => {
  const now = 1_700_000_000_123;

  test('come from the context if it grants them', async () => {
    const body = `return [Date.now(), new Date().getTime(), typeof Date(), new Date(2020, 1).getTime(), Math.random(), Math.random()];`;
    const built = await plugin(`() => { ${body.replace('return', 'const data =')} return { data }; }`);
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
    const { result } = await run(`() => { ${code}; }`, { ...emptyContext, ...grants });
    expect(result).toMatchObject({
      thrown: { name: 'TypeError', message: expect.stringContaining(`"${grant}"`) as string },
    });
  });

  test('of the build are always the same, and are no secret', async () => {
    const source = 'const at = [Date.now(), Math.random()]; export const before_hook = () => ({ data: at });';
    const [one, other] = await Promise.all([engine.plugin(source), engine.plugin(source)]);
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
    expect(await valueOf(`return [typeof ${name}, '${name}' in globalThis];`)).toEqual(['undefined', false]);
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
    const { name, message: said } = await thrownBy(`() => { ${code}; }`);
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
    ['a symbol', `() => { throw Symbol('s'); }`, { message: 'a value that cannot be written as text' }],
    [
      'of a callback',
      `() => { [1].map(function mapped() { null.x; }); }`,
      { name: 'TypeError', backtrace: [{ function: 'mapped' }, { function: 'map' }, { function: 'before_hook' }] },
    ],
  ])('is told with its name, its message and its backtrace: %s', async (_, hook, thrown) => {
    const match = thrown as { backtrace?: object[] };
    const said = await thrownBy(hook);
    expect(said).toMatchObject(
      match.backtrace === undefined
        ? thrown
        : { ...thrown, backtrace: match.backtrace.map((frame) => expect.objectContaining(frame) as object) },
    );
  });

  test('is none if a promise gets its handler before the hook ends', async () => {
    const { result } = await run(
      `async () => { const p = Promise.reject(new Error('lost')); await null; p.catch(() => {}); }`,
    );
    expect(result).toBeUndefined();
  });
});
