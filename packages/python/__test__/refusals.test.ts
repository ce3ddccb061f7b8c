import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { strToU8, zipSync } from 'fflate';
import { WasmRuntime } from 'hookcell';
import { buildPlugin, PluginBuildError } from '@hookcell/python';
import type { BuildPluginOptions, PluginSource } from '@hookcell/python';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-python-refusals-'));
const runtime = new WasmRuntime({ logger: false });
const hook = 'def before_hook(ctx):\n    pass\n';

beforeAll(async () => {
  await runtime.loadPluginBytes('first', (await buildPlugin({ source: hook })).wasm);
}, 240_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await runtime.close();
});

async function refusal(from: PluginSource, options?: BuildPluginOptions): Promise<PluginBuildError> {
  const error: unknown = await buildPlugin(from, options).then(
    () => new Error('it was built'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PluginBuildError)) {
    throw error;
  }
  return error;
}

const noHook = expect.stringContaining('has no function before_hook') as string;
const taken = (name: string) => expect.stringContaining(`uses the name ${name} for something else`) as string;
const missing = "ModuleNotFoundError: No module named 'requests'";

describe('a source is refused with what is wrong and where:', () => {
  test.each<[string, string, object]>([
    ['a syntax error', `x = 1\ndef before_hook(ctx)\n    pass`, { code: 'ERR_SYNTAX', line: 2 }],
    [
      'a missing module',
      `import json\nimport requests\n${hook}`,
      { code: 'ERR_UNRESOLVED', line: 2, message: missing },
    ],
    ['a name that a module does not have', `${hook}from json import jump`, { code: 'ERR_UNRESOLVED', line: 3 }],
    ['an exception', `${hook}def f():\n    raise ValueError("no")\nf()`, { code: 'ERR_THROWN', line: 4 }],
    ['no hook', 'def beforeHook(ctx): pass', { code: 'ERR_NO_HOOK', message: noHook }],
    ['no hook of the first two', `__all__ = ["more"]\ndef more(ctx): pass`, { code: 'ERR_NO_HOOK', message: noHook }],
    ['no hook but the last', 'def after_hook(ctx): pass', { code: 'ERR_NO_HOOK', message: noHook }],
    [
      'a taken name',
      `${hook}__all__ = ["alloc"]\ndef alloc(ctx): pass`,
      { code: 'ERR_EXPORT', message: taken('alloc') },
    ],
    [
      'the name of the memory',
      `${hook}__all__ = ["memory"]\ndef memory(ctx): pass`,
      { code: 'ERR_EXPORT', message: taken('memory') },
    ],
    [
      'the start-up',
      `${hook}__all__ = ["_initialize"]\ndef _initialize(ctx): pass`,
      { code: 'ERR_EXPORT', message: taken('_initialize') },
    ],
    ['an odd name', `${hook}__all__ = ["a b"]\nglobals()["a b"] = before_hook`, { code: 'ERR_EXPORT' }],
    [
      'too many hooks',
      `${hook}__all__ = [f"h{i}" for i in range(20)]\nfor n in __all__: globals()[n] = lambda c: None`,
      { code: 'ERR_EXPORT' },
    ],
    [
      'a hook that is async',
      'async def before_hook(ctx): pass',
      {
        code: 'ERR_EXPORT',
        message: 'a hook is an ordinary function: before_hook is async or has a yield, and would not run',
      },
    ],
    ['a hook that is a generator', `${hook}def after_hook(ctx): yield 1`, { code: 'ERR_EXPORT' }],
    [
      'text that a terminal acts on',
      `${hook}raise ValueError("\\x1b[2J\\n\\u202e")`,
      { code: 'ERR_THROWN', message: expect.stringContaining(String.raw`ValueError: \u{1b}[2J\u{a}\u{202e}`) },
    ],
    ['an exit', `${hook}raise SystemExit`, { code: 'ERR_THROWN', line: 3 }],
    ['a loop without an end', `${hook}while True: pass`, { code: 'ERR_FUEL' }],
    ['memory without an end', `${hook}x = []\nwhile True: x.append(bytearray(1000000))`, { code: 'ERR_MEMORY' }],
    ['a recursion without an end', `${hook}def f(): f()\nf()`, { code: 'ERR_STACK', line: 3 }],
    ['a catastrophic pattern', `${hook}import re\nre.match("(a+)+$", "a" * 60 + "b")`, { code: 'ERR_FUEL' }],
    ['nested brackets', `${hook}x = ${'['.repeat(5_000)}${']'.repeat(5_000)}`, { code: 'ERR_STACK' }],
    ['nested operators', `${hook}x = ${'-'.repeat(100_000)}1`, { code: 'ERR_STACK' }],
    ['a long chain of members', `${hook}x = f${'.a'.repeat(50_000)}`, { code: 'ERR_STACK' }],
    ['a null character', `${hook}\0`, { code: 'ERR_SYNTAX' }],
  ])('%s', async (_, source, expected) => {
    const limits = { maxFuel: 1_000_000_000 };
    expect(await refusal({ source }, { limits })).toMatchObject(expected);
  });
});

test('an exception of a hook is a fault with the places in the sources', async () => {
  const source =
    'def check(value):\n    raise ValueError(f"bad {value}")\n\ndef before_hook(ctx):\n    check(ctx["input"]["n"])\n';
  const { wasm } = await buildPlugin({ source, filename: 'mine.py' });
  await runtime.loadPluginBytes('throws', wasm);
  const context = { input: { n: 5 }, data: null, user: null, headers: {}, tenant_id: null };
  const backtrace = ['check (mine.py:2:5)', 'before_hook (mine.py:5:5)'];
  expect(await runtime.callHook('throws', 'before_hook', context)).toMatchObject({
    ok: false,
    fault: { code: 'ERR_THROWN', message: 'ValueError: bad 5', backtrace },
  });
});

describe('a package', () => {
  const source = 'import native\ndef before_hook(ctx): pass';

  test('with machine code is refused by its name', async () => {
    const place = path.join(folder, 'installed');
    mkdirSync(place);
    writeFileSync(path.join(place, 'native.cpython-313-x86_64-linux-gnu.so'), '');
    const message = expect.stringContaining('native.cpython-313-x86_64-linux-gnu.so is machine code') as string;
    expect(await refusal({ source }, { packages: [place] })).toMatchObject({ code: 'ERR_PACKAGE', message });
  });

  test.each([
    [
      'numpy-2.0-cp313-cp313-manylinux_2_17_x86_64.whl',
      'native.py',
      'is a wheel for cp313-cp313-manylinux_2_17_x86_64',
    ],
    ['old-1.0-py2-none-any.whl', 'native.py', 'is a wheel for py2-none-any'],
    ['liar-1.0-py3-none-any.whl', 'native.so', 'contains machine code (native.so)'],
    ['broken-1.0-py3-none-any.whl', undefined, 'is no zip file that can be read'],
  ])('%s is refused', async (name, file, reason) => {
    const wheel = path.join(folder, name);
    writeFileSync(wheel, file === undefined ? 'no zip' : zipSync({ [file]: strToU8('') }));
    const message = expect.stringContaining(`${name} ${reason}`) as string;
    expect(await refusal({ source }, { packages: [wheel] })).toMatchObject({ code: 'ERR_PACKAGE', message });
  });

  test('that is not there is refused', async () => {
    const message = 'nowhere is neither a folder nor a wheel (.whl) that can be read';
    const error = await refusal({ source }, { packages: [path.join(folder, 'nowhere')] });
    expect(error).toMatchObject({ code: 'ERR_PACKAGE', message });
  });
});

test('an entry that is not there is refused', async () => {
  const error = await refusal({ entry: path.join(folder, 'none.py') });
  expect(error).toMatchObject({ code: 'ERR_READ', file: 'none.py' });
});

test('invalid arguments throw, and what is too long is refused', async () => {
  const build = (from: unknown, options?: object) => buildPlugin(from as PluginSource, options);
  await expect(build({})).rejects.toThrow('a plugin is built from { entry: path } or { source: text }');
  await expect(build({ source: hook }, { packages: [1] })).rejects.toThrow('packages must be an array of paths');
  await expect(build({ source: hook }, { samplez: [] })).rejects.toThrow('options has no samplez');
  await expect(build({ source: hook }, { limits: { maxSourceBytes: 0 } })).rejects.toThrow(
    'limits.maxSourceBytes must',
  );
  expect(await refusal({ source: hook }, { limits: { maxSourceBytes: 5 } })).toMatchObject({ code: 'ERR_LIMIT' });
  expect(await refusal({ source: hook }, { limits: { maxModuleBytes: 5_000_000 } })).toMatchObject({
    code: 'ERR_LIMIT',
  });
});
