// What a call leaves for the next one: nothing, whatever it changed.

import { buildPlugin } from '@hookcell/python';
import { WasmRuntime } from 'hookcell';
import type { PluginResult } from 'hookcell';

const calls = 10_000;
const kinds = 60;
const tenants = 5;
const inFlight = 8;

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

function contextOf(id: number, tenant: string) {
  return { input: { id, tenant }, data: null, user: null, headers: {}, tenant_id: tenant };
}

test('each of 10,000 calls that change all they reach equals the same call of a fresh plugin', async () => {
  const plugins = await Promise.all(['one', 'other'].map((salt) => buildPlugin({ source: source(salt) })));
  const options = { logger: false, maxFuel: 200_000_000, timeoutMs: 20_000 } as const;
  const load = async (runtime: WasmRuntime) => {
    for (const [index, { wasm }] of plugins.entries()) {
      await runtime.loadPluginBytes(`plugin-${index}`, wasm);
    }
    return runtime;
  };
  const runtime = await load(new WasmRuntime({ ...options, concurrency: 2 }));
  // What each kind of call answers in a runtime that has run nothing else.
  const expected = new Map<string, string>();
  for (let id = 0; id < kinds; id++) {
    for (const index of plugins.keys()) {
      const fresh = await load(new WasmRuntime(options));
      const tenant = `t${id % tenants}`;
      const result = await fresh.callHook(`plugin-${index}`, 'before_hook', contextOf(id, tenant));
      expected.set(`${index} ${id}`, shown(result));
      await fresh.close();
    }
  }
  const wrong: string[] = [];
  let next = 0;
  const work = async () => {
    for (let call = next++; call < calls; call = next++) {
      const [index, id] = [call % 2, (call * 7) % kinds];
      const result = await runtime.callHook(`plugin-${index}`, 'before_hook', contextOf(id, `t${id % tenants}`));
      if (shown(result) !== expected.get(`${index} ${id}`)) {
        wrong.push(`call ${call}: ${shown(result).slice(0, 500)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  await runtime.close();
  expect(wrong).toEqual([]);
  // Without this, a plugin that only fails would pass.
  expect([...expected.values()].filter((text) => text.startsWith('[true'))).toHaveLength(
    2 * (kinds - Math.floor(kinds / 13)),
  );
}, 240_000);
