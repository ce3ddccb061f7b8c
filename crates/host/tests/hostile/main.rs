//! Guests written by an attacker, alone and in chains.

mod cases;
mod chains;
mod guest;
#[path = "../support/mod.rs"]
mod support;
