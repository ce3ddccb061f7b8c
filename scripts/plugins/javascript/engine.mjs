import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { patched } from '../../../pdk/javascript/engine/patches/patches.mjs';
import { pdk, workshop } from '../compiler.mjs';
import { installZig, runZig } from '../zig.mjs';
import { quickjsSources } from './sources.mjs';
import { worldHeader } from './world.mjs';

const folder = path.join(pdk, 'javascript', 'engine');
const digests = path.join(folder, 'digests.json');
const scratch = path.join(workshop, 'javascript', 'engine');

/**
 * What is built of the same sources: the compiler, and the engine that plugins carry, which has no parser. The compiler comes
 * first, because it compiles the JavaScript that the other one contains.
 */
const modules = [
  { name: 'compiler', args: [] },
  { name: 'runtime', args: ['-DQJS_DISABLE_PARSER', '-Wl,--export=log_ptr', '-Wl,--export=log_len'] },
];

/** Builds both modules and writes them with their digests. */
export async function buildEngine(say) {
  const built = await build(say);
  const named = {};
  for (const { name, bytes } of built) {
    writeFileSync(committedFile(name), bytes);
    named[`${name}.wasm`] = digest(bytes);
  }
  writeFileSync(digests, `${JSON.stringify(named, undefined, 2)}\n`);
  return checkDigests();
}

/** Builds both modules elsewhere and compares them with the committed ones, byte by byte. */
export async function compareEngine(say) {
  const built = await build(say);
  const compared = built.map(({ name, bytes }) => ({
    name: `the engine's ${name}.wasm is what its sources give`,
    failure: bytes.equals(readFileSync(committedFile(name))) ? undefined : 'the bytes differ',
  }));
  return [...checkDigests(), ...compared];
}

/** Holds the committed modules against their digests and against what a plugin may import. */
export function checkDigests() {
  const named = JSON.parse(readFileSync(digests, 'utf8'));
  return modules.flatMap(({ name }) => {
    const bytes = readFileSync(committedFile(name));
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
    return [
      {
        name: `the engine's ${name}.wasm has the digest that digests.json names`,
        failure: digest(bytes) === named[`${name}.wasm`] ? undefined : 'the digest differs',
      },
      {
        name: `the engine's ${name}.wasm imports nothing`,
        failure: imports.length === 0 ? undefined : `it imports ${imports.map((entry) => entry.name).join(', ')}`,
      },
    ];
  });
}

async function build(say) {
  await installZig(say);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  for (const [name, text] of patched(await quickjsSources(say))) {
    writeFileSync(path.join(scratch, name), text);
  }
  cpSync(path.join(folder, 'src'), scratch, { recursive: true });
  const options = readFileSync(path.join(folder, 'build.args'), 'utf8').trim().split('\n');
  const built = [];
  for (const { name, args } of modules) {
    say(`compiling the engine's ${name}.wasm with zig cc, which takes a minute`);
    await runZig(['cc', ...options, ...args, '-o', `${name}.wasm`, 'engine.c'], { cwd: scratch });
    const bytes = readFileSync(path.join(scratch, `${name}.wasm`));
    built.push({ name, bytes });
    if (name === 'compiler') {
      writeFileSync(path.join(scratch, 'world', 'scripts.bytecode.h'), worldHeader(bytes, path.join(folder, 'world')));
    }
  }
  return built;
}

function committedFile(name) {
  return path.join(folder, `${name}.wasm`);
}

function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
