//! A heap for plugins, whose whole memory is dropped after one call: it allocates one block after the other, and never
//! frees.
//!
//! It begins in the module's initial memory, after the static data. Growing memory costs system calls, in this call and
//! when the cell is prepared for the next one; a general-purpose allocator begins by growing.

const std = @import("std");
const Alignment = std.mem.Alignment;

pub const allocator: std.mem.Allocator = .{
    .ptr = undefined, // There is one heap, and it is the variables of this file.
    .vtable = &.{ .alloc = alloc, .resize = resize, .remap = remap, .free = free },
};

/// The linker's name for the first byte after the static data.
extern var __heap_base: u8;

/// The address after the last block; 0 before the first.
var top: usize = 0;

fn alloc(_: *anyopaque, len: usize, alignment: Alignment, _: usize) ?[*]u8 {
    if (top == 0) top = @intFromPtr(&__heap_base);
    const mask = alignment.toByteUnits() - 1;
    const start = (std.math.add(usize, top, mask) catch return null) & ~mask;
    return if (extend(start, len)) @ptrFromInt(start) else null;
}

/// The last block grows in place, as an answer does while it is written.
fn resize(_: *anyopaque, memory: []u8, _: Alignment, len: usize, _: usize) bool {
    if (len <= memory.len) return true;
    const start = @intFromPtr(memory.ptr);
    return start + memory.len == top and extend(start, len);
}

fn remap(heap: *anyopaque, memory: []u8, alignment: Alignment, len: usize, caller: usize) ?[*]u8 {
    return if (resize(heap, memory, alignment, len, caller)) memory.ptr else null;
}

fn free(_: *anyopaque, _: []u8, _: Alignment, _: usize) void {}

/// Allocates `len` bytes at `start`, where there is nothing except a block that they replace; false if memory cannot
/// grow that far.
fn extend(start: usize, len: usize) bool {
    const end = std.math.add(usize, start, len) catch return false;
    const present = @wasmMemorySize(0);
    const needed = end / std.wasm.page_size + @intFromBool(end % std.wasm.page_size > 0);
    if (needed > present) {
        const missing = needed - present;
        // Double the memory, so that a long answer grows it only a few times; that may exceed the limit.
        if (!grow(@max(present, missing)) and !grow(missing)) return false;
    }
    top = end;
    return true;
}

fn grow(pages: usize) bool {
    return @wasmMemoryGrow(0, pages) != -1;
}
