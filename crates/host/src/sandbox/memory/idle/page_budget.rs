//! The resident memory that the slots of all engines keep together.

use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes that slots keep together, and the most that they may keep.
#[derive(Debug, Default)]
pub(crate) struct PageBudget {
    kept: AtomicU64,
    most: AtomicU64,
}

impl PageBudget {
    /// Sets the most bytes that all keep.
    pub(crate) fn set_most_bytes(&self, bytes: u64) {
        self.most.store(bytes, Ordering::Relaxed);
    }

    /// The bytes that all keep.
    pub(crate) fn kept_bytes(&self) -> u64 {
        self.kept.load(Ordering::SeqCst)
    }

    /// Do they keep too many, because the most was set lower since?
    pub(crate) fn is_exceeded(&self) -> bool {
        self.kept_bytes() > self.most.load(Ordering::Relaxed)
    }

    /// Is there room for a slot that kept `before` bytes to keep `bytes`?
    pub(crate) fn has_room(&self, before: usize, bytes: usize) -> bool {
        let others = self.kept_bytes().saturating_sub(before as u64);
        others.saturating_add(bytes as u64) <= self.most.load(Ordering::Relaxed)
    }

    /// Counts a slot that kept `before` bytes and is to keep `bytes`, unless all would then keep too many. A slot can always come
    /// to keep nothing.
    pub(crate) fn exchange(&self, before: usize, bytes: usize) -> bool {
        if before == bytes {
            return bytes == 0 || !self.is_exceeded();
        }
        let most = self.most.load(Ordering::Relaxed);
        let change = |kept: u64| kept.saturating_sub(before as u64).checked_add(bytes as u64);
        let exchanged = self.kept.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |kept| {
            change(kept).filter(|kept| bytes == 0 || *kept <= most)
        });
        exchanged.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::PageBudget;

    #[test]
    fn a_slot_that_kept_pages_under_a_larger_bound_comes_to_keep_none() {
        let budget = PageBudget::default();
        budget.set_most_bytes(3);
        assert!(budget.exchange(0, 3));
        assert!(budget.exchange(3, 3));
        assert!(!budget.exchange(0, 1));

        budget.set_most_bytes(0);
        assert!(!budget.exchange(3, 3));
        assert!(!budget.exchange(3, 1));
        assert!(budget.exchange(3, 0));
        assert_eq!(budget.kept_bytes(), 0);
    }
}
