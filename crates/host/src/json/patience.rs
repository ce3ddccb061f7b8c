//! Looking at the clock while long text is read.

use std::cell::Cell;

/// Bytes that are read between two looks at the clock. Reading them takes about 0.1 ms.
pub(crate) const STRIDE: usize = 65_536;

/// Looks at the clock each time so many bytes were read, and then knows whether there is time left.
pub(crate) struct Patience<'a> {
    is_late: &'a dyn Fn() -> bool,
    /// Bytes until the next look.
    left: Cell<usize>,
    has_ended: Cell<bool>,
}

impl<'a> Patience<'a> {
    pub(crate) fn new(is_late: &'a dyn Fn() -> bool) -> Self {
        Self { is_late, left: Cell::new(STRIDE), has_ended: Cell::new(false) }
    }

    /// Was it late at an earlier look?
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.get()
    }

    /// Looks at the clock now. `None` if it is late.
    pub(crate) fn look(&self) -> Option<()> {
        if self.has_ended.get() || (self.is_late)() {
            self.has_ended.set(true);
            self.left.set(0);
            return None;
        }
        self.left.set(STRIDE);
        Some(())
    }

    /// Counts bytes that are about to be read, and looks at the clock if it is time. `None` if it is late.
    pub(crate) fn spend(&self, bytes: usize) -> Option<()> {
        match self.left.get().checked_sub(bytes) {
            None | Some(0) => self.look(),
            Some(left) => {
                self.left.set(left);
                Some(())
            }
        }
    }
}
