//! The bounds of a cell on a thread that it must not hold for long, tighter than its limits.

/// The largest memory, in bytes. A page fault takes as long as a thousand instructions, and clearing the page after the call
/// takes time again: 0.7 to 1 ms for all of it.
pub(crate) const MOST_MEMORY_BYTES: usize = 2 * 1_024 * 1_024;

/// The largest table.
pub(crate) const MOST_TABLE_ELEMENTS: usize = 10_000;

/// How often memory and table may grow, their creation included: each time can be a system call, and most cost no fuel.
const MOST_GROWTHS: u32 = 16;

/// What is left of them, for one cell.
#[derive(Debug)]
pub(crate) struct InlineBounds {
    growths_left: u32,
    has_outgrown: bool,
    was_due: bool,
}

impl InlineBounds {
    pub(crate) fn new() -> Self {
        Self { growths_left: MOST_GROWTHS, has_outgrown: false, was_due: false }
    }

    /// May the guest grow? `fits` says whether its new size is small enough.
    pub(crate) fn allow_growth(&mut self, fits: bool) -> bool {
        let left = self.growths_left.checked_sub(1).filter(|_| fits);
        self.has_outgrown |= left.is_none();
        self.growths_left = left.unwrap_or_default();
        left.is_some()
    }

    /// Has the guest asked for more?
    pub(crate) fn has_outgrown(&self) -> bool {
        self.has_outgrown
    }

    /// Must the guest stop? It is past its deadline, and the watchdog asks a second time, a millisecond later. At the first time
    /// it may be that its thread was waiting for a processor, and not the guest running.
    pub(crate) fn must_stop(&mut self) -> bool {
        std::mem::replace(&mut self.was_due, true)
    }
}
