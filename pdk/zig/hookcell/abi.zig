//! The guest's side of hookcell's ABI: the allocator that the host calls, and the packed pointer a hook returns.

const std = @import("std");
const allocator = @import("heap.zig").allocator;
const Context = @import("context.zig").Context;
const log = @import("log.zig");

/// Allocates `size` bytes; 0 if there is no memory.
pub fn alloc(size: u32) callconv(.c) u32 {
    const buffer = allocator.alloc(u8, room(size)) catch return 0;
    return @intFromPtr(buffer.ptr);
}

/// Frees a block of `alloc`.
pub fn dealloc(ptr: u32, size: u32) callconv(.c) void {
    allocator.free(slice(ptr, room(size)) orelse return);
}

/// Runs a hook on the context at `ptr`, and packs the pointer and length of its answer.
pub fn call(ptr: u32, len: u32, comptime hook: anytype) u64 {
    const text = slice(ptr, len) orelse log.thrown("the context is not in memory", null);
    var context = Context.read(text) orelse log.thrown("the context is not valid JSON of Unicode text", null);
    const rejection = @as(@import("hookcell.zig").Answer, hook(&context)) catch |err| log.thrown(@errorName(err), null);
    const answer = if (rejection) |reason| reason.write() else context.write();
    return @as(u64, @intFromPtr(answer.ptr)) << 32 | answer.len;
}

/// The `len` bytes at `ptr`, or null if not all of them are in memory. A bad pointer from the host must not become a
/// Zig slice: reading outside of one is undefined, and the optimizer assumes that it never happens.
fn slice(ptr: u32, len: u32) ?[]u8 {
    const memory = @as(u64, @wasmMemorySize(0)) * std.wasm.page_size;
    if (ptr == 0 or @as(u64, ptr) + len > memory) return null;
    const bytes: [*]u8 = @ptrFromInt(ptr);
    return bytes[0..len];
}

/// An empty slice has no address in memory in Zig, so this allocates at least one byte.
fn room(size: u32) u32 {
    return @max(size, 1);
}
