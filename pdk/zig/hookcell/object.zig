const std = @import("std");
const allocator = @import("heap.zig").allocator;
const log = @import("log.zig");
const Raw = @import("raw.zig").Raw;

/// A JSON object whose values stay text. Its members stay in their order.
pub const Object = struct {
    members: Members = .{},
    /// Whether a member was set or removed since it was read.
    changed: bool = false,

    pub const Members = std.json.ArrayHashMap(Raw);

    /// The value of a member.
    pub fn get(self: Object, name: []const u8) ?Raw {
        return self.members.map.get(name);
    }

    /// The characters of a member that is a string.
    pub fn string(self: Object, name: []const u8) ?[]const u8 {
        const value = self.get(name) orelse return null;
        return value.string();
    }

    /// Whether a member is this string.
    pub fn is(self: Object, name: []const u8, text: []const u8) bool {
        return std.mem.eql(u8, self.string(name) orelse return false, text);
    }

    /// A member that is a number.
    pub fn number(self: Object, name: []const u8) ?f64 {
        const value = self.get(name) orelse return null;
        return value.number();
    }

    /// How many members there are.
    pub fn count(self: Object) usize {
        return self.members.map.count();
    }

    /// Changes a member, or adds it at the end. `value` is anything that `std.json` can write, or a `Raw`.
    pub fn set(self: *Object, name: []const u8, value: anytype) void {
        const raw = if (@TypeOf(value) == Raw) value else Raw.of(value);
        self.members.map.put(allocator, name, raw) catch log.outOfMemory();
        self.changed = true;
    }

    /// Removes a member.
    pub fn remove(self: *Object, name: []const u8) void {
        if (self.members.map.orderedRemove(name)) self.changed = true;
    }

    pub fn jsonStringify(self: Object, writer: *std.json.Stringify) !void {
        try self.members.jsonStringify(writer);
    }
};
