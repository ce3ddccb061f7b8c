//! Loading: what a path means, what is checked, and what stays if a load fails.

mod errors;
mod features;
mod files_and_bytes;
mod overlapping;
#[path = "../support/mod.rs"]
mod support;
mod wrong_plugins;
