//! The start-up of a plugin: its start section and `_initialize`, in each call or once at load.

mod guests;
mod initialize;
mod pre_initialize;
mod snapshot_limits;
#[path = "../support/mod.rs"]
mod support;
