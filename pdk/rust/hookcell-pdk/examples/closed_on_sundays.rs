use hookcell_pdk::{Answer, Context, before_hook, reject};

#[before_hook]
fn open(ctx: Context) -> Answer {
    if ctx.input.string("day").as_deref() == Some("Sunday") {
        reject!("closed on Sundays");
    }
    Ok(ctx)
}
