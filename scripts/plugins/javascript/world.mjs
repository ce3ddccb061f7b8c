import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError } from '../../build/command.mjs';

/**
 * The scripts of the world, in the order in which they run, with the globals that they define. A plugin carries a script if its
 * source names one of them. One without names is for all.
 */
const scripts = [
  { name: 'define', globals: [] },
  { name: 'locale', globals: [] },
  { name: 'console', globals: ['console'] },
  { name: 'crypto', globals: ['crypto'] },
  { name: 'text', globals: ['TextEncoder', 'TextDecoder'] },
  { name: 'structured-clone', globals: ['structuredClone'] },
  ...['punycode', 'domain', 'percent', 'host', 'parser', 'search-params', 'url'].map((name) => ({
    name: `url/${name}`,
    globals: ['URL', 'URLSearchParams'],
  })),
];

const openingBrace = 0x7b;

/**
 * The scripts of the world as a C header with their bytecode.
 *
 * @param {Uint8Array} compiler the engine's compiler
 * @param {string} folder where the scripts are
 */
export function worldHeader(compiler, folder) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(compiler));
  const compiled = scripts.map(({ name }) => compile(exports, `hookcell:${name}`, path.join(folder, `${name}.js`)));
  const arrays = compiled.map((bytes, i) => `static uint8_t hc_script_${i}[] = { ${bytes.join()} };\n`);
  const rows = compiled.map((bytes, i) => `{ "${scripts[i].globals.join(' ')}", hc_script_${i}, ${bytes.length} }`);
  const table =
    'static const struct {\n    const char *names;\n    uint8_t *bytecode;\n    size_t length;\n} hc_scripts[]';
  return `// Made of world/ by the build.\n\n${arrays.join('')}\n${table} = { ${rows.join(', ')} };\n`;
}

/** The bytecode of a script, by the build's first step. */
function compile({ alloc, compile: step, memory }, name, file) {
  const text = new TextEncoder().encode(`${name}\0${readFileSync(file, 'utf8')}`);
  const at = alloc(text.length);
  new Uint8Array(memory.buffer, at, text.length).set(text);
  const answer = BigInt.asUintN(64, step(at, text.length));
  const bytes = new Uint8Array(memory.buffer, Number(answer >> 32n), Number(answer & 0xffff_ffffn)).slice();
  if (bytes[0] === openingBrace) {
    throw new CommandError(`${file}: ${new TextDecoder().decode(bytes)}`);
  }
  return bytes;
}
