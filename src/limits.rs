//! Limits as JavaScript passes them.

use std::collections::HashMap;

use hookcell_host::{Limit, LimitOverrides};
use napi_derive::napi;

/// One limit: its option's name, its default, and its inclusive bounds, all whole numbers.
#[napi(object)]
pub struct LimitBounds {
    pub name: String,
    pub default: f64,
    pub min: f64,
    pub max: f64,
    /// Can a single call set it?
    pub per_call: bool,
}

/// Every limit.
#[napi]
pub fn limit_bounds() -> Vec<LimitBounds> {
    Limit::ALL
        .iter()
        .map(|limit| LimitBounds {
            name: limit.name.to_owned(),
            default: number(limit.default),
            min: number(limit.min),
            max: number(limit.max),
            per_call: Limit::PER_CALL.contains(limit),
        })
        .collect()
}

/// The most plugins of a chain.
#[napi]
pub const MAX_CHAIN: u32 = hookcell_host::MAX_CHAIN;

/// Limits by name. They replace the defaults, or the limits of a load; omitted limits stay as they are.
#[napi]
pub type LimitOptions = HashMap<String, f64>;

/// The limits that these options set.
pub(crate) fn limit_overrides(options: &LimitOptions) -> LimitOverrides {
    let mut limits = LimitOverrides::default();
    for (name, value) in options {
        let known = limits.set(name, whole(*value));
        // `lib/` refuses any other name.
        debug_assert!(known, "no limit is named {name}");
    }
    limits
}

#[expect(
    clippy::cast_precision_loss,
    reason = "every bound and every plugin number is an integer that a JavaScript number holds exactly"
)]
pub(crate) fn number(value: u64) -> f64 {
    value as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and a value outside its bounds is refused later"
)]
pub(crate) fn whole(value: f64) -> u64 {
    value as u64
}
