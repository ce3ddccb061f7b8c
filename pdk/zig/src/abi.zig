//! The guest's side of hookcell's ABI: the allocator that the host calls, and the packed pointer a hook returns.

const std = @import("std");

pub const allocator = @import("heap.zig").allocator;

/// Room for `size` bytes; 0 where there is none.
export fn alloc(size: u32) u32 {
    const buffer = allocator.alloc(u8, room(size)) catch return 0;
    return @intFromPtr(buffer.ptr);
}

/// Gives back what `alloc` gave out.
export fn dealloc(ptr: u32, size: u32) void {
    allocator.free(slice(ptr, room(size)) orelse return);
}

/// The `len` bytes at `ptr`, or null where they do not all lie in memory. A bad pointer from the host must not
/// become a Zig slice: to read outside one is undefined, and the optimiser relies on its never happening.
pub fn slice(ptr: u32, len: u32) ?[]u8 {
    const memory = @as(u64, @wasmMemorySize(0)) * std.wasm.page_size;
    if (ptr == 0 or @as(u64, ptr) + len > memory) return null;
    const bytes: [*]u8 = @ptrFromInt(ptr);
    return bytes[0..len];
}

/// Where an answer lies, as a hook returns it.
pub fn pack(answer: []const u8) u64 {
    return @as(u64, @intFromPtr(answer.ptr)) << 32 | answer.len;
}

/// Zig gives an empty slice no address in memory, so the least that is handed out is one byte.
fn room(size: u32) u32 {
    return @max(size, 1);
}
