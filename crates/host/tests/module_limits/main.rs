//! What passes the limits on a module, and what does not.

mod declared;
mod limits;
mod real_modules;
#[path = "../support/mod.rs"]
mod support;
