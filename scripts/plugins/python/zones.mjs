// The time zones of Python plugins: takes them from the package tzdata, and writes pdk/python/zones/zones.br.
//
//   node scripts/plugins/python/zones.mjs [--check]
//
// With --check it compares instead. Without pip it says that it skips.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';
import { main, run } from '../../build/command.mjs';
import { format } from '../../suites/tally.mjs';
import { MissingCompiler, orMissing, pdk, workshop } from '../compiler.mjs';

const folder = path.join(pdk, 'python', 'zones');
const downloads = path.join(workshop, 'python', 'zones');
const { values } = parseArgs({ options: { check: { type: 'boolean' } } });

await main(async () => {
  const zones = await zonesOfPackage().catch((error) => {
    if (!(error instanceof MissingCompiler)) {
      throw error;
    }
    console.log(`zones: SKIPPED: ${error.message}`);
  });
  if (zones === undefined) {
    console.log(format({ passed: 0, failed: 0, skipped: 1 }));
    return;
  }
  const file = path.join(folder, 'zones.br');
  if (values.check) {
    const isSame = brotliDecompressSync(readFileSync(file)).equals(zones);
    console.log(`zones: zones.br ${isSame ? 'is' : 'FAILED: is not'} what the package has`);
    console.log(format({ passed: isSame ? 1 : 0, failed: isSame ? 0 : 1, skipped: 0 }));
    process.exitCode = isSame ? 0 : 1;
    return;
  }
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  const compressed = brotliCompressSync(zones, { params });
  writeFileSync(file, compressed);
  console.log(`zones: zones.br has ${zones.length} bytes, ${compressed.length} compressed`);
});

/** The index and the bytes of all zones. */
async function zonesOfPackage() {
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--require-hashes'];
  const requirements = path.join(folder, 'requirements.txt');
  await orMissing('pip could not download tzdata', () =>
    run('python3', ['-m', 'pip', 'download', ...options, '--requirement', requirements, '--dest', downloads]),
  );
  const [wheel] = readdirSync(downloads);
  const files = unzipSync(readFileSync(path.join(downloads, wheel)));
  const names = strFromU8(files['tzdata/zones'])
    .split('\n')
    .filter((name) => name !== '');
  const index = {};
  const places = new Map();
  const parts = [];
  let end = 0;
  for (const name of names.toSorted()) {
    const bytes = Buffer.from(files[`tzdata/zoneinfo/${name}`]);
    const key = bytes.toString('latin1');
    if (!places.has(key)) {
      places.set(key, [end, end + bytes.length]);
      parts.push(bytes);
      end += bytes.length;
    }
    index[name] = places.get(key);
  }
  const text = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, ...parts]);
}
