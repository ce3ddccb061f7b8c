//! validate_email: rejects an invalid e-mail address, normalizes a valid one, and adds the domain to what was stored.

const std = @import("std");
const abi = @import("abi.zig");
const email = @import("email.zig");
const Raw = @import("raw.zig").Raw;

/// The parts of the context that this plugin reads.
const Context = struct { input: Raw.Members, data: Raw };

const Error = error{OutOfMemory};

// Nothing is freed: the host drops the whole memory after the call.
const allocator = abi.allocator;

export fn before_hook(ptr: u32, len: u32) u64 {
    const context = read(ptr, len) orelse return refuseContext() catch @trap();
    return before(context.input) catch @trap();
}

export fn after_hook(ptr: u32, len: u32) u64 {
    const context = read(ptr, len) orelse return refuseContext() catch @trap();
    return after(context.data) catch @trap();
}

fn before(given: Raw.Members) Error!u64 {
    var input = given;
    const raw = input.map.get("email") orelse return refuseEmail("is required", null);
    if (!raw.isString()) return refuseEmail("must be a string", raw);
    // Not text: it has bytes or escapes that are not characters.
    const text = try raw.string(allocator) orelse return refuseEmail("is not a valid address", raw);
    const address = try email.normalize(allocator, text) orelse return refuseEmail("is not a valid address", raw);

    var changed = false;
    if (!std.mem.eql(u8, address, text)) {
        try input.map.put(allocator, "email", try .quote(allocator, address));
        changed = true;
    }
    if (input.map.get("name")) |raw_name| {
        if (try raw_name.string(allocator)) |name| {
            const trimmed = email.trim(name);
            if (trimmed.len < name.len) {
                try input.map.put(allocator, "name", try .quote(allocator, trimmed));
                changed = true;
            }
        }
    }
    return if (changed) write(.{ .ok = true, .ctx = .{ .input = input } }) else write(.{ .ok = true });
}

/// Adds the domain if `data` is an object with a plausible address. Otherwise it returns 0, an empty answer, which is
/// short for `{"ok":true}`.
fn after(given: Raw) Error!u64 {
    var data = try given.object(allocator) orelse return 0;
    const raw = data.map.get("email") orelse return 0;
    const text = try raw.string(allocator) orelse return 0;
    const address = try email.normalize(allocator, text) orelse return 0;
    try data.map.put(allocator, "email_domain", try .quote(allocator, email.domain(address)));
    return write(.{ .ok = true, .ctx = .{ .data = data } });
}

fn read(ptr: u32, len: u32) ?Context {
    const text = abi.slice(ptr, len) orelse return null;
    return std.json.parseFromSliceLeaky(Context, allocator, text, .{
        .ignore_unknown_fields = true,
        .duplicate_field_behavior = .use_last,
    }) catch null;
}

fn write(answer: anytype) Error!u64 {
    return abi.pack(try std.json.Stringify.valueAlloc(allocator, answer, .{}));
}

fn refuseContext() Error!u64 {
    return write(.{ .ok = false, .@"error" = "context is not valid" });
}

fn refuseEmail(message: []const u8, value: ?Raw) Error!u64 {
    const detail = .{ .field = "email", .message = message, .value = value };
    return write(.{ .ok = false, .@"error" = "email is not valid", .details = .{detail} });
}
