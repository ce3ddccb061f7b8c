//! A store and what bounds it: its memory, its fuel, its deadline, and cancellation.

pub(crate) mod cancel;
pub(crate) mod cell;
pub(crate) mod config;
pub(crate) mod entry;
pub(crate) mod inline_bounds;
pub(crate) mod memory;
pub(crate) mod open_cell;
pub(crate) mod ready_cells;
pub(crate) mod watchdog;
