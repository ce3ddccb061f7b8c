import { readFileSync } from 'node:fs';
import path from 'node:path';
import { assemble } from '../../../scripts/build/fixture.mjs';
import { root } from '../../../scripts/build/command.mjs';

const imports = `
  (import "extism:host/env" "input_length" (func $extism_input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $extism_input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $extism_input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $extism_alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $extism_store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $extism_store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $extism_output_set (param i64 i64)))
`;

/**
 * A plugin of hookcell's contract as one of Extism's: the same code with glue.wat around it, in one module. Its export
 * `call` hands its input to the hook.
 *
 * @param {string} file its source in the text format, from the root
 * @param {{ heap: string }} names `heap`: the global that says where its free memory begins
 * @returns {Promise<Uint8Array>}
 */
export async function extismPlugin(file, { heap }) {
  const source = readFileSync(path.join(root, file), 'utf8');
  const glue = readFileSync(new URL('glue.wat', import.meta.url), 'utf8')
    .replaceAll('{HEAP}', heap)
    .replaceAll('{ALLOC}', '$alloc')
    .replaceAll('{HOOK}', '$before_hook');
  const named = source
    .replace(/\(module\b/, `$&${imports}`)
    .replaceAll(/\(func (?:\$\w+ )?\(export "(alloc|before_hook)"\)/g, '(func $$$1 (export "$1")');
  return assemble(file, `${named.slice(0, named.lastIndexOf(')'))}${glue})`);
}
