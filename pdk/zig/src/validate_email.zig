//! validate_email: rejects an invalid e-mail address, normalizes a valid one, and adds the domain to what was stored.

const std = @import("std");
const hookcell = @import("hookcell");
const email = @import("email.zig");
const Raw = hookcell.Raw;

pub const panic = hookcell.panic;

comptime {
    hookcell.plugin(@This());
}

pub fn before_hook(ctx: *hookcell.Context) hookcell.Answer {
    const given = ctx.input.get("email") orelse return refused("is required", null);
    if (!given.isString()) return refused("must be a string", given);
    // Not text: it has bytes or escapes that are not characters.
    const text = given.string() orelse return refused("is not a valid address", given);
    const address = try email.normalize(hookcell.allocator, text) orelse return refused("is not a valid address", given);

    if (!std.mem.eql(u8, address, text)) ctx.input.set("email", address);
    if (ctx.input.string("name")) |name| {
        const trimmed = email.trim(name);
        if (trimmed.len < name.len) ctx.input.set("name", trimmed);
    }
    return null;
}

/// Adds the domain if `data` is an object with a plausible address.
pub fn after_hook(ctx: *hookcell.Context) hookcell.Answer {
    var data = ctx.data.object() orelse return null;
    const text = data.string("email") orelse return null;
    const address = try email.normalize(hookcell.allocator, text) orelse return null;
    data.set("email_domain", email.domain(address));
    ctx.data = .of(data);
    return null;
}

fn refused(message: []const u8, value: ?Raw) hookcell.Rejection {
    return hookcell.reject("email is not valid").detail(.{ .field = "email", .message = message, .value = value });
}
