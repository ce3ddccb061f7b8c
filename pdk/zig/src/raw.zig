//! A JSON value that stays text: cheaper than a tree, and a number keeps all its digits.

const std = @import("std");
const json = std.json;
const Allocator = std.mem.Allocator;

pub const Raw = struct {
    text: []const u8,

    /// An object whose values stay raw.
    pub const Members = json.ArrayHashMap(Raw);

    pub fn isString(self: Raw) bool {
        return self.text[0] == '"';
    }

    /// The characters of a JSON string, or null if the value is not a string. (It uses the scanner, because
    /// `std.json` would also read an array of numbers as a `[]const u8`.)
    pub fn string(self: Raw, allocator: Allocator) error{OutOfMemory}!?[]const u8 {
        var scanner: json.Scanner = .initCompleteInput(allocator, self.text);
        const token = scanner.nextAlloc(allocator, .alloc_if_needed) catch |err| switch (err) {
            error.OutOfMemory => return error.OutOfMemory,
            else => return null,
        };
        return switch (token) {
            .string, .allocated_string => |text| text,
            else => null,
        };
    }

    /// The members of an object, or null if the value is not an object.
    pub fn object(self: Raw, allocator: Allocator) error{OutOfMemory}!?Members {
        const options: json.ParseOptions = .{ .duplicate_field_behavior = .use_last };
        return json.parseFromSliceLeaky(Members, allocator, self.text, options) catch |err| switch (err) {
            error.OutOfMemory => error.OutOfMemory,
            else => null,
        };
    }

    pub fn quote(allocator: Allocator, text: []const u8) error{OutOfMemory}!Raw {
        return .{ .text = try json.Stringify.valueAlloc(allocator, text, .{}) };
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
