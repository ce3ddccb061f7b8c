//! Hooks of hookcell plugins as Zig functions of JSON: the exports of the contract, a heap, a log and a panic handler that
//! tells the server what happened. See README.md.

const std = @import("std");
const abi = @import("abi.zig");

pub const Context = @import("context.zig").Context;
pub const Object = @import("object.zig").Object;
pub const Raw = @import("raw.zig").Raw;
pub const Rejection = @import("rejection.zig").Rejection;
pub const log = @import("log.zig");

/// The heap of the plugin. It never frees, because the host drops the whole memory after a call.
pub const allocator = @import("heap.zig").allocator;

/// What a hook returns: null accepts, with what it changed in the context. An error is a fault of the plugin.
pub const Answer = anyerror!?Rejection;

/// The rejection of a hook that says no: `return hookcell.reject("email is not valid")`.
pub fn reject(message: []const u8) Rejection {
    return .{ .message = message };
}

/// Tells the server why the plugin cannot go on, and where, and traps: `hookcell.fail(@src(), "no price for {s}", .{sku})`.
pub fn fail(place: std.builtin.SourceLocation, comptime format: []const u8, arguments: anytype) noreturn {
    log.thrown(std.fmt.allocPrint(allocator, format, arguments) catch "out of memory", place);
}

/// The panic handler: `pub const panic = hookcell.panic;` in the plugin's file. A panic's place is in the fault's backtrace if
/// the module has debug information.
pub const panic = std.debug.FullPanic(panicked);

fn panicked(message: []const u8, _: ?usize) noreturn {
    log.thrown(message, null);
}

/// Exports the functions of a file that are hooks, and what else the contract asks for: `comptime { hookcell.plugin(@This()); }`.
/// A hook is a public function that takes a `*Context`.
pub fn plugin(comptime File: type) void {
    @export(&abi.alloc, .{ .name = "alloc" });
    @export(&abi.dealloc, .{ .name = "dealloc" });
    @export(&log.log_ptr, .{ .name = "log_ptr" });
    @export(&log.log_len, .{ .name = "log_len" });
    for (.{ "before_hook", "after_hook" }) |name| {
        if (@hasDecl(File, name)) hook(name, @field(File, name));
    }
}

/// Exports a function of a `*Context` as a hook with a name of its own.
pub fn hook(comptime name: []const u8, comptime function: anytype) void {
    @export(&struct {
        fn call(ptr: u32, len: u32) callconv(.c) u64 {
            return abi.call(ptr, len, function);
        }
    }.call, .{ .name = name });
}
