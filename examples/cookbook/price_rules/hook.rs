//! The shop's rules for prices, which change more often than the server. All amounts are whole cents, so nothing is rounded twice.

use hookcell_pdk::{Answer, Context, Object, Raw, Rejection, before_hook};
use serde::Serialize;

#[derive(Serialize)]
struct Discount {
    rule: &'static str,
    cents: u64,
}

#[derive(Serialize)]
struct Problem {
    field: String,
    message: &'static str,
}

#[before_hook]
fn price(mut ctx: Context) -> Answer {
    let items = ctx.input.read::<Vec<Raw>>("items").filter(|items| (1..=200).contains(&items.len()));
    let items = items.ok_or_else(|| wrong("items".into(), "must be a list of 1 to 200 items"))?;
    let mut subtotal = 0;
    let mut bulk = 0;
    for (index, item) in items.iter().enumerate() {
        let quantity = whole(*item, "quantity", 1.0, 10_000.0)
            .ok_or_else(|| wrong(format!("items[{index}].quantity"), "must be a whole number from 1 to 10,000"))?;
        let unit = whole(*item, "unit_cents", 0.0, 10_000_000.0).ok_or_else(|| {
            wrong(format!("items[{index}].unit_cents"), "must be a whole number from 0 to 10,000,000")
        })?;
        subtotal += quantity * unit;
        bulk += if quantity >= 10 { percent(quantity * unit, 10) } else { 0 };
    }

    let mut total = subtotal;
    let mut discounts = Vec::new();
    let mut take = |rule, cents| {
        if cents > 0 {
            discounts.push(Discount { rule, cents });
            total -= cents;
        }
        total
    };
    let rest = take("10 or more of an item", bulk);
    let is_staff = ctx.user().is_some_and(|user| user.role == "staff");
    let rest = take("staff", if is_staff { percent(rest, 20) } else { 0 });
    let has_coupon = ctx.input.string("coupon").as_deref() == Some("WELCOME");
    take("coupon WELCOME", if has_coupon && rest >= 5_000 { 500 } else { 0 });
    // Whatever the client sent under these names is replaced.
    ctx.input.set("subtotal_cents", &subtotal);
    ctx.input.set("discounts", &discounts);
    ctx.input.set("total_cents", &total);
    Ok(ctx)
}

/// The share of an amount, in favor of the shop.
fn percent(cents: u64, share: u64) -> u64 {
    cents * share / 100
}

/// A member that is a whole number within bounds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are those of small whole numbers"
)]
fn whole(item: Raw, name: &str, least: f64, most: f64) -> Option<u64> {
    let value = item.read::<Object>().ok()?.read::<f64>(name)?;
    (value.fract() == 0.0 && value >= least && value <= most).then_some(value as u64)
}

fn wrong(field: String, message: &'static str) -> Rejection {
    Rejection::new("the order cannot be priced").with_detail(&Problem { field, message })
}
