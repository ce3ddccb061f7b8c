//! Adds what a page needs to show a row, so that no page has to know the table of countries.

const std = @import("std");
const hookcell = @import("hookcell");

pub const panic = hookcell.panic;

comptime {
    hookcell.plugin(@This());
}

const Country = struct { country_name: []const u8, currency: []const u8, region: []const u8 };

const countries = std.StaticStringMap(Country).initComptime(.{
    .{ "BR", Country{ .country_name = "Brasil", .currency = "BRL", .region = "latam" } },
    .{ "CI", Country{ .country_name = "Côte d’Ivoire", .currency = "XOF", .region = "emea" } },
    .{ "DE", Country{ .country_name = "Deutschland", .currency = "EUR", .region = "emea" } },
    .{ "JP", Country{ .country_name = "日本", .currency = "JPY", .region = "apac" } },
    .{ "TR", Country{ .country_name = "Türkiye", .currency = "TRY", .region = "emea" } },
    .{ "US", Country{ .country_name = "United States", .currency = "USD", .region = "amer" } },
});

pub fn before_hook(_: *hookcell.Context) hookcell.Answer {
    return null;
}

pub fn after_hook(ctx: *hookcell.Context) hookcell.Answer {
    if (ctx.data.items()) |rows| {
        var changed = false;
        for (rows) |*row| {
            if (enriched(row.*)) |more| {
                row.* = more;
                changed = true;
            }
        }
        if (changed) ctx.data = hookcell.Raw.of(rows);
    } else if (enriched(ctx.data)) |more| {
        ctx.data = more;
    }
    return null;
}

/// The row with what its country adds; null if it has no country that is known.
fn enriched(row: hookcell.Raw) ?hookcell.Raw {
    var object = row.object() orelse return null;
    const country = countries.get(object.string("country") orelse return null) orelse return null;
    object.set("country_name", country.country_name);
    object.set("currency", country.currency);
    object.set("region", country.region);
    return hookcell.Raw.of(object);
}
