/**
 * An instruction or a few, as text: it leaves the operand stack as it was. The locals are `$a` and `$p` (i32), `$i` (i64), `$f`
 * (f64), `$s` (f32) and `$v` (v128).
 *
 * @typedef {{ name: string, text: string }} Atom
 */

const chain = (name, local, operators) => ({
  name,
  text: `local.get ${local} ${operators} local.set ${local}`,
});
const eight = (text) => Array.from({ length: 8 }, () => text).join(' ');

/** @type {Atom[]} what might take long for its fuel */
export const atoms = [
  chain('add', '$a', 'i32.const 1 i32.add'),
  chain('i64.mul', '$i', eight('i64.const 0x9e3779b97f4a7c15 i64.mul')),
  chain('i64.div_u', '$i', eight('i64.const -1 i64.xor i64.const 3 i64.div_u')),
  chain('i64.div_s', '$i', eight('i64.const -1 i64.xor i64.const 7 i64.div_s')),
  chain(
    'i64.div_u by a local',
    '$i',
    eight('i64.const -1 i64.xor local.get $a i64.extend_i32_u i64.const 3 i64.or i64.div_u'),
  ),
  chain('i64.rem_s', '$i', eight('i64.const 0x7fffffffffffffff i64.xor i64.const 11 i64.rem_s')),
  chain('i32.rem_u', '$a', eight('i32.const -1 i32.xor i32.const 13 i32.rem_u')),
  chain('i64.popcnt', '$i', eight('i64.popcnt')),
  chain('i64.clz', '$i', eight('i64.clz')),
  chain('f64.sqrt', '$f', eight('f64.sqrt')),
  chain('f32.sqrt', '$s', eight('f32.sqrt')),
  chain('f64.div', '$f', eight('f64.const 1.0000001 f64.div')),
  chain('f64.mul of tiny numbers', '$f', eight('f64.const 0x1p-1070 f64.add f64.const 0.5 f64.mul')),
  chain('f64.nearest', '$f', eight('f64.nearest')),
  chain('f64.min', '$f', eight('f64.const 1e300 f64.min')),
  chain('f32.demote and promote', '$f', eight('f32.demote_f64 f64.promote_f32')),
  chain(
    'demote and promote of tiny numbers',
    '$f',
    `f64.const 0x1p-140 f64.add ${eight('f32.demote_f64 f64.promote_f32')}`,
  ),
  chain('i64.trunc_sat_f64_u', '$i', eight('f64.convert_i64_u i64.trunc_sat_f64_u')),
  chain('i32.trunc_sat_f32_s', '$a', eight('f32.convert_i32_s i32.trunc_sat_f32_s')),
  chain('f64x2.sqrt', '$v', eight('f64x2.sqrt')),
  chain('f64x2.div', '$v', eight('v128.const f64x2 3.1 1.7 f64x2.div')),
  chain('f64x2.nearest', '$v', eight('f64x2.nearest')),
  chain('f32x4.demote and promote', '$v', eight('f32x4.demote_f64x2_zero f64x2.promote_low_f32x4')),
  chain('i64x2.mul', '$v', eight('local.get $v i64x2.mul')),
  chain('i8x16.popcnt', '$v', eight('i8x16.popcnt')),
  chain('i8x16.shl', '$v', eight('local.get $a i8x16.shl')),
  chain('i64x2.shr_s', '$v', eight('local.get $a i64x2.shr_s')),
  chain('i8x16.swizzle', '$v', eight('local.get $v i8x16.swizzle')),
  chain('i32x4.trunc_sat_f64x2_u_zero', '$v', eight('i32x4.trunc_sat_f64x2_u_zero')),
  chain('f32x4.convert_i32x4_u', '$v', eight('f32x4.convert_i32x4_u')),
  chain('a chase through 1.9 MB', '$p', eight('i32.load')),
  {
    name: 'a store to the next page',
    text: 'local.get $p i32.const 4096 i32.add i32.const 0x1ff000 i32.and local.tee $p local.get $p i32.store offset=8',
  },
  { name: 'a store to a page, by its address', text: '(i32.store (i32.const {page}) (local.get $a))' },
  { name: 'a load from a page, by its address', text: '(i32.load (i32.const {page})) drop' },
  {
    name: 'a store across two pages',
    text: '(i64.store (i32.add (i32.const {page}) (i32.const 4092)) (local.get $i))',
  },
  {
    name: 'a load of what was just stored in parts',
    text: '(i32.store8 (i32.const 3) (local.get $a)) (local.set $a (i32.load (i32.const 0)))',
  },
  { name: 'global.set', text: '(global.set $g (i32.add (global.get $g) (i32.const 1)))' },
  { name: 'memory.size', text: 'memory.size drop' },
  { name: 'memory.grow by 0', text: 'i32.const 0 memory.grow drop' },
  { name: 'memory.grow beyond the maximum', text: 'i32.const 9999 memory.grow drop' },
  { name: 'memory.grow beyond 4 GiB', text: 'i32.const -1 memory.grow drop' },
  { name: 'memory.fill of nothing', text: '(memory.fill (i32.const 0) (i32.const 0) (local.get $zero))' },
  { name: 'memory.fill of 128 bytes', text: '(memory.fill (i32.const 0) (i32.const 0) (i32.const 128))' },
  { name: 'memory.copy of 129 bytes', text: '(memory.copy (i32.const 0) (i32.const 4096) (i32.const 129))' },
  { name: 'memory.copy of 1 byte', text: '(memory.copy (i32.const 0) (i32.const 4096) (local.get $one))' },
  { name: 'memory.init of nothing', text: '(memory.init $passive (i32.const 0) (i32.const 0) (local.get $zero))' },
  { name: 'data.drop', text: 'data.drop $passive' },
  { name: 'elem.drop', text: 'elem.drop $elements' },
  { name: 'table.get', text: '(table.get $table (i32.const {entry})) drop' },
  { name: 'table.set', text: '(table.set $table (i32.const {entry}) (ref.func $f0))' },
  { name: 'ref.func', text: 'ref.func $f0 drop' },
  { name: 'table.size', text: 'table.size $table drop' },
  { name: 'table.grow by 0', text: '(table.grow $table (ref.null func) (local.get $zero)) drop' },
  { name: 'table.grow beyond the maximum', text: '(table.grow $table (ref.null func) (i32.const 1)) drop' },
  { name: 'table.fill of nothing', text: '(table.fill $table (i32.const 0) (ref.null func) (local.get $zero))' },
  { name: 'table.fill of 64', text: '(table.fill $table (i32.const 4096) (ref.func $f0) (i32.const 64))' },
  { name: 'table.copy of 1', text: '(table.copy $table $table (i32.const 0) (i32.const 4096) (local.get $one))' },
  {
    name: 'table.init of nothing',
    text: '(table.init $table $elements (i32.const 0) (i32.const 0) (local.get $zero))',
  },
  { name: 'call', text: 'call $f0' },
  { name: 'call with 40 results', text: `call $many ${'drop '.repeat(40)}` },
  { name: 'call_indirect', text: '(call_indirect $table (type $nothing) (i32.const {entry}))' },
  { name: 'br_table', text: '(block (block (block (br_table 0 1 2 (local.get $a)))))' },
  {
    name: 'an unpredictable branch',
    text: '(local.set $i (i64.mul (i64.xor (local.get $i) (i64.const 0x2545f4914f6cdd1d)) (i64.const 0x9e3779b97f4a7c15))) (if (i64.lt_s (local.get $i) (i64.const 0)) (then (local.set $a (i32.const 5))))',
  },
  { name: 'select', text: '(local.set $a (select (local.get $a) (i32.const 7) (local.get $one)))' },
];
