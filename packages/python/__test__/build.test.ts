import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { strToU8, zipSync } from 'fflate';
import { WasmRuntime } from 'hookcell';
import type { PluginResult } from 'hookcell';
import { buildPlugin } from '@hookcell/python';
import type { BuildPluginOptions, BuiltPlugin } from '@hookcell/python';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-python-'));
const runtime = new WasmRuntime({ logger: false });
const context = { input: {}, data: null, user: null, headers: {}, tenant_id: null };

// Its code stays loaded, so that other plugins need not compile the engine again.
beforeAll(async () => {
  const { wasm } = await build('def before_hook(ctx): pass');
  await runtime.loadPluginBytes('first', wasm);
}, 240_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await runtime.close();
});

/** Writes files into a folder, and gives the path of `plugin.py` there. */
function project(name: string, files: Record<string, string>): string {
  for (const [file, text] of Object.entries(files)) {
    const full = path.join(folder, name, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  return path.join(folder, name, 'plugin.py');
}

async function call({ wasm }: BuiltPlugin, hook: string, given: object = {}): Promise<PluginResult> {
  await runtime.loadPluginBytes('plugin', wasm);
  try {
    return await runtime.callHook('plugin', hook, { ...context, ...given });
  } finally {
    runtime.unloadPlugin('plugin');
  }
}

function build(source: string, options?: BuildPluginOptions): Promise<BuiltPlugin> {
  return buildPlugin({ source }, options);
}

/** What a hook with this body answers as data. */
async function dataOf(body: string, before = ''): Promise<unknown> {
  const plugin = await build(`${before}\ndef before_hook(ctx):\n    ${body.replaceAll('\n', '\n    ')}`);
  const result = await call(plugin, 'before_hook');
  return result.ok ? result.ctx.data : result;
}

describe('what a hook returns', () => {
  const hooks: [string, string, object][] = [
    [
      'nothing, so that what it changed in place is changed',
      'ctx["input"]["a"] = 2; ctx["data"].append(3)',
      { ok: true, ctx: { input: { a: 2 }, data: [1, 3] } },
    ],
    ['nothing, after it changed what it may not', 'ctx["tenant_id"] = "x"', { ok: true, ctx: { tenant_id: null } }],
    ['new input', 'return {"input": {"c": 1}}', { ok: true, ctx: { input: { c: 1 }, data: [1] } }],
    [
      'a result with changes',
      'return {"ok": True, "ctx": {"input": {"d": 1}}}',
      { ok: true, ctx: { input: { d: 1 } } },
    ],
    [
      'a patch',
      'return {"ok": True, "patch": [{"op": "add", "path": "/input/e", "value": 1}]}',
      { ok: true, ctx: { input: { a: 1, e: 1 } } },
    ],
    [
      'a rejection, with the status that an adapter responds with',
      'raise Reject("no", ["why"], 403)',
      { ok: false, error: 'no', details: [{ status: 403 }, 'why'] },
    ],
    [
      'a fault if it is anything else',
      'return 5',
      {
        ok: false,
        fault: {
          code: 'ERR_THROWN',
          message: 'TypeError: a hook returns nothing, a dict with input or data, or a result with ok, and no int',
        },
      },
    ],
    [
      'a fault if details are no list',
      'raise Reject("no", {"field": "a"})',
      { ok: false, fault: { message: 'TypeError: details of a Reject are a list, and no dict' } },
    ],
  ];

  test.each(hooks)('is %s', async (_, body, expected) => {
    const plugin = await build(`from hookcell import Reject\ndef before_hook(ctx):\n    ${body}\n`);
    const result = await call(plugin, 'before_hook', { input: { a: 1 }, data: [1] });
    expect(result).toMatchObject(expected);
    expect('fault' in result).toBe('fault' in expected);
  });
});

describe('a plugin', () => {
  test('has the functions that __all__ names as hooks, and no other', async () => {
    const plugin = await build(
      '__all__ = ["check", "before_hook"]\ndef before_hook(ctx): pass\ndef check(ctx): return {"data": "checked"}\ndef other(ctx): pass',
    );
    expect(plugin.report.hooks).toEqual(['before_hook', 'check']);
    expect(await call(plugin, 'check')).toMatchObject({ ok: true, ctx: { data: 'checked' } });
    await expect(call(plugin, 'after_hook', { data: 1 })).rejects.toMatchObject({ code: 'ERR_NO_HOOK' });
  });

  test('is bundled with what is beside it, and with its packages', async () => {
    const wheel = path.join(folder, 'wheeled-1.0-py2.py3-none-any.whl');
    writeFileSync(
      wheel,
      zipSync({
        'wheeled/__init__.py': strToU8('from .deep.inner import value'),
        'wheeled/deep/inner.py': strToU8('value = "wheel"'),
      }),
    );
    const entry = project('bundled', {
      'plugin.py': `
import beside, package.inner, installed, wheeled
from .beside import name
from package import sibling
def before_hook(ctx):
    import late
    return {"data": [beside.name, name, package.inner.value, sibling.value, installed.value, wheeled.value, late.value]}`,
      'beside.py': 'name = "lócal"',
      'late.py': 'value = "late"',
      'package/__init__.py': '',
      'package/inner.py': 'from . import sibling\nvalue = sibling.value + 1',
      'package/sibling.py': 'value = 1',
    });
    const packages = path.join(folder, 'packages');
    mkdirSync(packages);
    writeFileSync(path.join(packages, 'installed.py'), 'import json\nvalue = json.loads("[1]")');
    const plugin = await buildPlugin({ entry }, { packages: [packages, wheel] });
    const result = await call(plugin, 'before_hook');
    expect(result).toMatchObject({ ok: true, ctx: { data: ['lócal', 'lócal', 2, 1, [1], 'wheel', 'late'] } });
    const names = plugin.report.inputs.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['plugin.py', 'package/inner.py', 'site-packages/installed.py', 'json']),
    );
  });

  test('of a text imports no file of this machine', async () => {
    project('resolved', { 'secret.py': 'a = 7' });
    const before = process.cwd();
    process.chdir(path.join(folder, 'resolved'));
    try {
      await expect(build('import secret\ndef before_hook(ctx): pass')).rejects.toMatchObject({
        code: 'ERR_UNRESOLVED',
        message: "ModuleNotFoundError: No module named 'secret'",
        file: 'plugin.py',
        line: 1,
      });
    } finally {
      process.chdir(before);
    }
  });

  test('has the same bytes in whatever folder it is built', async () => {
    const entry = project('one', {
      'plugin.py':
        'import re, json, a.b\nfrom enum import Enum\nclass E(Enum):\n    A = 1\ndef before_hook(ctx): return {"data": hash("a")}',
      'a/__init__.py': '',
      'a/b.py': 'x = {str(i) for i in range(99)}',
    });
    const other = path.join(folder, 'a', 'deeper', 'folder');
    cpSync(path.dirname(entry), other, { recursive: true });
    const one = await buildPlugin({ entry });
    const two = await buildPlugin({ entry: path.join(other, 'plugin.py') });
    expect(Buffer.from(one.wasm).equals(two.wasm)).toBe(true);
    expect(one.report.sha256).toBe(two.report.sha256);
  });

  test('shares its code with every other one of this engine', async () => {
    const { wasm } = await build(
      'big = "x" * 100000\n__all__ = ["other"]\ndef before_hook(ctx): pass\ndef other(ctx): pass',
    );
    expect(await runtime.loadPluginBytes('second', wasm)).toMatchObject({ codeFrom: 'memory' });
    runtime.unloadPlugin('second');
  });

  test('declares what it needs, so that the limits of the host suffice', async () => {
    const { wasm } = await build('def before_hook(ctx): pass');
    const text = Buffer.from(wasm.subarray(-200)).toString('latin1');
    expect(text).toMatch(/hookcell\.limits\{"maxFuel":50000000,"fuelPerContextByte":5000\}$/);
  });
});

describe('the standard library', () => {
  const uses: [string, string, unknown][] = [
    ['json', 'import json; return {"data": json.loads(json.dumps({"a": [1, None, "é"]}))}', { a: [1, null, 'é'] }],
    ['re', 'import re; return {"data": re.sub("[0-9]+", "#", "a12b3")}', 'a#b#'],
    ['decimal', 'from decimal import Decimal; return {"data": str(Decimal("0.1") + Decimal("0.2"))}', '0.3'],
    [
      'datetime, with strptime',
      'from datetime import datetime, timedelta\nt = datetime.strptime("2026-11-27", "%Y-%m-%d") + timedelta(days=4)\nreturn {"data": [t.isoformat(), t.strftime("%d.%m.%Y")]}',
      ['2026-12-01T00:00:00', '01.12.2026'],
    ],
    [
      'dataclasses',
      'from dataclasses import dataclass, asdict\n@dataclass\nclass P:\n    x: int = 1\nreturn {"data": asdict(P())}',
      { x: 1 },
    ],
    ['hashlib', 'import hashlib; return {"data": hashlib.sha256(b"a").hexdigest()[:8]}', 'ca978112'],
    ['collections', 'from collections import Counter; return {"data": dict(Counter("aab"))}', { a: 2, b: 1 }],
    ['urllib.parse', 'from urllib.parse import urlparse; return {"data": urlparse("https://a.b/c").netloc}', 'a.b'],
    ['ipaddress', 'import ipaddress; return {"data": str(ipaddress.ip_address("::1"))}', '::1'],
    ['match, and exception groups', 'match [1, 2]:\n    case [a, b]:\n        return {"data": a + b}', 3],
    ['fractions', 'from fractions import Fraction; return {"data": str(Fraction(1, 3) * 2)}', '2/3'],
    [
      'functions of the type of their argument',
      'from functools import singledispatch\n@singledispatch\ndef f(x): return "any"\n@f.register\ndef _(x: int): return "int"\nreturn {"data": [f(1), f("a")]}',
      ['int', 'any'],
    ],
    [
      'protocols that are checked in a call',
      'from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass Named(Protocol):\n    name: str\nclass A:\n    name = "a"\nreturn {"data": [isinstance(A(), Named), isinstance(1, Named)]}',
      [true, false],
    ],
    ['pydoc', 'import pydoc; return {"data": list(pydoc.splitdoc("a\\n\\nb"))}', ['a', 'b']],
    ['pkgutil', 'import pkgutil; return {"data": pkgutil.resolve_name("os.path:sep")}', '/'],
    ['os.path.expandvars', 'import os; return {"data": os.path.expandvars("$A/b")}', '$A/b'],
    [
      'a module that a call names',
      'import importlib; return {"data": importlib.import_module("html.parser").__name__}',
      'html.parser',
    ],
    [
      'encodings that it names',
      'import codecs; return {"data": [codecs.encode("a", "rot13"), "é".encode("macroman").hex()]}',
      ['n', '8e'],
    ],
    ['base64 and codecs', 'import base64; return {"data": base64.b64encode("é".encode("cp1252")).decode()}', '6Q=='],
  ];

  test.each(uses)('has %s, imported in a hook', async (_, body, expected) => {
    expect(await dataOf(body)).toEqual(expected);
  });

  test.each(uses.filter(([, body]) => body.includes('import')))(
    'has %s, imported by the module',
    async (_, body, expected) => {
      const [first = '', ...rest] = body.split(/; |\n/);
      expect(await dataOf(rest.join('\n'), first)).toEqual(expected);
    },
  );
});

test('numbers of thousands of digits are divided, if there is fuel for it', async () => {
  const { wasm } = await build('def before_hook(ctx): return {"data": (3 ** 40000 // 7 ** 9000) % 1000007}');
  await runtime.loadPluginBytes('numbers', wasm, { maxFuel: 1_000_000_000 });
  const result = await runtime.callHook('numbers', 'before_hook', context);
  const expected = Number((3n ** 40_000n / 7n ** 9_000n) % 1_000_007n);
  expect(result).toMatchObject({ ok: true, ctx: { data: expected } });
  runtime.unloadPlugin('numbers');
});

test('validate_email passes every case', async () => {
  const root = path.join(__dirname, '../../..');
  const plugin = await buildPlugin({ entry: path.join(root, 'pdk/python/src/validate_email.py') });
  const cases = JSON.parse(readFileSync(path.join(root, 'pdk/cases.json'), 'utf8')) as {
    hook: string;
    context: object;
    expected: { ok: boolean };
  }[];
  await runtime.loadPluginBytes('email', plugin.wasm);
  for (const { hook, context: given, expected } of cases) {
    const result = await runtime.callHook('email', hook, { ...context, ...given });
    expect(result).toMatchObject(expected);
  }
  runtime.unloadPlugin('email');
});
