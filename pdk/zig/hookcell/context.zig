const std = @import("std");
const allocator = @import("heap.zig").allocator;
const Object = @import("object.zig").Object;
const Raw = @import("raw.zig").Raw;

/// What a hook gets. It may change `input` and `data`; what it leaves alone stays as it came.
pub const Context = struct {
    /// What the client sent.
    input: Object,
    /// What the operation gave, `null` before it. Assign another value to change it.
    data: Raw,
    /// Who makes the request: `id` and `role`, or null.
    user: Raw,
    /// The headers that the server passes on. Their names are in lower case.
    headers: Raw,
    /// On whose behalf the call is made: a string, or null.
    tenant_id: Raw,
    /// What the operator set for this plugin, or null.
    config: Raw,
    /// The time in milliseconds since 1970, if the server grants one, or null. A plugin has no other clock.
    now: Raw,
    /// A seed for random numbers, if the server grants one, or null.
    seed: Raw,

    given: Raw,

    const Text = struct {
        input: Object.Members,
        data: Raw = .nothing,
        user: Raw = .nothing,
        headers: Raw = .nothing,
        tenant_id: Raw = .nothing,
        config: Raw = .nothing,
        now: Raw = .nothing,
        seed: Raw = .nothing,
    };

    pub fn read(text: []const u8) ?Context {
        const parts = (Raw{ .text = text }).as(Text) orelse return null;
        return .{
            .input = .{ .members = parts.input },
            .data = parts.data,
            .user = parts.user,
            .headers = parts.headers,
            .tenant_id = parts.tenant_id,
            .config = parts.config,
            .now = parts.now,
            .seed = parts.seed,
            .given = parts.data,
        };
    }

    /// The answer with what changed; empty, which is short for `{"ok":true}`, if nothing did.
    pub fn write(self: Context) []const u8 {
        const has_data = self.data.text.ptr != self.given.text.ptr;
        if (self.input.changed and has_data) {
            return Raw.of(.{ .ok = true, .ctx = .{ .input = self.input, .data = self.data } }).text;
        }
        if (self.input.changed) return Raw.of(.{ .ok = true, .ctx = .{ .input = self.input } }).text;
        if (has_data) return Raw.of(.{ .ok = true, .ctx = .{ .data = self.data } }).text;
        return "";
    }
};
