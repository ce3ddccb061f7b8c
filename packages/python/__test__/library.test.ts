import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

import { WasmRuntime } from 'hookcell';
import { buildPlugin } from '@hookcell/python';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-python-library-'));
const limits = { maxModuleBytes: 67_108_864, maxMemoryPages: 2_048, maxFuel: 1_000_000_000, timeoutMs: 30_000 };
const runtime = new WasmRuntime({ logger: false, ...limits });

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await runtime.close();
});

/** What cannot be imported, by the reason: it asks for a module in C that is left out, or for another system. */
const absent: Record<string, string[]> = {
  "ImportError: Start directory is not importable: '.'": ['unittest.__main__'],
  "ImportError: cannot import name 'mbcs_encode' from 'codecs' (unknown location)": ['encodings.mbcs'],
  "ImportError: cannot import name 'oem_encode' from 'codecs' (unknown location)": ['encodings.oem'],
  'ImportError: win32 only': ['asyncio.windows_events', 'asyncio.windows_utils'],
  "ModuleNotFoundError: No module named '_bz2'": ['bz2', 'encodings.bz2_codec'],
  "ModuleNotFoundError: No module named '_codecs_cn'": [
    'encodings.gb18030',
    'encodings.gb2312',
    'encodings.gbk',
    'encodings.hz',
  ],
  "ModuleNotFoundError: No module named '_codecs_hk'": ['encodings.big5hkscs'],
  "ModuleNotFoundError: No module named '_codecs_iso2022'": [
    'encodings.iso2022_jp',
    'encodings.iso2022_jp_1',
    'encodings.iso2022_jp_2',
    'encodings.iso2022_jp_2004',
    'encodings.iso2022_jp_3',
    'encodings.iso2022_jp_ext',
    'encodings.iso2022_kr',
  ],
  "ModuleNotFoundError: No module named '_codecs_jp'": [
    'encodings.euc_jis_2004',
    'encodings.euc_jisx0213',
    'encodings.euc_jp',
    'encodings.shift_jis',
    'encodings.shift_jis_2004',
    'encodings.shift_jisx0213',
  ],
  "ModuleNotFoundError: No module named '_codecs_kr'": ['encodings.euc_kr', 'encodings.johab'],
  "ModuleNotFoundError: No module named '_codecs_tw'": ['encodings.big5'],
  "ModuleNotFoundError: No module named '_lzma'": ['lzma'],
  "ModuleNotFoundError: No module named '_pydatetime'": ['_pydatetime'],
  "ModuleNotFoundError: No module named '_pydecimal'": ['_pydecimal'],
  "ModuleNotFoundError: No module named 'encodings.cp932'": ['encodings.cp932'],
  "ModuleNotFoundError: No module named 'encodings.cp949'": ['encodings.cp949'],
  "ModuleNotFoundError: No module named 'encodings.cp950'": ['encodings.cp950'],
  "ModuleNotFoundError: No module named 'multiprocessing'": ['concurrent.futures.process'],
  "ModuleNotFoundError: No module named 'pyexpat'": ['plistlib', 'xml.dom.expatbuilder', 'xml.parsers.expat'],
  "ModuleNotFoundError: No module named 'termios'": ['pty', 'tty'],
  'SAXReaderNotAvailable: expat not supported': ['xml.sax.expatreader'],
};

test('each module of the standard library is imported in a call that nothing imported before, apart from those that a system must have', async () => {
  const names = modulesOfLibrary();
  // What a package imports in a function is in the plugin, and is imported in the call.
  const lines = names.map((name) => `    import ${name}\n`);
  writeFileSync(path.join(folder, 'lazy.py'), `def never():\n${lines.join('')}`);
  const source = `
import lazy
def before_hook(ctx):
    try:
        __import__(ctx["input"]["name"])
    except BaseException as error:
        return {"data": f"{type(error).__name__}: {error}"}
`;
  const build = { ...limits, maxFuel: 20_000_000_000, timeoutMs: 120_000 };
  const { wasm } = await buildPlugin({ source }, { packages: [folder], limits: build });
  await runtime.loadPluginBytes('library', wasm, { isolate: false });
  const failed: Record<string, string[]> = {};
  for (const name of names) {
    const context = { input: { name }, data: null, user: null, headers: {}, tenant_id: null };
    const result = await runtime.callHook('library', 'before_hook', context, { now: 1_000, seed: '1' });
    const said = result.ok ? result.ctx.data : (result.fault?.code ?? 'rejected');
    if (said !== null) {
      const reason = String(said);
      failed[reason] = [...(failed[reason] ?? []), name];
    }
  }
  expect(names.length).toBeGreaterThan(300);
  expect(failed).toEqual(absent);
}, 300_000);

test('a source of 40,000 lines is compiled in work that grows with its length, and not with its square', async () => {
  const source = `${'# a line\n'.repeat(40_000)}def before_hook(ctx): pass`;
  const { report } = await buildPlugin({ source }, { limits: { maxFuel: 2_000_000_000 } });
  expect(report.hooks).toEqual(['before_hook']);
}, 300_000);

function modulesOfLibrary(): string[] {
  const bytes = brotliDecompressSync(readFileSync(path.join(__dirname, '../../../pdk/python/engine/library.br')));
  const index = JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32LE(0))) as Record<string, unknown>;
  return Object.keys(index).toSorted();
}
