// What a call leaves for the next one: nothing, whatever it changed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { buildPlugin } from '@hookcell/python';
import { WasmRuntime } from 'hookcell';
import type { PluginResult } from 'hookcell';

import { printedAfter } from '../../../__test__/support/child';

const calls = 10_000;
const kinds = 60;
const tenants = 5;
const options = { logger: false, maxFuel: 200_000_000, timeoutMs: 20_000 } as const;

/** Tells all that an earlier call could have changed, and then changes it. */
const source = (salt: string) => `
import builtins, json, re, sys, decimal, functools, logging, string

SALT = "${salt}"
state = {"n": 0}
count = 0
numbers = [3, 1, 2]
seen = set()
raw = bytearray(64)
counter = iter(range(10**9))

class Base:
    made = 0
    def name(self): return "base"

@functools.cache
def cached(n): return len(seen)

def default(x, into=[]):
    into.append(x)
    return len(into)

def generate():
    i = 0
    while True:
        i += yield i

generator = generate()
next(generator)

def before_hook(ctx):
    global count
    id, tenant = ctx["input"]["id"], ctx["input"]["tenant"]
    data = [state, count, numbers, sorted(seen), raw[id % 64], next(counter), Base.made, Base().name(), cached(1), default(1),
        generator.send(1), len(sys.modules), len(builtins.__dict__), sorted(vars(Base)), decimal.getcontext().prec, sys.getrecursionlimit(),
        json.dumps({"a": 1}), re.sub("b", "c", "abc"), len(re._cache), string.ascii_letters, logging.root.level, len(logging.root.handlers),
        type(len).__name__, getattr(sys, "evil", None), hasattr(json, "evil"), sys.intern("x" + SALT) , max(1, 2), str(print)[:20]]
    data = json.loads(json.dumps(data))
    secret = f"{tenant}:{id}"
    state["n"] = secret
    state[secret] = [secret] * (id % 50)
    count += id + 1
    numbers.sort()
    numbers.extend(range(id % 20))
    seen.add(secret)
    raw[:] = bytes([id % 256]) * 64
    Base.made = secret
    sys.intern(secret)
    re.compile(secret)
    print(secret)
    def kind0():
        builtins.max = lambda *all: secret
        builtins.evil = secret
    def kind1():
        json.dumps = lambda *all: secret
        json.evil = secret
    def kind2():
        Base.name = lambda self: secret
        setattr(Base, "g" + secret, secret)
    def kind3():
        for i in range(60): globals()[f"g{i}{secret}"] = {i: secret}
    def kind4():
        decimal.getcontext().prec = 3 + id
        sys.setrecursionlimit(500 + id)
    def kind5():
        sys.evil = secret
        sys.modules[secret] = sys
        sys.modules.pop("string")
    def kind6():
        state["all"] = [{secret + str(i): secret} for i in range(500)]
    def kind7():
        logging.root.setLevel(10)
        logging.root.handlers.clear()
        string.ascii_letters = secret
    def kind8():
        sys.stdout = None
        builtins.print = lambda *all: None
    def kind9():
        re.sub.__code__ = (lambda *all, **more: "evil").__code__
        before_hook.__defaults__ = (secret,)
    def kind10():
        try: generator.throw(ValueError(secret))
        except ValueError: pass
        generator.close()
    [kind0, kind1, kind2, kind3, kind4, kind5, kind6, kind7, kind8, kind9, kind10][id % 11]()
    if id % 13 == 12: raise ValueError(secret)
    return {"data": [id, data]}
`;

/** All that a caller sees of a call, but for how long it took. */
function shown(result: PluginResult): string {
  return JSON.stringify([result.ok, result.ok ? result.ctx.data : result.error, result.fault, result.log]);
}

/**
 * Makes the calls, several at a time, kinds and tenants interleaved, and counts those that end in another way than the same call of
 * a plugin that was never called before.
 */
const script = `
  const { WasmRuntime } = require('hookcell');
  const { plugins, kinds, calls, options, cacheDir } = require(process.argv[1]);
  const runtime = new WasmRuntime({ ...options, cacheDir, concurrency: 2 });
  const found = { made: 0, accepted: 0, pooled: runtime.pooled, different: [] };
  async function work() {
    while (found.made < calls) {
      const { plugin, context, expected } = kinds[(found.made++ * 49) % kinds.length];
      const { ok, ctx, error, fault, log } = await runtime.callHook(plugin, 'before_hook', context);
      const seen = JSON.stringify([ok, ok ? ctx.data : error, fault, log]);
      found.accepted += ok ? 1 : 0;
      if (seen !== expected) found.different.push([context.input, seen.slice(0, 500), expected.slice(0, 500)]);
    }
  }
  Promise.all(plugins.map((file) => runtime.loadPlugin(file)))
    .then(() => Promise.all(Array.from({ length: 8 }, work)))
    .then(() => console.log(JSON.stringify({ ...found, different: found.different.slice(0, 3) })));
`;

let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hookcell-residue-'));
  const cacheDir = path.join(folder, 'cache');
  const plugins = [];
  for (const salt of ['one', 'other']) {
    const { wasm } = await buildPlugin({ source: source(salt) });
    const plugin = path.join(folder, `${salt}.wasm`);
    writeFileSync(plugin, wasm);
    plugins.push(plugin);
  }
  const expected = [];
  for (let id = 0; id < kinds; id++) {
    for (const plugin of plugins) {
      // A runtime that has run nothing else.
      const fresh = new WasmRuntime({ ...options, cacheDir });
      await fresh.loadPlugin(plugin);
      const tenant = `t${id % tenants}`;
      const context = { input: { id, tenant }, data: null, user: null, headers: {}, tenant_id: tenant };
      expected.push({ plugin, context, expected: shown(await fresh.callHook(plugin, 'before_hook', context)) });
      await fresh.close();
    }
  }
  file = path.join(folder, 'calls.json');
  writeFileSync(file, JSON.stringify({ plugins, kinds: expected, calls, options, cacheDir }));
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** Without the calls that are accepted, a plugin that only fails would pass. */
const equal = { accepted: 9_333, different: [] };

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
