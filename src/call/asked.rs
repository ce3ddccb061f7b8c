//! What is known of a call when it gets its turn.

use std::time::Instant;

use hookcell_host::{CancelToken, FinishedCells};

/// What the work of a call gets when it runs.
pub(crate) struct Asked<'a> {
    pub(crate) cancel: Option<&'a CancelToken>,
    pub(crate) queued_at: Instant,
    /// Gets its cells.
    pub(crate) finished: &'a mut FinishedCells,
}
