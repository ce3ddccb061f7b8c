// The guest's side of hookcell's ABI: the allocator that the host calls, and the packed pointer a hook returns.

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

/** The context at `ptr`, or null if not all of its bytes are in memory. */
export function read(ptr: usize, len: u32): string | null {
  return isReadable(ptr, len) ? String.UTF8.decodeUnsafe(ptr, len) : null;
}

/** The address and length of an answer, as a hook returns them. Nothing is collected before the host reads it. */
export function pack(answer: string): u64 {
  const bytes = String.UTF8.encode(answer);
  return ((<u64>changetype<usize>(bytes)) << 32) | <u64>bytes.byteLength;
}

function isReadable(ptr: usize, len: u32): bool {
  return ptr != 0 && <u64>ptr + <u64>len <= (<u64>memory.size()) << 16;
}
