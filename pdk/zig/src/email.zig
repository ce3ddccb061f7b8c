//! Which texts are e-mail addresses, and the form in which they are stored.

const std = @import("std");
const ascii = std.ascii;
const mem = std.mem;

const max_address = 254;
const max_local = 64;
const max_label = 63;
const local_marks = ".!#$%&'*+/=?^_`{|}~-";

/// `text` without ASCII white space, as the web defines it, at its ends.
pub fn trim(text: []const u8) []const u8 {
    return mem.trim(u8, text, " \t\n\x0c\r");
}

/// The address trimmed and in lower case, or null if it cannot be one.
pub fn normalize(allocator: mem.Allocator, text: []const u8) error{OutOfMemory}!?[]const u8 {
    const trimmed = trim(text);
    if (trimmed.len > max_address) return null;
    const at = mem.findScalar(u8, trimmed, '@') orelse return null;
    if (!isLocal(trimmed[0..at]) or !isDomain(trimmed[at + 1 ..])) return null;
    return try ascii.allocLowerString(allocator, trimmed);
}

/// What follows the `@` of an address from `normalize`.
pub fn domain(address: []const u8) []const u8 {
    const at = mem.findScalar(u8, address, '@') orelse return "";
    return address[at + 1 ..];
}

fn isLocal(local: []const u8) bool {
    if (local.len == 0 or local.len > max_local) return false;
    for (local) |byte| {
        if (!ascii.isAlphanumeric(byte) and mem.findScalar(u8, local_marks, byte) == null) return false;
    }
    return true;
}

fn isDomain(text: []const u8) bool {
    if (mem.findScalar(u8, text, '.') == null) return false;
    var labels = mem.splitScalar(u8, text, '.');
    while (labels.next()) |label| {
        if (!isLabel(label)) return false;
    }
    return true;
}

fn isLabel(label: []const u8) bool {
    if (label.len == 0 or label.len > max_label) return false;
    if (label[0] == '-' or label[label.len - 1] == '-') return false;
    for (label) |byte| {
        if (!ascii.isAlphanumeric(byte) and byte != '-') return false;
    }
    return true;
}
