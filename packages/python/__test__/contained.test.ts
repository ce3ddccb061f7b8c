import { loadSource, prepareLoadSource } from '@hookcell/python';
import { WasmRuntime } from 'hookcell';
import type { CallOptions, PluginResult } from 'hookcell';

const runtime = new WasmRuntime({ logger: false });
const context = { input: { n: 1 }, data: null, user: null, headers: {}, tenant_id: null };

beforeAll(() => prepareLoadSource(), 240_000);
afterAll(() => runtime.close());

/** What a hook with this body answers. */
async function answerOf(body: string, before = '', options?: CallOptions): Promise<PluginResult> {
  const source = `${before}\ndef before_hook(ctx):\n    ${body.replaceAll('\n', '\n    ')}\n`;
  await loadSource(runtime, 'hook', source);
  return await runtime.callHook('hook', 'before_hook', context, options);
}

describe('a hook with', () => {
  test.each<[string, string, string, string]>([
    ['a loop without an end', 'while True: pass', '', 'ERR_FUEL'],
    ['a list without an end', 'x = []\nwhile True: x.append(bytearray(1000000))', '', 'ERR_MEMORY'],
    ['a text without an end', 'x = "x"\nwhile True: x += x', '', 'ERR_MEMORY'],
    ['one huge allocation', 'bytearray(1 << 29)', '', 'ERR_MEMORY'],
    ['one that no engine makes', '"%.999999999f" % 1.0', '', 'ERR_MEMORY'],
    ['a recursion without an end', 'before_hook(ctx)', '', 'ERR_THROWN'],
    ['a huge power', '10 ** 10 ** 8', '', 'ERR_FUEL'],
    ['a huge factorial', 'math.factorial(10 ** 6)', 'import math', 'ERR_FUEL'],
    ['a number of too many digits', 'str(10 ** 5000)', '', 'ERR_THROWN'],
    ['a catastrophic pattern', 're.match("(a+)+$", "a" * 60 + "b")', 'import re', 'ERR_FUEL'],
    ['an exit', 'raise SystemExit(1)', '', 'ERR_THROWN'],
    ['an interrupt', 'raise KeyboardInterrupt', '', 'ERR_THROWN'],
    ['an abort of the process', 'os.abort()', 'import os', 'ERR_TRAP'],
    ['an answer that is no JSON', 'return {"data": object()}', '', 'ERR_THROWN'],
    ['an answer that is no number of JSON', 'return {"data": float("nan")}', '', 'ERR_THROWN'],
    ['an answer that contains itself', 'x = []\nx.append(x)\nreturn {"data": x}', '', 'ERR_THROWN'],
    [
      'an exception whose text raises',
      'raise E()',
      'class E(Exception):\n    def __str__(self): raise E()',
      'ERR_THROWN',
    ],
    [
      'an exception that is caught for ever',
      'while True:\n    try:\n        while True: pass\n    except BaseException: pass',
      '',
      'ERR_FUEL',
    ],
    ['a file', 'open("/etc/passwd")', '', 'ERR_THROWN'],
    ['a process', 'os.system("true")', 'import os', 'ERR_THROWN'],
    ['a thread', 'threading.Thread(target=print).start()', 'import threading', 'ERR_THROWN'],
  ])('%s ends with the right code', async (_, body, before, code) => {
    expect(await answerOf(body, before)).toMatchObject({ ok: false, fault: { code } });
  });

  test('a thousand calls of its own in one another ends well', async () => {
    const before = 'import sys\nsys.setrecursionlimit(3000)\ndef down(n): return 0 if n == 0 else 1 + down(n - 1)';
    expect(await answerOf('return {"data": down(900)}', before)).toMatchObject({ ok: true, ctx: { data: 900 } });
  });

  test.each<[string, string, string]>([
    ['sources', 'compile("(" * 100000, "x", "eval")', ''],
    ['signs', 'compile("-" * 100000 + "1", "x", "eval")', ''],
    ['literals', 'ast.literal_eval("(" * 5000 + ")" * 5000)', 'import ast'],
    ['operators', 'compile("+".join("a" * 10000), "x", "eval")', ''],
    ['lists', 'x = []\nfor _ in range(100000): x = [x]\nrepr(x)', ''],
    ['answers', 'x = []\nfor _ in range(100000): x = [x]\nreturn {"data": x}', ''],
    ['answers that contain themselves', 'x = {}\nx["x"] = x\nreturn {"data": x}', ''],
    ['JSON text', 'json.loads("[" * 100000)', 'import json'],
    ['keys', 'class K:\n    def __lt__(self, other): return sorted([K(), K()]) is None\nsorted([K(), K()])', ''],
    ['objects', 'class N:\n    def __new__(cls): return N()\nN()', ''],
    ['attributes', 'class A:\n    def __getattr__(self, name): return getattr(self, name)\nA().x', ''],
    ['patterns', 're.compile("(" * 5000 + ")" * 5000)', 'import re'],
    ['generators', 'def g(n): yield from g(n + 1)\nlist(g(0))', ''],
    ['classes', 'x = (int,)\nfor _ in range(100000): x = (x,)\nisinstance("", x)', ''],
  ])('deep recursion in %s ends with an exception', async (_, body, before) => {
    const result = await answerOf(body, before, { maxFuel: 1_000_000_000 });
    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_THROWN' } });
    expect(!result.ok && result.error).toMatch(/RecursionError|Parser stack overflowed/);
  });

  test('an exception of its own for memory that the host never refused is an exception as others', async () => {
    const result = await answerOf('raise MemoryError("mine")');
    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_THROWN', message: 'MemoryError: mine' } });
  });

  test('a division of large numbers uses little fuel', async () => {
    const result = await answerOf('return {"data": 3 ** 20000 // 7 ** 5000 % 1000}', '', { maxFuel: 20_000_000 });
    expect(result).toMatchObject({ ok: true, ctx: { data: Number((3n ** 20000n / 7n ** 5000n) % 1000n) } });
  });

  test.each<[string, string, string]>([
    ['repr', 'x = []\nfor _ in range(100000): x = [x]\nrepr(x)', ''],
    ['json', 'x = []\nfor _ in range(100000): x = [x]\njson.dumps(x)', 'import json'],
    ['JSON text', 'json.loads("[" * 100000)', 'import json'],
    ['the answer', 'x = []\nfor _ in range(100000): x = [x]\nreturn {"data": x}', ''],
    ['a comparison', 'x = []\ny = []\nfor _ in range(100000): x, y = [x], [y]\nx == y', ''],
    ['pickle', 'x = []\nfor _ in range(100000): x = [x]\npickle.dumps(x)', 'import pickle'],
    ['a copy', 'x = []\nfor _ in range(100000): x = [x]\ncopy.deepcopy(x)', 'import copy'],
    ['a compilation', 'compile("(" * 100000, "x", "eval")', ''],
    ['operators in a compilation', 'compile("-" * 100000 + "1", "x", "eval")', ''],
    ['a key', 'class K:\n    def __lt__(self, other): return sorted([K(), K()]) is None\nsorted([K(), K()])', ''],
    ['a representation of its own', 'class R:\n    def __repr__(self): return repr(self)\nrepr(R())', ''],
    ['an attribute', 'class A:\n    def __getattr__(self, name): return getattr(self, name)\nA().x', ''],
    ['a pattern', 're.compile("(" * 5000 + ")" * 5000)', 'import re'],
    ['the end of many objects', 'x = None\nfor _ in range(100000): x = (x,)\ndel x', ''],
    ['an isinstance', 'x = (int,)\nfor _ in range(100000): x = (x,)\nisinstance("", x)', ''],
  ])('deep recursion in C in %s does no harm', async (_, body, before) => {
    const result = await answerOf(body, before, { maxFuel: 1_000_000_000 });
    const code = result.ok ? 'ok' : result.fault?.code;
    expect(['ok', 'ERR_THROWN', 'ERR_STACK', 'ERR_TRAP', 'ERR_MEMORY', 'ERR_FUEL']).toContain(code);
    expect(await runtime.callHook('first', 'before_hook', context)).toMatchObject({ ok: true });
  });

  beforeAll(() => loadSource(runtime, 'first', 'def before_hook(ctx): pass'));
});

describe('an exception of a hook tells itself, though', () => {
  const meta = 'class M(type):\n    @property\n    def __name__(cls): raise ValueError("m")\n';
  test.each<[string, string, string, string]>([
    ['its text is five million characters long', 'raise ValueError("x" * 5_000_000)', '', 'ValueError: xxx'],
    [
      'its text is of a class of the plugin',
      'raise E()',
      'class S(str):\n    def __format__(self, how): raise ValueError(how)\nclass E(Exception):\n    def __str__(self): return S("mine")',
      'E: mine',
    ],
    [
      'its class has no name that can be read',
      'raise E("mine")',
      `${meta}class E(Exception, metaclass=M): pass`,
      'E: mine',
    ],
    [
      'it is a syntax error with a file that is none',
      'e = SyntaxError("mine")\ne.filename = {1}\ne.msg = object()\nraise e',
      '',
      'SyntaxError: <object object',
    ],
    [
      'it needs what no plugin has',
      'import mmap',
      '',
      "ModuleNotFoundError: No module named 'mmap': of the standard library a plugin has what its sources import",
    ],
  ])('%s', async (_, body, before, message) => {
    const result = await answerOf(body, before);
    const told = expect.stringMatching(new RegExp(`^${message.replaceAll(/[.:<']/g, '\\$&')}`)) as string;
    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_THROWN', message: told } });
  });
});

describe('the log', () => {
  test('has what is printed, and what logging says, with its level and its fields', async () => {
    const body = 'print("a", 1)\nlogging.getLogger("x").error("bad %s", 2, extra={"order": {"id": 7}, "kind": int})';
    const { log } = await answerOf(body, 'import logging\nprint("at build")');
    expect(log).toEqual([
      { level: 'info', message: 'a 1' },
      { level: 'error', message: 'bad 2', fields: { order: { id: 7 }, kind: "<class 'int'>" } },
    ]);
  });

  test.each([
    ['', true],
    ['raise ValueError("no")', false],
  ])('has a line that the hook begins and does not end, before %j', async (end, ok) => {
    const body = 'print("a", end="-")\nprint("b\\nc", end="")\nsys.stderr.writelines(["d", "e"])';
    expect(await answerOf(`${body}\n${end}`, 'import sys')).toMatchObject({
      ok,
      log: [
        { level: 'info', message: 'a-b' },
        { level: 'info', message: 'c' },
        { level: 'error', message: 'de' },
      ],
    });
  });
});

describe('a wait that nothing would end is an error, and no trap:', () => {
  const before = 'import queue, threading, time';
  const reason = 'RuntimeError: a plugin has one thread: nothing would end this wait';
  test.each<[string, string, string]>([
    ['a lock', 'lock = threading.Lock()\nlock.acquire()\nlock.acquire()', reason],
    ['an event', 'threading.Event().wait()', reason],
    ['a queue', 'queue.Queue().get()', reason],
    ['a simple queue', 'queue.SimpleQueue().get()', reason],
    ['a barrier', 'threading.Barrier(2).wait()', reason],
    ['a sleep', 'time.sleep(1)', 'PermissionError: [Errno 76] a plugin cannot sleep'],
  ])('%s', async (_, body, message) => {
    const result = await answerOf(body, before, { now: 1_000 });
    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_THROWN', message } });
  });

  test('a lock that is free, and one with a time or without waiting, behave as elsewhere', async () => {
    const body =
      'lock = threading.Lock()\nreturn {"data": [lock.acquire(), lock.acquire(timeout=1), lock.acquire(blocking=False), time.sleep(0)]}';
    expect(await answerOf(body, before, { now: 1_000 })).toMatchObject({ ctx: { data: [true, false, false, null] } });
  });
});

describe('the time and randomness', () => {
  test.each([
    ['before 1970', -1],
    ['after 2262', 9_223_372_036_855],
  ])('of a granted time %s, which no clock of Python can tell, say so', async (_, now) => {
    const result = await answerOf('return {"data": [ctx["now"]["ms"], time.time()]}', 'import time', { now });
    const message = expect.stringContaining("a hook's clock tells times from 1970 to 2262") as string;
    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_THROWN', message } });
    const last = await answerOf('return {"data": time.time_ns()}', 'import time', { now: 9_223_372_036_854 });
    expect(last).toMatchObject({ ok: true });
  });

  const uses: [string, string, string][] = [
    ['time', 'time.time()', 'import time'],
    ['datetime', 'datetime.datetime.now()', 'import datetime'],
    ['random', 'random.random()', 'import random'],
    ['uuid', 'uuid.uuid4()', 'import uuid'],
    ['secrets', 'secrets.token_hex()', 'import secrets'],
  ];
  /** What would otherwise tell the time of 1970. */
  const more: [string, string, string][] = [
    ['the local time', 'time.localtime()', 'import time'],
    ['Greenwich', 'time.gmtime()', 'import time'],
    ['a text', 'time.strftime("%Y")', 'import time'],
    ['another text', 'time.ctime()', 'import time'],
    ['the process', 'time.process_time()', 'import time'],
    ['a counter', 'time.perf_counter()', 'import time'],
    ['today', 'datetime.date.today()', 'import datetime'],
    ['a source of random numbers', 'random.Random()', 'import random'],
    ['the system', 'os.urandom(1)', 'import os'],
  ];

  test.each([...uses, ...more])('of %s are not there without a grant', async (_, expression, before) => {
    const result = await answerOf(`return {"data": str(${expression})}`, before);
    expect(result).toMatchObject({
      ok: false,
      fault: { code: 'ERR_THROWN', message: expect.stringMatching(/^PermissionError: .*a hook has no /) as string },
    });
  });

  test.each(uses)('of %s follow from the grant', async (_, expression, before) => {
    const granted = { now: new Date(1_700_000_000_500), seed: 'seed' };
    const body = `return {"data": str(${expression})}`;
    const one = await answerOf(body, before, granted);
    const two = await answerOf(body, before, granted);
    expect(one).toMatchObject({ ok: true });
    expect(two.ok && two.ctx.data).toEqual(one.ok && one.ctx.data);
    if (expression.includes('time')) {
      expect(one.ok && one.ctx.data).toMatch(/^1700000000\.5$|^2023-11-14 22:13:20\.500000$/);
    } else {
      const other = await answerOf(body, before, { ...granted, seed: 'other' });
      expect(other.ok && other.ctx.data).not.toEqual(one.ok && one.ctx.data);
    }
  });

  test.each<[string, CallOptions | undefined, string]>([
    ['no time without a grant', undefined, '1970-01-01 00:00:00,000 hello'],
    ['the time that is granted', { now: new Date(1_700_000_000_500) }, '2023-11-14 22:13:20,500 hello'],
  ])('lines of logging have %s', async (_, options, message) => {
    const before = `
import logging
handler = logging.StreamHandler()
handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
logging.getLogger().addHandler(handler)`;
    const result = await answerOf('logging.error("hello")', before, options);
    expect(result).toMatchObject({ ok: true, log: [{ level: 'error', message }] });
  });
});
