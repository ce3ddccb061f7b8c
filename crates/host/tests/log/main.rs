//! What plugins log, and what they say that they threw.

#[path = "../support/mod.rs"]
mod support;

mod ends;
mod globals;
mod guest;
mod residue;
mod sources;
