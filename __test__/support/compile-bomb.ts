// Modules that are small and slow to compile.

import wabt from 'wabt';

/** The number of local variables of the slow function. */
const LOCALS = 100;

/** Written by hand, because the tools of the text format take minutes for it. */
const LOOP = Buffer.from('0340', 'hex');
/** `br_if 0` on false, and the end of the loop. */
const LOOP_END = Buffer.from('41000d000b', 'hex');

/** The last section of {@link contract} is its code. */
const CODE_SECTION = 10;

/**
 * A plugin that follows the contract, with a function of 100 local variables and this many nested loops.
 * The compiler follows each variable through each loop.
 */
export async function nestedLoops(loops: number): Promise<Buffer> {
  const moves = Array.from({ length: LOCALS }, (_, local) => Buffer.from([0x20, local, 0x21, (local + 1) % LOCALS]));
  const body = Buffer.concat([
    Buffer.from([1, LOCALS, 0x7f]),
    Buffer.alloc(LOOP.length * loops, LOOP),
    ...moves,
    Buffer.alloc(LOOP_END.length * loops, LOOP_END),
    Buffer.from([0x0b]),
  ]);
  return replaceLastFunction(await contract(), body);
}

/** A plugin whose last function is empty. */
async function contract(): Promise<Buffer> {
  const text = `(module
    (memory (export "memory") 1)
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))
    (func))`;
  const { parseWat } = await wabt();
  return Buffer.from(parseWat('contract.wat', text).toBinary({}).buffer);
}

function replaceLastFunction(module: Buffer, body: Buffer): Buffer {
  const empty = Buffer.from('02000b', 'hex');
  const start = module.lastIndexOf(empty);
  const codeStart = module.lastIndexOf(Buffer.from([CODE_SECTION]), start);
  // The section's identifier and its length, of one byte while it is short; then the functions.
  const functions = Buffer.concat([module.subarray(codeStart + 2, start), leb(body.length), body]);
  return Buffer.concat([module.subarray(0, codeStart + 1), leb(functions.length), functions]);
}

/** An unsigned number as WebAssembly writes it. */
function leb(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      return Buffer.from([...bytes, rest]);
    }
    bytes.push((rest % 128) + 128);
  }
}
