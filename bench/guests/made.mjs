// The modules that the benchmarks make themselves, in WebAssembly text: each does one thing, and how much of it is a number.

import { assemble } from '../../scripts/build/fixture.mjs';

/** A page of WebAssembly memory. */
export const WASM_PAGE = 65_536;

/** A page of the machine's memory, on most machines. */
export const MACHINE_PAGE = 4_096;

/** Where the heap of a module begins if nothing but its compiler's defaults decides: behind a stack of 1 MiB. */
const HEAP = 1_048_576;

/** What the trivial plugin of 17 pages uses of its stack, in bytes. */
const STACK_FRAME = 64;

/**
 * A plugin that accepts and touches nothing: only its context is written to its memory.
 *
 * @param {number} pages the size of its memory, in pages of 64 KiB
 */
export function untouched(pages) {
  return assemble(`untouched, ${pages} pages`, plugin({ pages, contextAt: 1_024 }));
}

/**
 * A plugin that accepts, laid out as rustc's linker lays a small module out by default: a stack of 1 MiB, then static data,
 * then the heap, 17 pages in all. The hook uses a small frame of its stack.
 */
export function rustLayout() {
  const frame = HEAP - STACK_FRAME;
  const source = plugin({
    pages: 17,
    contextAt: HEAP + 1_024,
    hook: `(i64.store (i32.const ${frame}) (i64.const -1))`,
    more: `(data (i32.const ${HEAP}) "static data")`,
  });
  return assemble('trivial, 17 pages', source);
}

/**
 * A plugin that writes one byte to each machine page of so many bytes of its heap, and accepts. Its context is behind
 * them, in a page of its own.
 *
 * @param {number} bytes
 */
export function touching(bytes) {
  return assemble(`touching ${bytes} bytes`, plugin({ ...roomFor(bytes), hook: touch(bytes) }));
}

/**
 * The same by a plugin with a tuned stack, whose memory begins with 2 pages and grows to what it touches.
 *
 * @param {number} bytes
 */
export function growing(bytes) {
  const more = Math.ceil(bytes / WASM_PAGE);
  const grow = `(if (i32.lt_s (memory.grow (i32.const ${more})) (i32.const 0)) (then (unreachable)))`;
  return assemble(
    `growing to ${bytes} bytes`,
    plugin({ pages: 2, contextAt: 1_024, hook: touch(bytes, WASM_PAGE, grow) }),
  );
}

/**
 * A plugin that fills so many bytes of its heap, and accepts.
 *
 * @param {number} bytes
 */
export function filling(bytes) {
  const hook = `(memory.fill (i32.const ${HEAP}) (i32.const 255) (i32.const ${bytes}))`;
  return assemble(`filling ${bytes} bytes`, plugin({ ...roomFor(bytes), hook }));
}

/**
 * A plugin whose `before_hook` touches nothing, and whose `after_hook` touches so many bytes as {@link touching} does.
 *
 * @param {number} bytes
 */
export function smallAndLarge(bytes) {
  return assemble(`small, and ${bytes} bytes`, plugin({ ...roomFor(bytes), afterHook: touch(bytes) }));
}

/**
 * A plugin that computes: so many rounds of a pseudo-random generator, each of which needs the one before. No memory is
 * touched.
 *
 * @param {number} rounds
 */
export function computing(rounds) {
  const hook = `
    (local $left i32)
    (local $state i64)
    (local.set $left (i32.const ${rounds}))
    (local.set $state (i64.const 1))
    (loop $next
      (local.set $state (i64.add (i64.mul (local.get $state) (i64.const 6364136223846793005)) (i64.const 1)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    ;; The state is never this, which the compiler does not know.
    (if (i64.eqz (local.get $state)) (then (unreachable)))`;
  return assemble(`computing ${rounds} rounds`, plugin({ pages: 1, contextAt: 1_024, hook }));
}

/** A memory that has room for so many bytes behind the stack, and for the context behind them. */
function roomFor(bytes) {
  const end = HEAP + Math.ceil(bytes / MACHINE_PAGE) * MACHINE_PAGE;
  return { pages: Math.ceil(end / WASM_PAGE) + 1, contextAt: end };
}

function touch(bytes, from = HEAP, before = '') {
  return `
    (local $at i32)
    ${before}
    (local.set $at (i32.const ${from}))
    (loop $next
      (i32.store8 (local.get $at) (i32.const 1))
      (br_if $next
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const ${MACHINE_PAGE})))
          (i32.const ${from + bytes}))))`;
}

function plugin({ pages, contextAt, hook = '', afterHook = '', more = '' }) {
  return `(module
    (memory (export "memory") ${pages})
    ${more}
    (func (export "alloc") (param i32) (result i32) (i32.const ${contextAt}))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64) ${hook} (i64.const 0))
    (func (export "after_hook") (param i32 i32) (result i64) ${afterHook} (i64.const 0)))`;
}
