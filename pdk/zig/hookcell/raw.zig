//! A JSON value that stays text: cheaper than a tree, and a number keeps all its digits.

const std = @import("std");
const json = std.json;
const Allocator = std.mem.Allocator;
const allocator = @import("heap.zig").allocator;
const log = @import("log.zig");
const Object = @import("object.zig").Object;

pub const Raw = struct {
    text: []const u8,

    pub const nothing: Raw = .{ .text = "null" };

    /// The JSON of any value that `std.json` can write.
    pub fn of(value: anytype) Raw {
        const text = json.Stringify.valueAlloc(allocator, value, .{}) catch log.outOfMemory();
        return .{ .text = text };
    }

    pub fn isString(self: Raw) bool {
        return self.text[0] == '"';
    }

    pub fn isNull(self: Raw) bool {
        return self.text[0] == 'n';
    }

    /// The characters of a JSON string, or null if the value is not a string. (It uses the scanner, because
    /// `std.json` would also read an array of numbers as a `[]const u8`.)
    pub fn string(self: Raw) ?[]const u8 {
        var scanner: json.Scanner = .initCompleteInput(allocator, self.text);
        const token = scanner.nextAlloc(allocator, .alloc_if_needed) catch return null;
        return switch (token) {
            .string, .allocated_string => |text| text,
            else => null,
        };
    }

    /// A number, or null if the value is not a number.
    pub fn number(self: Raw) ?f64 {
        return switch (self.text[0]) {
            '-', '0'...'9' => std.fmt.parseFloat(f64, self.text) catch null,
            else => null,
        };
    }

    /// The members of an object, or null if the value is not an object.
    pub fn object(self: Raw) ?Object {
        return .{ .members = self.as(Object.Members) orelse return null };
    }

    /// The items of a list, or null if the value is not a list.
    pub fn items(self: Raw) ?[]Raw {
        return if (self.text[0] == '[') self.as([]Raw) else null;
    }

    /// The value as a type that `std.json` can read, or null if it does not have that shape.
    pub fn as(self: Raw, comptime T: type) ?T {
        const options: json.ParseOptions = .{ .ignore_unknown_fields = true, .duplicate_field_behavior = .use_last };
        return json.parseFromSliceLeaky(T, allocator, self.text, options) catch null;
    }

    /// `std.json` calls this instead of its own parser; `source` is a scanner over the whole input.
    pub fn jsonParse(_: Allocator, source: *json.Scanner, _: json.ParseOptions) !Raw {
        _ = try source.peekNextTokenType(); // Steps over the colon or comma before the value.
        const start = source.cursor;
        try source.skipValue();
        return .{ .text = source.input[start..source.cursor] };
    }

    pub fn jsonStringify(self: Raw, writer: *json.Stringify) !void {
        try writer.print("{s}", .{self.text});
    }
};
