// What a hook in JavaScript logs.

import { InV8 } from './engine';
import { Hooks } from './hooks';

let hooks: Hooks;

beforeAll(async () => {
  hooks = await Hooks.load();
}, 120_000);

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
    [
      `const order = { id: 7n, lines: [{ price: 5n }] }; order.lines[0].order = order; order.again = order.lines; console.log('priced', order); console.log([order.lines])`,
      [
        {
          level: 'info',
          message: 'priced',
          fields: {
            id: '7n',
            lines: [{ price: '5n', order: '[it contains itself]' }],
            again: [{ price: '5n', order: '[it contains itself]' }],
          },
        },
        {
          level: 'info',
          message:
            '[[{"price":"5n","order":{"id":"7n","lines":"[it contains itself]","again":"[it contains itself]"}}]]',
        },
      ],
    ],
  ])('writes lines of the log: %s', async (code, lines) => {
    expect((await hooks.run(`() => { ${code} }`)).log).toEqual(lines);
  });

  test('never throws, whatever it is given', async () => {
    const { result, log } = await hooks.run(`() => {
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
    const { log } = await hooks.run(`() => {
      JSON.stringify = () => 'evil'; Object.getPrototypeOf = () => null; Array.isArray = () => false;
      Array.prototype[Symbol.iterator] = () => { throw 1; }; Object.prototype.toString = () => 'evil'; String.prototype.toString = () => 'evil'; globalThis.String = () => 'evil';
      console.log('a', [1], { b: 2 });
    }`);
    expect(log).toEqual([{ level: 'info', message: 'a [1]', fields: { b: 2 } }]);
  });

  test('drops what is more than a log holds, and cuts a long line', async () => {
    const { log } = await hooks.run(`() => {
      console.log('x'.repeat(1e6)); console.log('f', { long: 'y'.repeat(1e5) });
      for (let i = 0; i < 100000; i++) console.log('flood');
    }`);
    expect(log[0]).toEqual({ level: 'info', message: 'x'.repeat(8192) });
    expect(log[1]).toEqual({ level: 'info', message: 'f', fields: { omittedBytes: 100_011 } });
    expect(log.length).toBeGreaterThan(10_000);
    expect(JSON.stringify(log).length).toBeLessThan(1_100_000);
  });

  test('is empty at the beginning of a call, whatever the build logged', async () => {
    const built = new InV8(await hooks.engine.plugin(`console.log('build'); export const before_hook = () => {};`));
    expect(built.call().log).toEqual([]);
  });

  test('keeps its lines when the hook throws', async () => {
    const { result, log } = await hooks.run(`() => { console.log('before'); throw new Error('x'); }`);
    expect(result).toMatchObject({ thrown: { message: 'x' } });
    expect(log).toEqual([{ level: 'info', message: 'before' }]);
  });
});
