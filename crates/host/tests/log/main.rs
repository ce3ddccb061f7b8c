//! What plugins log, and what they say that they threw.

#[path = "../support/mod.rs"]
mod support;

mod cost;
mod counting;
mod ends;
mod globals;
mod guest;
mod residue;
mod sources;
