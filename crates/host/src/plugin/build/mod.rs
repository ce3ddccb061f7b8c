//! From a module that was scanned to a plugin's compiled form: in one piece, or in halves.

mod built;
mod halves;
mod halves_start_up;
mod start_up;
mod two_halves;
mod whole;
mod whole_start_up;

pub(crate) use built::Built;
pub(crate) use halves::{SplitModule, code_half};
pub(crate) use whole::build as build_whole;
