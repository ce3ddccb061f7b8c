//! Resetting a pooled memory after a call, at the cost of what the call wrote and not of the memory's size.

pub(crate) mod bell;
pub(crate) mod initial_pages;
pub(crate) mod memory;
pub(crate) mod page_budget;
pub(crate) mod page_map;
pub(crate) mod plugin_memory;
pub(crate) mod read_pages;
pub(crate) mod resets;
pub(crate) mod slots;
#[cfg(all(test, target_os = "linux"))]
mod tests;
pub(crate) mod trimmer;
