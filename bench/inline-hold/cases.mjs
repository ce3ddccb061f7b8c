import { assemble } from './module.mjs';

const KIB = 1_024;

/**
 * A call that may take long without much fuel.
 *
 * @typedef {{ name: string, module: Uint8Array, context?: object, options?: object }} Case
 */

/** @returns {Case[]} start-up, growing, deep stacks, results and contexts */
export function cases() {
  return [...memories(), ...stacks(), ...startUps(), ...results(), ...contexts()];
}

function memories() {
  const grow = Array.from({ length: 14 }, () => '(drop (memory.grow (i32.const 2)))').join(' ');
  return [
    { name: 'every page of 2 MiB of data is written', module: assemble({ data: everyPage(), hook: writePages(32) }) },
    { name: 'every page of an empty memory is written', module: assemble({ hook: writePages(32) }) },
    {
      name: 'every page is written, and then chased through',
      module: assemble({ hook: `${writePages(32)} drop ${chase()}` }),
    },
    {
      name: 'memory grows in steps, and every page is written',
      module: assemble({ pages: 2, hook: `${grow} ${writePages(30)}` }),
    },
  ];
}

function stacks() {
  const deep = `(func $deep (param i64) (result i64) (local ${'i64 '.repeat(200)}) ${touchLocals(200)}
    (call $deep (i64.add (local.get 0) (i64.const 1))))`;
  return [
    { name: 'nothing', module: assemble({ hook: 'i64.const 0' }) },
    { name: 'a trap', module: assemble({ hook: 'unreachable' }) },
    {
      name: 'a stack of large frames that overflows',
      module: assemble({ definitions: deep, hook: '(call $deep (i64.const 1))' }),
    },
    {
      name: 'a stack of small frames that overflows',
      module: assemble({ definitions: '(func $deep call $deep)', hook: 'call $deep i64.const 0' }),
    },
  ];
}

function startUps() {
  const globals = Array.from({ length: 9_990 }, (_, index) => `(global (mut i64) (i64.const ${index}))`).join('\n');
  const options = { maxCompileWork: Number.MAX_SAFE_INTEGER };
  const hook = 'i64.const 0';
  const place = '(offset (i32.add (i32.const 0) (i32.const 0)))';
  const segment = `(elem (table $table) ${place} func ${'$f0 '.repeat(8_000)})\n`;
  return [
    { name: 'start-up sets 10,000 globals', module: assemble({ definitions: globals, hook }) },
    { name: 'start-up writes 8,000 table entries', module: assemble({ definitions: segment, hook }), options },
    {
      name: 'start-up copies 1.9 MB',
      module: assemble({ definitions: `(data ${place} "${'x'.repeat(1_900_000)}")`, hook }),
    },
  ];
}

function results() {
  const answers = {
    '15 KiB of table rows': { rows: rows(15 * KIB) },
    '15 KiB of new keys': Object.fromEntries(keys(1_700)),
    '4 KiB of new keys': Object.fromEntries(keys(450)),
    '15 KiB of empty objects': { list: Array.from({ length: 5_000 }, () => ({})) },
    '15 KiB of numbers': { list: Array.from({ length: 7_500 }, () => 1) },
    '1 MiB of text': { text: 'x'.repeat(1_000_000) },
  };
  return Object.entries(answers).map(([name, input]) => ({ name: `result: ${name}`, module: answering(input) }));
}

function contexts() {
  const inputs = {
    '15 KiB of table rows': { rows: rows(15 * KIB) },
    '15 KiB of empty arrays': { list: Array.from({ length: 5_000 }, () => []) },
    '15 KiB of keys': Object.fromEntries(keys(1_700)),
    '15 KiB of escapes': { text: '\n'.repeat(7_500) },
  };
  return Object.entries(inputs).map(([name, input]) => ({
    name: `context: ${name}`,
    module: assemble({ hook: 'i64.const 0' }),
    context: { input },
  }));
}

function touchLocals(count) {
  const indices = Array.from({ length: count }, (_, index) => index + 1);
  const set = indices.map((index) => `(local.set ${index} (i64.mul (local.get 0) (i64.const ${index + 2})))`);
  let sum = '(local.get 0)';
  for (const index of indices) {
    sum = `(i64.xor ${sum} (local.get ${index}))`;
  }
  return `${set.join(' ')} (local.set 0 ${sum})`;
}

function everyPage() {
  return Array.from({ length: 32 * 16 }, (_, page) => `(data (i32.const ${page * 4_096}) "x")`).join('\n');
}

function writePages(pages) {
  return `(loop $again
    (i32.store (local.get $p) (i32.const 1))
    (local.set $p (i32.add (local.get $p) (i32.const 4096)))
    (br_if $again (i32.lt_u (local.get $p) (i32.const ${pages * 65_536}))))
    i64.const 0`;
}

/** Loads from places that cannot be foreseen, until the fuel is used up. */
function chase() {
  return `(loop $chase
    (local.set $a (i32.and (i32.mul (i32.add (i32.load (local.get $a)) (local.get $a)) (i32.const 0x9e3779b1)) (i32.const 0x1fffc0)))
    (br $chase)) unreachable`;
}

function answering(input) {
  const bytes = Buffer.from(JSON.stringify({ ok: true, ctx: { input } }));
  const text = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  return assemble({
    data: `(data (i32.const 131072) "${text}")`,
    hook: `i64.const ${(131_072n << 32n) | BigInt(bytes.length)}`,
  });
}

function keys(count) {
  return Array.from({ length: count }, (_, index) => [`k${index.toString(36)}`, 1]);
}

function rows(bytes) {
  const row = { id: 1_001, name: 'Ada Lovelace', price: 19.95, tags: ['a', 'b'] };
  return Array.from({ length: Math.floor(bytes / (JSON.stringify(row).length + 1)) }, () => row);
}
