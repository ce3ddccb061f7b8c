import initWabt from 'wabt';

const wabt = await initWabt();

const PAGES = 32;
const KERNEL_PAGES = PAGES * 16;
const ENTRIES = 8_192;
const CHASE_BYTES = 1_900_000;
const LINE = 64;

/** The most instructions of one function that surely fit into `maxFunctionBytes`. */
const LONGEST = 120_000;

/**
 * A plugin whose hook never ends by itself.
 *
 * @param {string[]} texts the instructions of one round, one after the other
 * @param {'loop' | 'straight'} shape a loop of a few rounds, or of as many as a function may have
 */
export function endless(texts, shape) {
  const target = shape === 'loop' ? 2_000 : LONGEST;
  const isChase = texts.some((text) => text.includes('i32.load local'));
  let body = '';
  let bytes = 0;
  for (let round = 0; bytes < target && round < 40_000; round += 1) {
    for (const text of texts) {
      const filled = text
        .replaceAll('{page}', String((round % (KERNEL_PAGES - 1)) * 4_096))
        .replaceAll('{entry}', String(round % ENTRIES));
      body += `${filled}\n`;
      bytes += bytesOf(filled);
    }
  }
  return assemble({ hook: `(loop $again ${body} br $again) unreachable`, data: isChase ? chase() : '' });
}

/** An upper bound of the length of the instructions, in bytes. */
function bytesOf(text) {
  const operators = text.match(/[a-z]\w*(?:\.\w+)+|\bcall\w*|\bdrop\b|\bselect\b|\bbr_table\b|\bblock\b|\bif\b/g) ?? [];
  const constants = text.match(/-?\b(?:0x[\da-f]+|\d+)\b/gi) ?? [];
  const vectors = text.split('v128.const').length - 1;
  return operators.length * 2 + constants.length * 3 + vectors * 17 + (text.includes('f64.const') ? 64 : 0);
}

/** A plugin with this hook. */
export function assemble({ hook, alloc = 'i32.const 2000000', data = '', definitions = '', pages = PAGES }) {
  const source = `(module
    (type $nothing (func))
    (memory (export "memory") ${pages} ${Math.max(pages, PAGES)})
    (table $table ${ENTRIES} ${ENTRIES} funcref)
    (global $g (mut i32) (i32.const 0))
    (elem $filled (table $table) (i32.const 0) func ${'$f0 '.repeat(ENTRIES)})
    (elem $elements func $f0)
    (data $passive "x")
    ${data}
    ${definitions}
    (func $f0)
    (func $many (result ${'i32 '.repeat(40)}) ${'i32.const 1 '.repeat(40)})
    (func (export "alloc") (param i32) (result i32) ${alloc})
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param $pointer i32) (param $length i32) (result i64)
      (local $a i32) (local $p i32) (local $zero i32) (local $one i32)
      (local $i i64) (local $f f64) (local $s f32) (local $v v128)
      (local.set $one (i32.const 1)) (local.set $i (i64.const 0x123456789abcdef)) (local.set $f (f64.const 1e300))
      (local.set $s (f32.const 1e30)) (local.set $v (v128.const f64x2 1e300 3.3)) (local.set $a (i32.const 77))
      ${hook}))`;
  const module = wabt.parseWat('hold.wat', source, { extended_const: true });
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

let chaseText;

/** A memory in which each line of the cache holds the address of another one, in an order that cannot be foreseen. */
function chase() {
  if (chaseText === undefined) {
    const lines = Math.floor(CHASE_BYTES / LINE);
    const order = Array.from({ length: lines }, (_, index) => index);
    let seed = 1;
    for (let index = lines - 1; index > 0; index -= 1) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      const other = seed % index;
      [order[index], order[other]] = [order[other], order[index]];
    }
    const next = new Uint32Array(lines);
    for (const [index, line] of order.entries()) {
      next[line] = order[(index + 1) % lines] * LINE;
    }
    const pieces = [];
    for (const address of next) {
      const bytes = [0, 8, 16, 24].map((shift) => `\\${((address >> shift) & 255).toString(16).padStart(2, '0')}`);
      pieces.push(`${bytes.join('')}${'\\00'.repeat(LINE - 4)}`);
    }
    chaseText = `(data (i32.const 0) "${pieces.join('')}")`;
  }
  return chaseText;
}
