//! Plugins in two halves: what is shared, what is not, and that nothing else differs from plugins in one piece.

mod guest;
mod kept_limits;
mod odd_modules;
mod same_results;
mod sharing;
mod start_up;
#[path = "../support/mod.rs"]
mod support;
mod whole;
