import { buildPlugin } from '@hookcell/python';

import { PackagePlugins } from './support/package-plugins';

const plugins = new PackagePlugins();
const places = plugins.places.bind(plugins);
const call = plugins.call.bind(plugins);

beforeAll(() => plugins.open(), 240_000);
afterAll(() => plugins.close());

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
