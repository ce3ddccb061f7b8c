//! The cells of calls before they begin and after they have ended.

pub(crate) mod finished_cells;
#[cfg(all(test, target_os = "linux"))]
mod tests;
