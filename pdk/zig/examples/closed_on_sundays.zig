const hookcell = @import("hookcell");

comptime {
    hookcell.plugin(@This());
}

pub fn before_hook(ctx: *hookcell.Context) hookcell.Answer {
    return if (ctx.input.is("day", "Sunday")) hookcell.reject("closed on Sundays") else null;
}
