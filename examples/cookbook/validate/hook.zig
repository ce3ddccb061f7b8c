//! Says everything that is wrong with an order at once, and where, so that a form can mark each field.

const std = @import("std");
const hookcell = @import("hookcell");

pub const panic = hookcell.panic;

comptime {
    hookcell.plugin(@This());
}

/// More would be of no use to a reader, and a hostile client chooses how many there are.
const most = 20;

var rejection: hookcell.Rejection = hookcell.reject("the order is not valid");

pub fn before_hook(ctx: *hookcell.Context) hookcell.Answer {
    const input = ctx.input;
    try expect(isEmail(input.get("email")), "email", .{}, "an e-mail address");
    try expect(isText(input.get("note"), 200), "note", .{}, "a text of at most 200 characters");
    const items = if (input.get("items")) |value| value.items() orelse &.{} else &.{};
    try expect(items.len >= 1 and items.len <= 50, "items", .{}, "a list of 1 to 50 items");
    for (items[0..@min(items.len, 50)], 0..) |value, index| {
        if (value.object()) |item| {
            try expect(isSku(item.get("sku")), "items[{d}].sku", .{index}, "like ABC-1234");
            try expect(isQuantity(item.number("quantity")), "items[{d}].quantity", .{index}, "a whole number from 1 to 999");
        } else {
            try expect(false, "items[{d}]", .{index}, "an object");
        }
    }
    return if (rejection.details.len > 0) rejection else null;
}

fn expect(holds: bool, comptime field: []const u8, place: anytype, comptime message: []const u8) !void {
    if (holds or rejection.details.len >= most) return;
    const where = try std.fmt.allocPrint(hookcell.allocator, field, place);
    rejection = rejection.detail(.{ .field = where, .message = "must be " ++ message });
}

fn isEmail(value: ?hookcell.Raw) bool {
    const text = textOf(value) orelse return false;
    const at = std.mem.indexOfScalar(u8, text, '@') orelse return false;
    return at > 0 and at + 1 < text.len and std.mem.lastIndexOfScalar(u8, text, '@') == at;
}

/// A missing note is none. Characters are counted as a reader does, not as UTF-8 does: an emoji is one.
fn isText(value: ?hookcell.Raw, longest: usize) bool {
    if (value == null or value.?.isNull()) return true;
    const text = textOf(value) orelse return false;
    const length = std.unicode.utf8CountCodepoints(text) catch return false;
    return length <= longest;
}

fn isSku(value: ?hookcell.Raw) bool {
    const text = textOf(value) orelse return false;
    if (text.len != 8 or text[3] != '-') return false;
    for (text[0..3]) |byte| if (!std.ascii.isUpper(byte)) return false;
    for (text[4..]) |byte| if (!std.ascii.isDigit(byte)) return false;
    return true;
}

fn isQuantity(value: ?f64) bool {
    const number = value orelse return false;
    return number == @floor(number) and number >= 1 and number <= 999;
}

fn textOf(value: ?hookcell.Raw) ?[]const u8 {
    return (value orelse return null).string();
}
