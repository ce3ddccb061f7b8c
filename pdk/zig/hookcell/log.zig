//! The log: lines of JSON in memory, which the host reads after the call, also if it failed.

const std = @import("std");
const allocator = @import("heap.zig").allocator;
const Raw = @import("raw.zig").Raw;

/// The most bytes of lines. The rest is dropped, except the last line of a plugin that fails.
const max_bytes = 64 * 1024;

/// The address of the lines. The linker exports where this variable is.
pub var log_ptr: u32 = 0;
/// Their length in bytes.
pub var log_len: u32 = 0;

var lines: std.ArrayList(u8) = .empty;

/// For the plugin's author. `fields` is a struct, or `.{}`.
pub fn debug(message: []const u8, fields: anytype) void {
    write("debug", message, fields);
}

/// For the operator, and as expected.
pub fn info(message: []const u8, fields: anytype) void {
    write("info", message, fields);
}

/// Not as expected.
pub fn warn(message: []const u8, fields: anytype) void {
    write("warn", message, fields);
}

/// Wrong.
pub fn err(message: []const u8, fields: anytype) void {
    write("error", message, fields);
}

fn write(level: []const u8, message: []const u8, fields: anytype) void {
    const line = if (@typeInfo(@TypeOf(fields)).@"struct".is_tuple)
        Raw.of(.{ .level = level, .message = message })
    else
        Raw.of(.{ .level = level, .message = message, .fields = fields });
    if (lines.items.len + line.text.len < max_bytes) append(line.text);
}

/// Tells the server what went wrong, as the last line, and traps.
pub fn thrown(message: []const u8, place: ?std.builtin.SourceLocation) noreturn {
    const told = if (place) |at|
        Raw.of(.{ .thrown = .{
            .name = "panic",
            .message = message,
            .backtrace = .{.{ .function = at.fn_name, .file = at.file, .line = at.line, .column = at.column }},
        } })
    else
        Raw.of(.{ .thrown = .{ .name = "panic", .message = message } });
    append(told.text);
    @trap();
}

pub fn outOfMemory() noreturn {
    // There is no room for a line.
    @trap();
}

fn append(line: []const u8) void {
    lines.appendSlice(allocator, line) catch return;
    lines.append(allocator, '\n') catch return;
    log_ptr = @intFromPtr(lines.items.ptr);
    log_len = lines.items.len;
}
