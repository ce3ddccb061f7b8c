import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { pdk } from '../../../scripts/plugins/compiler.mjs';

/**
 * All modules of the standard library: tests import by names that they make.
 *
 * @returns {{ name: string, isPackage: boolean, code: Buffer }[]}
 */
export function wholeLibrary() {
  const bytes = brotliDecompressSync(readFileSync(path.join(pdk, 'python', 'engine', 'library.br')));
  const begin = 4 + bytes.readUInt32LE(0);
  const index = JSON.parse(bytes.toString('utf8', 4, begin));
  return Object.entries(index).map(([name, { at, length, package: isPackage }]) => ({
    name,
    isPackage,
    code: bytes.subarray(begin + at, begin + at + length),
  }));
}
