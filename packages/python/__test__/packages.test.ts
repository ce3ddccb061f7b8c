import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { strToU8, zipSync } from 'fflate';
import { WasmRuntime } from 'hookcell';
import { buildPlugin } from '@hookcell/python';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-python-packages-'));
const runtime = new WasmRuntime({ logger: false });
let last = 0;

beforeAll(async () => {
  await runtime.loadPluginBytes('first', (await buildPlugin({ source: 'def before_hook(ctx): pass' })).wasm);
}, 240_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await runtime.close();
});

/** The files as a folder and as a wheel. */
function places(files: Record<string, string>): [string, string] {
  const name = `package${(last += 1)}`;
  for (const [file, text] of Object.entries(files)) {
    const full = path.join(folder, name, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  const wheel = path.join(folder, `${name}-1-py3-none-any.whl`);
  writeFileSync(wheel, zipSync(Object.fromEntries(Object.entries(files).map(([file, text]) => [file, strToU8(text)]))));
  return [path.join(folder, name), wheel];
}

async function call(source: string, options: Parameters<typeof buildPlugin>[1], given: unknown = null) {
  const { wasm, report } = await buildPlugin({ source }, options);
  await runtime.loadPluginBytes('plugin', wasm);
  const context = { input: { given }, data: null, user: null, headers: {}, tenant_id: null };
  const result = await runtime.callHook('plugin', 'before_hook', context);
  return { data: result.ok ? result.ctx.data : result, report };
}

test('a package that expects that its machine code is missing does without, and the report names the file', async () => {
  const [place] = places({
    'quick/__init__.py': 'try:\n    from ._quick import value\nexcept ImportError:\n    from ._slow import value',
    'quick/_quick.cpython-313-x86_64-linux-gnu.so': '',
    'quick/_slow.py': 'value = "slow"',
  });
  const { data, report } = await call('import quick\ndef before_hook(ctx): return {"data": quick.value}', {
    packages: [place],
  });
  expect(data).toBe('slow');
  expect(report.leftOut).toEqual(['site-packages/quick/_quick.cpython-313-x86_64-linux-gnu.so']);
});

test('a package that needs its machine code is refused, even if it imports it in a call', async () => {
  const [place] = places({ 'quick/__init__.py': 'def f():\n    from . import _quick\n', 'quick/_quick.so': '' });
  const build = buildPlugin({ source: 'import quick\ndef before_hook(ctx): pass' }, { packages: [place] });
  await expect(build).rejects.toMatchObject({
    code: 'ERR_PACKAGE',
    message: 'site-packages/quick/_quick.so is machine code: a plugin takes pure Python only',
    file: 'site-packages/quick/__init__.py',
    line: 2,
  });
});

describe.each([
  ['folder', 0],
  ['wheel', 1],
] as const)('a package in a %s', (_, which) => {
  test('imports its modules by names that it makes', async () => {
    const place = places({
      'named/__init__.py':
        'from importlib import import_module\ndef load(name): return import_module(f"named.parts.{name}").value',
      'named/parts/__init__.py': '',
      'named/parts/one.py': 'import colorsys\nvalue = colorsys.rgb_to_hls(1, 1, 1)[1]',
      'named/tests/test_one.py': 'import nothing',
    })[which];
    const source = 'import named\ndef before_hook(ctx): return {"data": named.load(ctx["input"]["given"])}';
    const { data, report } = await call(source, { packages: [place] }, 'one');
    expect(data).toBe(1);
    expect(report.inputs.map(({ name }) => name)).not.toContain('site-packages/named/tests/test_one.py');
  });

  test('reads its data files at the top level and in a call, and no others', async () => {
    const place = places({
      'stored/__init__.py': `
import pkgutil
from importlib import resources
early = resources.files("stored").joinpath("data/a.json").read_text(encoding="utf-8")
def read(name):
    try:
        return [pkgutil.get_data("stored", name).hex(), (resources.files("stored") / name).read_bytes().hex()]
    except OSError as error:
        return type(error).__name__
`,
      'stored/data/a.json': '{"é": 1}',
      'stored/data/b.bin': '\0ÿ"\\',
    })[which];
    const source =
      'import stored\ndef before_hook(ctx): return {"data": [stored.early, *map(stored.read, ctx["input"]["given"])]}';
    const given = ['data/b.bin', 'data/c.bin', '../x', '/etc/passwd'];
    const bytes = Buffer.from('\0ÿ"\\').toString('hex');
    const { data } = await call(source, { packages: [place] }, given);
    expect(data).toEqual(['{"é": 1}', [bytes, bytes], 'FileNotFoundError', 'FileNotFoundError', 'FileNotFoundError']);
  });

  test('reads its data files with open, os and pathlib', async () => {
    const place = places({
      'opened/__init__.py': '',
      'opened/deep/reader.py': `
import os
from pathlib import Path
here = os.path.dirname(os.path.abspath(__file__))
data = os.path.join(here, "..", "data")
def read(name):
    path = os.path.join(data, name)
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        with open(path, "rb") as file:
            size = len(file.read())
        return [lines, size, os.path.getsize(path), os.path.isfile(path), Path(path).exists(), Path(path).read_text() != ""]
    except OSError as error:
        return [type(error).__name__, os.path.exists(path), os.access(path, os.R_OK)]
def listed():
    return [sorted(os.listdir(data)), [[os.path.basename(at), folders, files] for at, folders, files in os.walk(data)],
        sorted(str(each) for each in Path(data).resolve().glob("*.txt")), os.path.isdir(data), os.path.isfile(data)]
def write():
    try:
        open(os.path.join(data, "a.txt"), "w")
    except OSError as error:
        return type(error).__name__
`,
      'opened/data/a.txt': 'é\r\nb',
      'opened/data/more/b.bin': 'b',
    })[which];
    const source = `from opened.deep import reader
def before_hook(ctx): return {"data": [*map(reader.read, ctx["input"]["given"]), *reader.listed(), reader.write()]}`;
    const { data } = await call(source, { packages: [place] }, ['a.txt', 'c.txt', '../../../etc/passwd']);
    const absent = ['FileNotFoundError', false, false];
    expect(data).toEqual([
      [['é', 'b'], 5, 5, true, true, true],
      absent,
      absent,
      ['a.txt', 'more'],
      [
        ['data', ['more'], ['a.txt']],
        ['more', [], ['b.bin']],
      ],
      ['/site-packages/opened/data/a.txt'],
      true,
      false,
      'FileNotFoundError',
    ]);
  });

  test('finds its version and its entry points, and gives the path of a file', async () => {
    const place = places({
      'told/__init__.py': `
from importlib import metadata, resources
version = metadata.version("Told.Package")
def uses():
    with resources.as_file(resources.files("told") / "a.txt") as path:
        read = open(path).read()
    names = [each.name for each in metadata.entry_points(group="told.parts")]
    try:
        return [version, names, read, metadata.metadata("told-package")["Summary"], metadata.version("other")]
    except metadata.PackageNotFoundError as error:
        return [version, names, read, str(error)]
`,
      'told/a.txt': 'a',
      'told_package-1.2.dist-info/METADATA':
        'Metadata-Version: 2.1\nName: told-package\nVersion: 1.2\n\nA long text.\n',
      'told_package-1.2.dist-info/entry_points.txt': '[told.parts]\none = told:one\n',
      'told_package-1.2.dist-info/RECORD': 'no',
    })[which];
    const source = 'import told\ndef before_hook(ctx): return {"data": told.uses()}';
    const { data, report } = await call(source, { packages: [place] });
    expect(data).toEqual(['1.2', ['one'], 'a', 'No package metadata was found for other']);
    expect(report.inputs).toContainEqual({ name: 'site-packages/told_package-1.2.dist-info/METADATA', bytes: 53 });
  });

  test('whose data files are too many is built without them, and to read one is no missing file', async () => {
    const place = places({
      'large/__init__.py': `
import os
from importlib import resources
def attempt(read):
    try:
        return read()
    except OSError:
        return "as if there were none"
    except RuntimeError as error:
        return str(error)
def use():
    path = os.path.join(os.path.dirname(__file__), "a.txt")
    return [attempt(lambda: open(path).read()), attempt(lambda: os.path.exists(path)),
        attempt(lambda: resources.files("large").joinpath("a.txt").read_text()), attempt(lambda: os.path.exists(__file__))]
`,
      'large/a.txt': 'a'.repeat(200),
    })[which];
    const source = 'import large\ndef before_hook(ctx): return {"data": large.use()}';
    const reason =
      'the plugin was built without site-packages/large/a.txt: the data files of site-packages/large have more bytes than maxDataBytes, 199';
    const { data, report } = await call(source, { packages: [place], limits: { maxDataBytes: 199 } });
    expect(data).toEqual([reason, reason, reason, false]);
    expect(report.leftOut).toEqual(['site-packages/large']);
    const all = await call(source, { packages: [place], limits: { maxDataBytes: 200 } });
    expect(all.data).toEqual(['a'.repeat(200), true, 'a'.repeat(200), false]);
    expect(all.report.leftOut).toEqual([]);
  });
});

test('what imports sockets beside something else is imported, and a socket is refused', async () => {
  const source = `
import select, socket, ssl_or_none
def before_hook(ctx):
    try:
        socket.create_connection(("localhost", 80))
    except OSError as error:
        return {"data": [ssl_or_none.ssl, str(error)]}
`;
  const [place] = places({ 'ssl_or_none.py': 'try:\n    import ssl\nexcept ImportError:\n    ssl = None\n' });
  const { data } = await call(source, { packages: [place] });
  expect(data).toEqual([null, 'a plugin has no sockets']);
});

test('what imports zlib and ssl beside something else is imported, and they are refused, unless it does without them', async () => {
  const attempts = (name: string) => `
import ${name}.one as one
def attempt(use):
    try:
        return use()
    except (RuntimeError, OSError) as error:
        return str(error)
def before_hook(ctx): return {"data": [attempt(each) for each in one.uses()]}`;
  const [needing] = places({
    'needing/one.py': `
import gzip, zlib
from ssl import SSLContext
def uses():
    return [lambda: zlib.crc32(b"a"), lambda: zlib.adler32(b"Wikipedia"), lambda: zlib.compress(b"a"),
        lambda: gzip.compress(b"a"), SSLContext]
`,
  });
  const refused = 'a plugin has no zlib: it can neither compress nor decompress';
  const { data } = await call(attempts('needing'), { packages: [needing] });
  expect(data).toEqual([0xe8b7be43, 0x11e60398, refused, refused, 'a plugin has no connections']);
  const [expecting] = places({
    'expecting/one.py': `
try:
    import zlib
except ImportError:
    zlib = None
try:
    import ssl
except ImportError:
    ssl = None
def uses():
    return [lambda: zlib, lambda: ssl]
`,
  });
  expect((await call(attempts('expecting'), { packages: [expecting] })).data).toEqual([null, null]);
});

test('what asks for randomness or the time when it is imported can be imported in a call without them', async () => {
  const [place] = places({
    'lazy.py': 'def names():\n    import logging, secrets, tempfile\n    return secrets.__name__',
  });
  const source = 'import lazy\ndef before_hook(ctx): return {"data": lazy.names()}';
  expect((await call(source, { packages: [place] })).data).toBe('secrets');
});

test('an encoding that a source names is there', async () => {
  const source = `def before_hook(ctx): return {"data": ["é".encode("iso-8859-2").hex(), "bücher".encode("idna").decode(), b"\\x9a".decode("windows-1250")]}`;
  expect((await call(source, {})).data).toEqual(['e9', 'xn--bcher-kva', 'š']);
});

test('the name of its file is in __file__, and the file cannot be read', async () => {
  const source = `
def before_hook(ctx):
    try:
        open(__file__)
    except OSError as error:
        return {"data": [__file__, type(error).__name__]}
`;
  expect((await call(source, {})).data).toEqual(['plugin.py', 'FileNotFoundError']);
});

describe('zoneinfo', () => {
  const source = `
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones
def before_hook(ctx):
    def time(zone):
        try:
            return datetime(2026, 7, 1, 12, tzinfo=ZoneInfo(zone)).isoformat()
        except (ZoneInfoNotFoundError, ValueError) as error:
            return type(error).__name__
    return {"data": [len(available_timezones()), *map(time, ctx["input"]["given"])]}
`;
  const given = ['Europe/Berlin', 'America/New_York', 'Mars/Base', '../Europe/Berlin'];
  const absent = 'ZoneInfoNotFoundError';

  test('has the time zones that the build names', async () => {
    const { data } = await call(source, { zoneinfo: ['Europe/Berlin'] }, given);
    expect(data).toEqual([1, '2026-07-01T12:00:00+02:00', absent, absent, 'ValueError']);
  });

  test('has all of them, if the build says so', async () => {
    const { data } = await call(source, { zoneinfo: true }, given);
    const [count, ...times] = data as unknown as [number, ...string[]];
    expect(count).toBeGreaterThan(500);
    expect(times).toEqual(['2026-07-01T12:00:00+02:00', '2026-07-01T12:00:00-04:00', absent, 'ValueError']);
  });

  test('has none by default', async () => {
    expect((await call(source, {}, given)).data).toEqual([0, absent, absent, absent, 'ValueError']);
  });

  test('has the rules of time zones that were there at the top level', async () => {
    const early = `from zoneinfo import ZoneInfo\nberlin = ZoneInfo("Europe/Berlin")\nfrom datetime import datetime\n
def before_hook(ctx): return {"data": [str(datetime(2026, m, 1, tzinfo=berlin).utcoffset()) for m in (1, 7)]}`;
    expect((await call(early, { zoneinfo: ['Europe/Berlin'] })).data).toEqual(['1:00:00', '2:00:00']);
  });

  test('that is invalid throws', async () => {
    const build = (zoneinfo: unknown) => buildPlugin({ source }, { zoneinfo: zoneinfo as boolean });
    await expect(build(['Europe/Berln'])).rejects.toThrow('zoneinfo has no zone "Europe/Berln"');
    await expect(build('all')).rejects.toThrow('zoneinfo must be true, false or an array of zones');
  });
});
