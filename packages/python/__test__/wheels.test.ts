import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { strToU8, zipSync } from 'fflate';
import { WasmRuntime } from 'hookcell';
import { buildPlugin } from '@hookcell/python';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-python-wheels-'));
const runtime = new WasmRuntime({ logger: false });
const source = 'import odd\ndef before_hook(ctx): return {"data": odd.value}';
let last = 0;

beforeAll(async () => {
  await runtime.loadPluginBytes('first', (await buildPlugin({ source: 'def before_hook(ctx): pass' })).wasm);
}, 240_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await runtime.close();
});

function build(bytes: Uint8Array) {
  const wheel = path.join(folder, `odd-${(last += 1)}-py3-none-any.whl`);
  writeFileSync(wheel, bytes);
  return buildPlugin({ source }, { packages: [wheel] });
}

type Files = Parameters<typeof zipSync>[0];

const text = strToU8('value = 1\n'.repeat(10));

/** A wheel whose bytes are changed: `directory` is where its first entry is. */
function changed(change: (bytes: Buffer, directory: number) => Buffer | undefined, files?: Files): Buffer {
  const bytes = Buffer.from(zipSync(files ?? { 'odd/__init__.py': text }));
  return change(bytes, bytes.indexOf('PK\x01\x02', 0, 'latin1')) ?? bytes;
}

/** The names of two files are the same, as long as they have the same length. */
function renamed(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');
}

test('a wheel with stored and compressed files, folders and a comment is read', async () => {
  const bytes = Buffer.from(
    zipSync({ 'odd/': new Uint8Array(), 'odd/__init__.py': [text, { level: 0 }], 'odd/more.py': text }),
  );
  bytes.writeUInt16LE(7, bytes.length - 2);
  const { wasm } = await build(Buffer.concat([bytes, Buffer.from('comment')]));
  await runtime.loadPluginBytes('plugin', wasm);
  expect(await runtime.callHook('plugin', 'before_hook', { input: {} })).toMatchObject({ ctx: { data: 1 } });
});

test.each<[string, () => Buffer, string]>([
  ['is no zip file', () => Buffer.from('no zip'), 'it has no directory'],
  ['is empty', () => Buffer.alloc(0), 'it has no directory'],
  ['is cut off', () => changed((bytes) => bytes.subarray(0, bytes.length / 2)), 'it has no directory'],
  ['has more entries than it has', () => changed((bytes) => void bytes.writeUInt16LE(9, bytes.length - 12)), 'damaged'],
  ['has its directory elsewhere', () => changed((bytes) => void bytes.writeUInt32LE(1e9, bytes.length - 6)), 'damaged'],
  [
    'has two files of one name',
    () =>
      renamed(
        changed(() => undefined, { 'odd/__init__.py': text, 'odd/__anit__.py': text }),
        'odd/__anit__',
        'odd/__init__',
      ),
    'it has "odd/__init__.py" twice',
  ],
  [
    'has a file that becomes longer than it says',
    () => changed((b, at) => void b.writeUInt32LE(10, at + 24)),
    'more than',
  ],
  [
    'has a file that is shorter than it says',
    () => changed((b, at) => void b.writeUInt32LE(1e6, at + 24)),
    'another size',
  ],
  ['has a file with more data than there are', () => changed((b, at) => void b.writeUInt32LE(1e6, at + 20)), 'cut off'],
  ['has a file with another checksum', () => changed((b, at) => void b.writeUInt32LE(1, at + 16)), 'checksum'],
  ['has damaged data', () => changed((bytes) => void bytes.fill(0xff, 50, 60)), 'damaged'],
  ['has an encrypted file', () => changed((bytes, at) => void bytes.writeUInt16LE(1, at + 8)), 'encrypted'],
  ['has a file of an unknown method', () => changed((bytes, at) => void bytes.writeUInt16LE(99, at + 10)), 'method 99'],
  ['has a file that is elsewhere', () => changed((bytes, at) => void bytes.writeUInt32LE(7, at + 42)), 'not where'],
  ['has a file with two names', () => changed((bytes) => void bytes.write('evil', 30)), 'another name'],
  [
    'has modules of more bytes than a wheel may have',
    () => changed(() => undefined, { 'odd/__init__.py': text, 'odd/bomb.py': new Uint8Array(70_000_000) }),
    'has modules of more than 67108864 bytes',
  ],
])('a wheel that %s is refused', async (_, make, reason) => {
  await expect(build(make())).rejects.toMatchObject({
    code: 'ERR_PACKAGE',
    file: expect.stringMatching(/^odd-\d+-py3-none-any\.whl$/) as string,
    message: expect.stringContaining(reason) as string,
  });
});

test('of a wheel only what is imported is decompressed', async () => {
  // The other one cannot be.
  const files = { 'odd/__init__.py': text, 'odd/other.py': text };
  const bytes = changed((b, at) => void b.writeUInt32LE(1, b.indexOf('PK\x01\x02', at + 4, 'latin1') + 16), files);
  const { report } = await build(bytes);
  expect(report.inputs.map(({ name }) => name)).not.toContain('site-packages/odd/other.py');
});
