// The guest's side of hookcell's ABI: the allocator that the host calls, and the packed pointer a hook returns.

/** AssemblyScript's own limit on one block; its allocator traps above it. */
const MAX_SIZE: u32 = 0x3fff_ffec;

/** Room for `size` bytes; 0 for more than one block can be. It traps where memory cannot grow so far. */
export function alloc(size: u32): usize {
  return size > MAX_SIZE ? 0 : heap.alloc(size);
}

/** Gives back what `alloc` gave out. */
export function dealloc(ptr: usize, size: u32): void {
  if (isReadable(ptr, size)) heap.free(ptr);
}

/** The context at `ptr`, or null where the bytes do not all lie in memory. */
export function read(ptr: usize, len: u32): string | null {
  return isReadable(ptr, len) ? String.UTF8.decodeUnsafe(ptr, len) : null;
}

/** Where an answer lies, as a hook returns it. Nothing is collected before the host has read it. */
export function pack(answer: string): u64 {
  const bytes = String.UTF8.encode(answer);
  return ((<u64>changetype<usize>(bytes)) << 32) | <u64>bytes.byteLength;
}

function isReadable(ptr: usize, len: u32): bool {
  return ptr != 0 && <u64>ptr + <u64>len <= (<u64>memory.size()) << 16;
}
