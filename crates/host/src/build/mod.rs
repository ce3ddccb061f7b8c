//! Building plugins: an engine is given what its author wrote, step by step, and what its memory then holds becomes a plugin.
//!
//! An engine is a module whose steps are exports of a hook's type. A build runs them one after the other in one cell, under the
//! limits of a call, because the author's code runs in some of them.

mod builder;
mod builder_options;
mod plugin_exports;
mod plugins_code;
mod request;
mod steps;

pub use builder::Builder;
pub use builder_options::BuilderOptions;
pub use request::{Build, BuildStep, Built};
