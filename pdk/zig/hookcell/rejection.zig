const std = @import("std");
const allocator = @import("heap.zig").allocator;
const log = @import("log.zig");
const Raw = @import("raw.zig").Raw;

/// The hook says no.
pub const Rejection = struct {
    /// Why, for the user.
    message: []const u8,
    details: []const Raw = &.{},

    /// Adds a detail that helps, such as the field and what is wrong with it: anything that `std.json` can write.
    pub fn detail(self: Rejection, value: anytype) Rejection {
        const both = std.mem.concat(allocator, Raw, &.{ self.details, &.{Raw.of(value)} }) catch log.outOfMemory();
        return .{ .message = self.message, .details = both };
    }

    /// Sets the HTTP status that the server responds with, 400 to 499. Without it that is 422.
    pub fn status(self: Rejection, code: u16) Rejection {
        // The server looks for it in the first detail.
        const both = std.mem.concat(allocator, Raw, &.{ &.{Raw.of(.{ .status = code })}, self.details }) catch log.outOfMemory();
        return .{ .message = self.message, .details = both };
    }

    pub fn write(self: Rejection) []const u8 {
        if (self.details.len == 0) return Raw.of(.{ .ok = false, .@"error" = self.message }).text;
        return Raw.of(.{ .ok = false, .@"error" = self.message, .details = self.details }).text;
    }
};
