// The engine's own reader and writer of JSON: what a hook gets and what it answers.

import { loadSource, prepareLoadSource } from '@hookcell/python';
import { WasmRuntime } from 'hookcell';
import type { JsonObject, PluginResult } from 'hookcell';

const runtime = new WasmRuntime({ logger: false });

beforeAll(() => prepareLoadSource(), 240_000);
afterAll(() => runtime.close());

async function call(plugin: string, input: JsonObject, data: unknown = null): Promise<PluginResult> {
  const context = { input, data, user: null, headers: {}, tenant_id: null };
  return await runtime.callHook(plugin, 'before_hook', context, { maxFuel: 1_000_000_000 });
}

const texts = [
  '',
  'a',
  '"',
  '\\',
  '/',
  '\b\f\n\r\t',
  '\u0001\u001f\u007f',
  'é',
  '€\u2028',
  '😀',
  '\ud83d',
  '\ude00',
  '\uffff',
];
const numbers = [
  0,
  1,
  -7,
  123_456_789,
  2 ** 30 - 1,
  2 ** 30,
  -(2 ** 30),
  2 ** 53,
  1e18,
  1e21,
  1.5,
  -0.25,
  1e-7,
  5e-324,
];

/** The same values in every run. */
class Random {
  #state = 1;

  below(bound: number): number {
    this.#state = (this.#state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (this.#state >> 8) % bound;
  }

  text(): string {
    return Array.from({ length: this.below(6) }, () => texts[this.below(texts.length)]).join('');
  }

  value(depth = 0): unknown {
    const kind = this.below(depth > 4 ? 4 : 6);
    const members = () => Array.from({ length: this.below(9) }, () => this.value(depth + 1));
    const keys = ['input', 'data', 'now', 'seed', 'a'];
    switch (kind) {
      case 0:
        return [true, false, null][this.below(3)];
      case 1:
        return numbers[this.below(numbers.length)];
      case 4:
        return members();
      case 5:
        return Object.fromEntries(members().map((value) => [this.below(3) ? this.text() : keys[this.below(5)], value]));
      default:
        return this.text();
    }
  }
}

describe('a context', () => {
  beforeAll(async () => {
    const source = `
import json

def same(a, b):
    if type(a) is not type(b): return False
    if isinstance(a, dict): return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list): return len(a) == len(b) and all(map(same, a, b))
    return a == b

def before_hook(ctx):
    value = json.loads(ctx["input"]["text"])
    assert same(value, ctx["data"]), (value, ctx["data"])
    if ctx["input"]["way"] == 0: return None
    if ctx["input"]["way"] == 1: return {"data": value}
    return {"data": [value]}
`;
    await loadSource(runtime, 'reader', source);
  });

  test('of any values is read as the module json reads it, and answered as it was', async () => {
    const random = new Random();
    for (let number = 0; number < 1_000; number++) {
      const data = random.value();
      const way = number % 3;
      const result = await call('reader', { text: JSON.stringify(data), way }, data);
      expect(result).toMatchObject({ ok: true });
      expect(result.ok && result.ctx.data).toStrictEqual(way === 2 ? [data] : data);
    }
  });

  test('of 128 levels is read and answered', async () => {
    let data: unknown = [];
    for (let level = 2; level < 128; level++) {
      data = [data];
    }
    const result = await call('reader', { text: JSON.stringify(data), way: 2 }, data);
    expect(result).toMatchObject({ ok: true, ctx: { data: [data] } });
  });
});

describe('an answer', () => {
  const before = `
import collections, enum
class Text(str): pass
class Level(enum.IntEnum):
    LOW = 1
class Ratio(float): pass
class Own(dict):
    def items(self): return [("own", 1)]
Point = collections.namedtuple("Point", "x y")
`;

  test.each<[string, string, unknown]>([
    [
      'tuples and named tuples',
      '[(1, 2), Point(1, 2)]',
      [
        [1, 2],
        [1, 2],
      ],
    ],
    ['classes of texts and numbers', '[Text("a"), Level.LOW, Ratio(0.5)]', ['a', 1, 0.5]],
    [
      'classes of dicts',
      '[collections.OrderedDict(a=1), collections.Counter("a"), Own(a=2)]',
      [{ a: 1 }, { a: 1 }, { own: 1 }],
    ],
    ['keys that are numbers and None', '{1: 1, 0.5: 2, None: 3, True: 4}', { 1: 4, 0.5: 2, null: 3 }],
    ['large numbers', '[10 ** 20, -10 ** 20, 2 ** 30]', [1e20, -1e20, 2 ** 30]],
    ['long texts', '["a" * 100000, "é\\n" * 10000]', ['a'.repeat(100_000), 'é\n'.repeat(10_000)]],
  ])('may have %s', async (_, expression, data) => {
    await loadSource(runtime, 'writer', `${before}\ndef before_hook(ctx): return {"data": ${expression}}\n`);
    expect(await call('writer', {})).toMatchObject({ ok: true, ctx: { data } });
  });

  test.each<[string, string, string]>([
    ['an object', 'object()', 'TypeError: object is no JSON value'],
    ['a set', '{1}', 'TypeError: set is no JSON value'],
    ['bytes', 'b""', 'TypeError: bytes is no JSON value'],
    ['an infinite number', '1e999', 'ValueError: JSON has no number inf'],
    ['a key that is a tuple', '{(1, 2): 3}', 'TypeError: keys must be str, int, float, bool or None, not tuple'],
  ])('may not have %s', async (_, expression, message) => {
    await loadSource(runtime, 'writer', `${before}\ndef before_hook(ctx): return {"data": ${expression}}\n`);
    expect(await call('writer', {})).toMatchObject({ ok: false, fault: { code: 'ERR_THROWN', message } });
  });

  test.each<[string, string, unknown]>([
    ['no details has none', 'Reject("no")', undefined],
    ['an empty list has it', 'Reject("no", [])', []],
    ['details has them', 'Reject("no", ({"field": "a"},))', [{ field: 'a' }]],
    ['a status has it first', 'Reject("no", [1], status=422)', [{ status: 422 }, 1]],
  ])('of a rejection with %s', async (_, expression, details) => {
    await loadSource(runtime, 'writer', `from hookcell import Reject\ndef before_hook(ctx): raise ${expression}\n`);
    const result = await call('writer', {});
    const { usage, ...rejection } = result;
    expect(usage).toBeDefined();
    expect(rejection).toStrictEqual({ ok: false, error: 'no', ...(details === undefined ? {} : { details }) });
  });
});
