// The guest's side of hookcell's ABI: the allocator that the host calls, and the packed pointer that a hook returns.

import { Context } from './context';
import { Output } from './output';
import { Rejection } from './rejection';

export { log_len, log_ptr } from './lines';

/** AssemblyScript's own limit on one block; its allocator traps above it. */
const MAX_SIZE: u32 = 0x3fff_ffec;

/** Allocates `size` bytes; 0 if that exceeds the limit on a block. It traps if memory cannot grow that far. */
export function alloc(size: u32): usize {
  return size > MAX_SIZE ? 0 : heap.alloc(size);
}

/** Frees a block of `alloc`. */
export function dealloc(ptr: usize, size: u32): void {
  if (isReadable(ptr, size)) heap.free(ptr);
}

/** Runs a hook on the context at `ptr`, and packs the pointer and length of its answer: `(ptr << 32) | len`. */
export function run(ptr: usize, len: u32, hook: (ctx: Context) => Rejection | null): u64 {
  if (!isReadable(ptr, len)) throw new Error('the context is not in memory');
  const ctx = new Context(ptr, len);
  const rejection = hook(ctx);
  const output = new Output();
  if (rejection === null) ctx.writeTo(output);
  else rejection.writeTo(output);
  return ((<u64>output.ptr) << 32) | <u64>output.len;
}

function isReadable(ptr: usize, len: u32): bool {
  return ptr != 0 && <u64>ptr + <u64>len <= (<u64>memory.size()) << 16;
}
