//! Logs a line and fails: hookcell's tests show that the server then has the line, the message and the place.

const hookcell = @import("hookcell");

pub const panic = hookcell.panic;

comptime {
    hookcell.plugin(@This());
}

pub fn before_hook(ctx: *hookcell.Context) hookcell.Answer {
    hookcell.log.info("counting", .{ .items = ctx.input.count() });
    const value = ctx.input.get("items") orelse hookcell.fail(@src(), "the input has {s}", .{"items"});
    var sum: f64 = 0;
    for (value.items() orelse @panic("items is a list")) |item| sum += item.number() orelse 0;
    hookcell.log.info("counted", .{ .sum = sum });
    return null;
}
