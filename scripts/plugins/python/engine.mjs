// The engine of Python plugins: builds it, or builds it elsewhere and compares the bytes. It takes some minutes, so that it is no
// part of `npm run plugins`.
//
//   node scripts/plugins/python/engine.mjs            builds, and writes pdk/python/engine/*.br
//   node scripts/plugins/python/engine.mjs --check    builds, and compares with them
//   node scripts/plugins/python/engine.mjs --link     as the first, with the CPython that was built before

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { CommandError, main } from '../../build/command.mjs';
import { pdk, workshop } from '../compiler.mjs';
import { runZig } from '../zig.mjs';
import { buildCpython, compileLibrary, places } from './cpython.mjs';

const folder = path.join(pdk, 'python', 'engine');
const digests = path.join(folder, 'digests.json');
const scratch = path.join(workshop, 'python', 'engine');
const say = (text) => console.log(`python: ${text}`);

await main(async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, link: { type: 'boolean' } } });
  if (!values.link || !existsSync(path.join(places.wasm, 'libpython3.13.a'))) {
    await buildCpython(say);
  }
  const built = await link();
  if (values.check) {
    compare(built);
  } else {
    commit(built);
  }
});

/** The engine and the standard library, by the names of their files. */
async function link() {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  cpSync(path.join(folder, 'src'), scratch, { recursive: true });
  say('compiling the standard library');
  await compileLibrary(scratch);
  say('linking the engine with zig cc');
  const options = readFileSync(path.join(folder, 'build.args'), 'utf8').trim().split('\n');
  const headers = [places.wasm, path.join(places.sources, 'Include')].map((place) => `-I${place}`);
  const archives = archivesOf(places.wasm);
  const emulated = ['signal', 'getpid', 'process-clocks'].map((name) => `-lwasi-emulated-${name}`);
  const args = ['cc', ...options, ...headers, '-o', 'engine.wasm', 'engine.c', ...archives, ...emulated];
  await runZig(args, { cwd: scratch });
  const index = readFileSync(path.join(scratch, 'library.json'));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(index.length);
  const library = Buffer.concat([length, index, readFileSync(path.join(scratch, 'library.bin'))]);
  const engine = readFileSync(path.join(scratch, 'engine.wasm'));
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(engine));
  if (imports.length > 0) {
    throw new CommandError(`the engine imports ${imports.map(({ name }) => name).join(', ')}`);
  }
  return { 'engine.wasm': engine, library };
}

/** The libraries, in an order that does not depend on the file system. */
function archivesOf(place) {
  const found = readdirSync(place, { recursive: true }).filter((name) => name.endsWith('.a'));
  return found.toSorted().map((name) => path.join(place, name));
}

function commit(built) {
  const named = {};
  for (const [name, bytes] of Object.entries(built)) {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    const compressed = brotliCompressSync(bytes, { params });
    writeFileSync(path.join(folder, `${name}.br`), compressed);
    named[name] = digest(bytes);
    say(`${name}: ${bytes.length.toLocaleString('en')} bytes, ${compressed.length.toLocaleString('en')} compressed`);
  }
  writeFileSync(digests, `${JSON.stringify(named, undefined, 2)}\n`);
}

function compare(built) {
  let failed = 0;
  for (const [name, bytes] of Object.entries(built)) {
    const committed = brotliDecompressSync(readFileSync(path.join(folder, `${name}.br`)));
    const same = bytes.equals(committed) && digest(bytes) === JSON.parse(readFileSync(digests, 'utf8'))[name];
    say(`${name} ${same ? 'is what its sources give' : 'FAILED: the bytes or the digest differ'}`);
    failed += same ? 0 : 1;
  }
  console.log(`${Object.keys(built).length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
