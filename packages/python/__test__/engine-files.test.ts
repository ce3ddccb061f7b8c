import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { LibraryFile } from '../src/sandbox/library-file';

const folder = path.join(__dirname, '../dist/engine');
const read = (name: string) => readFileSync(path.join(folder, name));

describe('the files of the engine', () => {
  test('are in the package as their digests say, and need not be decompressed', () => {
    const digests = JSON.parse(read('digests.json').toString()) as Record<string, string>;
    expect(Object.keys(digests)).toEqual(['engine.wasm', 'library']);
    for (const [name, digest] of Object.entries(digests)) {
      expect(createHash('sha256').update(read(name)).digest('hex')).toBe(digest);
    }
  });

  test('give the bytecode of each module of the standard library', () => {
    const file = new LibraryFile(path.join(folder, 'library'));
    const whole = read('library');
    const codes = whole.subarray(4 + whole.readUInt32LE(0));
    const names = [...file.index().keys()];
    expect(names.length).toBeGreaterThan(200);
    // The second time from memory.
    for (const wanted of [names.slice(0, 20), names]) {
      for (const [index, code] of file.codes(wanted).entries()) {
        const { at, length } = file.index().get(wanted[index]!)!;
        expect(codes.subarray(at, at + length).equals(code)).toBe(true);
      }
    }
  });

  test('are an error if they are cut off', async () => {
    const cut = path.join(await mkdtemp(path.join(tmpdir(), 'hookcell-library-')), 'library');
    const whole = read('library');
    writeFileSync(cut, whole.subarray(0, whole.length - 1));
    const file = new LibraryFile(cut);
    const last = [...file.index()].toSorted(([, one], [, other]) => other.at - one.at)[0]![0];
    expect(() => file.codes([last])).toThrow(`${cut} is cut off`);
  });
});
