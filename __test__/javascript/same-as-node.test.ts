// What a hook in JavaScript has, and does as Node.js does it.

import { emptyContext } from './engine';
import { Hooks } from './hooks';

let hooks: Hooks;

beforeAll(async () => {
  hooks = await Hooks.load();
}, 120_000);

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
    'structuredClone of what has another prototype, or none that can be cloned': `
      const odd = [Object.setPrototypeOf(new Date(5), null), Object.setPrototypeOf(new Map([[1, 2]]), Object.prototype), Object.setPrototypeOf([1, 2], Map.prototype), Object.create(Date.prototype), new (class A { x = 1; #y = 2; get z() { return 3; } })(),
        new (class E extends RangeError {})('r'), Object(true), Object(5), Object('x'), new DataView(new ArrayBuffer(4), 1), Object.create(null, { a: { value: 1, enumerable: true }, b: { value: 2 } }), Math];
      const never = [new Proxy({}, {}), [].values(), (function* () {})(), new WeakRef({}), new Map().keys(), 'a'.matchAll(/a/g), Object(Symbol('s')), Promise.resolve(), new WeakSet()];
      return [odd.map((value) => { const copy = structuredClone(value); return [Object.prototype.toString.call(copy), JSON.stringify(copy), Object.getPrototypeOf(copy)?.constructor.name]; }),
        never.map((value) => { try { structuredClone(value); return 'cloned'; } catch (error) { return error.name; } })];`,
    queueMicrotask: `const r = []; queueMicrotask(() => r.push(2)); Promise.resolve().then(() => r.push(3)); r.push(1); await new Promise((done) => queueMicrotask(done)); return r;`,
    'numbers of en-US': `return [0, -0, 1, 12, 123, 1234, -1234567.891, 0.0005, 1.0005, 0.1 + 0.2, 1e21, 1.2345678901234567e25, 5e-324, NaN, Infinity, -Infinity, 999.9995, 1e-7, -1e-7, 123456789012345680000].map((n) => n.toLocaleString('en-US')).concat([12345678901234567890n.toLocaleString('en-US')]);`,
    'dates of en-US': `return [0, 1e12, -1e13, 1700000000000, 43200000].map((t) => { const d = new Date(t); const o = { timeZone: 'UTC' }; return [d.toLocaleString('en-US', o), d.toLocaleDateString('en-US', o), d.toLocaleTimeString('en-US', o)].map((s) => s.replace(/\\s/g, ' ')); });`,
    URLSearchParams: `const p = new URLSearchParams('?a=1&b=2&a=%20+x&=y&c'); p.append('é', '&='); p.delete('b'); p.set('a', 'z'); p.sort(); return [String(p), [...p], p.get('q'), p.getAll('a'), p.has('c', ''), p.size, String(new URLSearchParams({ x: '1', y: 2 })), String(new URLSearchParams([['k', 'v']])), [...p.keys()], [...p.values()], (() => { const r = []; p.forEach((v, k) => r.push(k + v)); return r; })()];`,
    'searchParams of a URL': `const u = new URL('https://x.example/p?a=1#h'); u.searchParams.append('b', 'ü '); const first = u.href; u.search = '?c=3'; const second = [...u.searchParams]; u.searchParams.delete('c'); return [first, second, u.href, JSON.stringify({ u }), URL.canParse('nope'), URL.canParse('/x', 'http://y')];`,
  };

  test.each(Object.keys(programs))('%s', async (name) => {
    const body = programs[name]!;
    const expected = (await new Function(`return (async () => { ${body} })()`)()) as unknown;
    expect(await hooks.valueOf(body)).toEqual(JSON.parse(JSON.stringify(expected)));
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
    const words =
      '/ // \\ ? # @ : a b.c .. . %2e %2E%2e C: c| example.com EXAMPLE.com localhost 127.1 0x7f.0.0.1 1.2.3.4.5 256 [::1] [1:2::3] ' +
      '[::1.2.3.4] [1:2:3:4:5:6:7:8] [zz] 80 443 65536 é ß xn--fa-hia 日本 %41 % %zz " < > ` { } | [ ] \' & = + 😀 user:pw@ ~ ! * 0 08 ' +
      '4294967296 0xffffffff ex%61mple a%2fb 。 x:y';
    const atoms = [...words.split(' '), ' ', '\t', '\n', '\0', '\x7f'];
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
    const inEngine = (await hooks.valueOf(
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
