//! Logs a line and panics: hookcell's tests show that the server then has the line, the message and the place.

use hookcell_pdk::{Answer, Context, before_hook, info};

#[before_hook]
fn count(ctx: Context) -> Answer {
    info!("counting"; items = ctx.input.iter().count());
    let items = ctx.input.read::<Vec<u32>>("items").expect("the input has items");
    info!("counted"; sum = items.iter().sum::<u32>());
    Ok(ctx)
}
