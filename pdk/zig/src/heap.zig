//! A heap for a plugin, whose whole memory is dropped after one call: what is handed out lies one behind the other, and
//! nothing is taken back.
//!
//! It begins in the memory that the module comes with, behind the static data. Growing memory costs system calls, in
//! this call and as the cell is made ready for the next; an allocator made for long lives begins with it.

const std = @import("std");
const Alignment = std.mem.Alignment;

pub const allocator: std.mem.Allocator = .{
    .ptr = undefined, // There is one heap, and it is the variables of this file.
    .vtable = &.{ .alloc = alloc, .resize = resize, .remap = remap, .free = free },
};

/// The linker's name for the first byte behind the static data.
extern var __heap_base: u8;

/// The address behind what was handed out last; 0 before the first.
var top: usize = 0;

fn alloc(_: *anyopaque, len: usize, alignment: Alignment, _: usize) ?[*]u8 {
    if (top == 0) top = @intFromPtr(&__heap_base);
    const mask = alignment.toByteUnits() - 1;
    const start = (std.math.add(usize, top, mask) catch return null) & ~mask;
    return if (extend(start, len)) @ptrFromInt(start) else null;
}

/// What was handed out last grows where it is, as an answer does while it is written.
fn resize(_: *anyopaque, memory: []u8, _: Alignment, len: usize, _: usize) bool {
    if (len <= memory.len) return true;
    const start = @intFromPtr(memory.ptr);
    return start + memory.len == top and extend(start, len);
}

fn remap(heap: *anyopaque, memory: []u8, alignment: Alignment, len: usize, caller: usize) ?[*]u8 {
    return if (resize(heap, memory, alignment, len, caller)) memory.ptr else null;
}

fn free(_: *anyopaque, _: []u8, _: Alignment, _: usize) void {}

/// Hands out `len` bytes from `start` on, where nothing lies but what they replace; false where memory cannot grow so
/// far.
fn extend(start: usize, len: usize) bool {
    const end = std.math.add(usize, start, len) catch return false;
    const present = @wasmMemorySize(0);
    const needed = end / std.wasm.page_size + @intFromBool(end % std.wasm.page_size > 0);
    if (needed > present) {
        const missing = needed - present;
        // Twice what there is, so that a long answer grows memory a few times only; that may be past the limit.
        if (!grow(@max(present, missing)) and !grow(missing)) return false;
    }
    top = end;
    return true;
}

fn grow(pages: usize) bool {
    return @wasmMemoryGrow(0, pages) != -1;
}
