//! The guest's side of hookcell's ABI: the allocator that the host calls, and the packed pointer a hook returns.

const std = @import("std");

pub const allocator = @import("heap.zig").allocator;

/// Allocates `size` bytes; 0 if there is no memory.
export fn alloc(size: u32) u32 {
    const buffer = allocator.alloc(u8, room(size)) catch return 0;
    return @intFromPtr(buffer.ptr);
}

/// Frees a block of `alloc`.
export fn dealloc(ptr: u32, size: u32) void {
    allocator.free(slice(ptr, room(size)) orelse return);
}

/// The `len` bytes at `ptr`, or null if not all of them are in memory. A bad pointer from the host must not become a
/// Zig slice: reading outside of one is undefined, and the optimizer assumes that it never happens.
pub fn slice(ptr: u32, len: u32) ?[]u8 {
    const memory = @as(u64, @wasmMemorySize(0)) * std.wasm.page_size;
    if (ptr == 0 or @as(u64, ptr) + len > memory) return null;
    const bytes: [*]u8 = @ptrFromInt(ptr);
    return bytes[0..len];
}

/// The address and length of an answer, as a hook returns them.
pub fn pack(answer: []const u8) u64 {
    return @as(u64, @intFromPtr(answer.ptr)) << 32 | answer.len;
}

/// An empty slice has no address in memory in Zig, so this allocates at least one byte.
fn room(size: u32) u32 {
    return @max(size, 1);
}
