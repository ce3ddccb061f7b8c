import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { buildPlugin } from '@hookcell/javascript';
import { buildPlugin as buildPython } from '@hookcell/python';
import { faultCodes, WasmRuntime } from 'hookcell';
import type { CallOptions, FaultCode, GrantOptions, PluginResult, SandboxLimits } from 'hookcell';

import { exampleFile, pythonCache } from '../../../__test__/support/pdk';
import { answering, fixture, plugin as pluginOf } from '../../../__test__/support/wat';
import { Folder } from './support/folder';
import { expectValid, hookcell, jsonOf } from './support/hookcell';

const folder = new Folder();
const context = { input: { name: 'Zoë \u2028 "1"', list: [1.5, null] }, user: { id: 'u', role: 'r' } };

/** A plugin that fails, and the code of its fault. */
interface Failing {
  name: string;
  code: FaultCode;
  module: () => Promise<Uint8Array>;
  limits?: SandboxLimits;
}

const fails = (code: FaultCode, name: string, limits?: SandboxLimits): Failing => ({
  name,
  code,
  module: () => fixture(name),
  ...(limits === undefined ? {} : { limits }),
});

/** The kit of each language tells a panic, and logs a line before it. */
const panics = ['rust', 'assemblyscript', 'zig', 'c'].map((language): Failing => ({
  name: `a panic in ${language}`,
  code: 'ERR_THROWN',
  module: async () => readFileSync(exampleFile(language, 'panics')),
}));

/** A plugin that logs lines, one of which is no JSON, and then runs until it is stopped. */
function logsAndNeverReturns(): Promise<Uint8Array> {
  const lines = Buffer.from('{"level":"warn","message":"Zoë 🦀","fields":{"n":1e300}}\nno JSON \u202e\u0001\n');
  const text = [...lines].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  return pluginOf({
    definitions: `(data (i32.const 2048) "${text}")
      (global (export "log_ptr") (mut i32) (i32.const 2048))
      (global (export "log_len") (mut i32) (i32.const ${lines.length}))`,
    hook: '(loop $forever (br $forever)) (unreachable)',
  });
}

const failing: Failing[] = [
  fails('ERR_TRAP', 'crash'),
  fails('ERR_FUEL', 'endless_hook', { maxFuel: 40_000 }),
  fails('ERR_TIMEOUT', 'endless_hook', { timeoutMs: 20, maxFuel: Number.MAX_SAFE_INTEGER }),
  fails('ERR_MEMORY', 'grows', { maxMemoryPages: 20 }),
  fails('ERR_MEMORY', 'grows_table', { maxTableElements: 10 }),
  fails('ERR_STACK', 'endless_recursion'),
  fails('ERR_ABI', 'result_outside'),
  fails('ERR_ABI', 'alloc_lies'),
  fails('ERR_RESULT', 'not_json'),
  fails('ERR_RESULT', 'wrong_shape'),
  fails('ERR_RESULT', 'echo', { maxResultBytes: 50 }),
  {
    name: 'a patch that cannot be applied',
    code: 'ERR_RESULT',
    module: () => answering('{"ok":true,"patch":[{"op":"test","path":"/input/name","value":7}]}'),
  },
  {
    name: 'an exception with lines of a backtrace',
    code: 'ERR_THROWN',
    module: () =>
      answering('{"thrown":{"name":"TypeError","message":"Zoë \\u202e","backtrace":["total (plugin.ts:1:2)"]}}'),
  },
  ...panics,
  { name: 'an endless hook that logs', code: 'ERR_FUEL', module: logsAndNeverReturns, limits: { maxFuel: 50_000 } },
];

/** Makes a call that a runtime records in a folder of its own. */
async function record(name: string, module: Uint8Array, limits: SandboxLimits = {}, call: CallOptions = {}) {
  const dir = folder.at(name);
  const plugin = folder.write(`${name}.wasm`, module);
  const runtime = new WasmRuntime({ logger: false, record: { dir }, cacheDir: pythonCache });
  await runtime.loadPluginBytes('plugin', module, { isolate: false, ...limits });
  const result = await runtime.callHook('plugin', 'before_hook', context, call);
  await runtime.close();
  return { dir, plugin, result };
}

test('the plugins here fail in every way that a plugin can', () => {
  expect(new Set(failing.map(({ code }) => code))).toEqual(new Set(Object.keys(faultCodes)));
});

test.each(failing)('test reproduces the recorded $code of $name byte for byte', async (subject) => {
  await expectReproduced(subject);
});

test('test reproduces the recorded exception of TypeScript, with the lines of its source, byte for byte', async () => {
  const source = `export const before_hook = ({ input }: { input: { list: number[] } }) => {
  console.warn('adding', { items: input.list.length });
  input.list.forEach((item) => item.toFixed(2));
};`;
  const { wasm } = await buildPlugin({ source, filename: 'plugin.ts' });
  const result = await expectReproduced({ name: 'TypeScript', code: 'ERR_THROWN', module: async () => wasm });
  expect(result.fault?.backtrace?.[0]).toContain('plugin.ts:3:');
  expect(result.log).toEqual([{ level: 'warn', message: 'adding', fields: { items: 2 } }]);
  // The engine is compiled three times, in two processes.
}, 120_000);

const ofGrants = {
  JavaScript: () =>
    buildPlugin({
      source: `export const before_hook = ({ config }) => {
  console.log('limit', config.limit);
  throw new RangeError(\`\${new Date().toISOString()} \${Math.random()} \${config.limit}\`);
};`,
    }),
  Python: () =>
    buildPython(
      {
        source: `import datetime, random, uuid

def before_hook(ctx):
    print("limit", ctx["config"]["limit"])
    raise ValueError(f"{datetime.datetime.now().isoformat()} {random.random()} {uuid.uuid4()} {ctx['config']['limit']}")
`,
      },
      { cacheDir: pythonCache },
    ),
};

test.each(Object.entries(ofGrants))(
  'test reproduces a recorded exception in %s that tells its configuration, its time and its seed',
  async (name, build) => {
    const { wasm } = await build();
    const grants = { config: { limit: 7 }, now: true, seed: true };
    const subject = { name: `grants in ${name}`, code: 'ERR_THROWN' as const, module: async () => wasm };

    const result = await expectReproduced(subject, grants);

    expect(result.fault?.message).toMatch(new RegExp(`${new Date().getUTCFullYear()}-.*T.* 0\\.\\d+ .*7$`));
    const [first] = result.log ?? [];
    expect(first?.message).toBe('limit 7');
    expect(result.granted).toMatchObject({ now: { ms: expect.any(Number) }, seed: expect.any(String) });
    const another = await expectReproduced({ ...subject, name: `grants in ${name}, again` }, grants);
    expect(another.fault?.message).not.toBe(result.fault?.message);
  },
  240_000,
);

/** Records the fault, and tests the recording with the command. */
async function expectReproduced(
  { name, code, module, limits = {} }: Failing,
  grants: GrantOptions = {},
): Promise<PluginResult> {
  const { dir, plugin, result } = await record(`${code} ${name}`, await module(), limits, grants);
  expect(result.fault?.code).toBe(code);

  const [file = '', ...others] = readdirSync(dir);
  expect(others).toEqual([]);
  expectValid(JSON.parse(readFileSync(path.join(dir, file), 'utf8')), 'fixture');
  const tested = await hookcell(['test', dir, '--plugin', plugin, '--json']);
  const [run] = jsonOf(tested, 'test').tests;
  expect(run).toMatchObject({ passed: true, differences: [] });
  expect(JSON.stringify(run.outcome)).toBe(JSON.stringify({ ok: false, fault: result.fault }));
  expect(JSON.stringify(run.log)).toBe(JSON.stringify(result.log));
  expect(tested.code).toBe(0);
  return result;
}

test.each(['crash', 'endless_hook'])('replay says that the fault of %s is the same as recorded', async (name) => {
  const { dir, plugin } = await record(`replayed ${name}`, await fixture(name), {}, { maxFuel: 40_000 });
  const replayed = await hookcell(['replay', dir, '--plugin', plugin]);
  expect(replayed.code).toBe(3);
  expect(replayed.stdout).toContain('the same as recorded');
});

test.each(panics)('what a plugin logged before $name is recorded and compared', async ({ name, module }) => {
  const { dir, plugin, result } = await record(`log of ${name}`, await module());
  expect(result.log).toEqual([{ level: 'info', message: 'counting', fields: { items: expect.any(Number) } }]);

  const file = path.join(dir, readdirSync(dir)[0] ?? '');
  const recorded = JSON.parse(readFileSync(file, 'utf8'));
  expect(recorded.log).toEqual(result.log);
  recorded.log[0].message = 'counted';
  const changed = folder.write(`changed ${name}.json`, recorded);
  const tested = await hookcell(['test', changed, '--plugin', plugin, '--json']);
  expect(tested.code).toBe(1);
  expect(jsonOf(tested, 'test').tests[0].differences).toEqual([
    { path: '/log/0/message', before: 'counted', after: 'counting' },
  ]);
});
