//! The pages that the slots of all pools keep together.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::sandbox::reset::page_map::page_bytes;

/// The pages that the slots of all pools keep together, and the most that they may keep.
#[derive(Debug, Default)]
pub(crate) struct PageBudget {
    kept: AtomicU64,
    most: AtomicU64,
}

impl PageBudget {
    /// Sets the most bytes that all keep.
    pub(crate) fn set_most_bytes(&self, bytes: u64) {
        self.most.store(bytes.checked_div(page_bytes() as u64).unwrap_or_default(), Ordering::Relaxed);
    }

    /// The pages that all keep.
    pub(crate) fn kept_pages(&self) -> u64 {
        self.kept.load(Ordering::SeqCst)
    }

    /// The bytes that all keep.
    pub(crate) fn kept_bytes(&self) -> u64 {
        self.kept_pages().saturating_mul(page_bytes() as u64)
    }

    /// Counts a slot that kept `before` pages and is to keep `pages`, unless all would then keep too many. A slot can always come
    /// to keep nothing.
    pub(crate) fn exchange(&self, before: u32, pages: u32) -> bool {
        let most = self.most.load(Ordering::Relaxed);
        if before == pages {
            return pages == 0 || self.kept.load(Ordering::SeqCst) <= most;
        }
        let change = |kept: u64| kept.saturating_sub(before.into()).checked_add(pages.into());
        let exchanged = self.kept.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |kept| {
            change(kept).filter(|kept| pages == 0 || *kept <= most)
        });
        exchanged.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::PageBudget;
    use crate::sandbox::reset::page_map::page_bytes;

    #[test]
    fn a_slot_that_kept_pages_under_a_larger_bound_comes_to_keep_none() {
        let budget = PageBudget::default();
        let bytes = |pages: usize| (pages * page_bytes()) as u64;
        budget.set_most_bytes(bytes(3));
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
