import { assemble } from '../../scripts/build/fixture.mjs';

/** Stands for the number in the template. Nothing else there has these bytes. */
const MARK = 0x0abc_def1;

/**
 * Small plugins, no two of which are the same: the number is in the code and in the data of each, so that they share
 * nothing. Assembled once and then patched, which takes microseconds.
 *
 * @returns {Promise<(number: number) => Uint8Array>} makes the plugin with this number, 0 to 100 million
 */
export async function distinctPlugins() {
  const template = await assemble(
    'distinct',
    `(module
      (memory (export "memory") 1)
      (data (i32.const 64) "${escaped(data(MARK))}")
      (func (export "alloc") (param i32) (result i32) (i32.const 1024))
      (func (export "dealloc") (param i32 i32))
      (func $sum (param $at i32) (result i32)
        (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
          (br_if $next (i32.and (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 15))))
        (local.get $sum))
      (func (export "before_hook") (param $at i32) (param $length i32) (result i64)
        ;; A sum of bytes is far below this, so the plugin always accepts.
        (if (i32.eq (call $sum (local.get $at)) (i32.const ${MARK})) (then (unreachable)))
        (i64.const 0)))`,
  );
  const module = Buffer.from(template);
  const inCode = module.indexOf(constant(MARK));
  const inData = module.indexOf(data(MARK));
  return (number) => {
    const copy = Uint8Array.from(module);
    // Numbers above every sum of bytes, all of them constants of the same length.
    copy.set(constant(SMALLEST + number), inCode);
    copy.set(data(SMALLEST + number), inData);
    return copy;
  };
}

/** The first number whose signed LEB128 has five bytes. */
const SMALLEST = 2 ** 27;

function constant(value) {
  const bytes = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 64) {
      return Buffer.from([...bytes, rest]);
    }
    bytes.push((rest & 127) | 128);
  }
}

function data(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function escaped(bytes) {
  return Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
}
