//! The pages that the pool slots keep between two calls.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// The address space of a pool slot is at least as large as what 32 bits address.
const SLOT_BITS: u32 = 32;

/// What each pool slot keeps, by its address.
#[derive(Debug)]
pub(crate) struct Slots {
    /// By the high bits of the address, which differ from slot to slot: the pool is one block. If two slots shared an entry,
    /// the counts would be wrong, and nothing else.
    entries: Box<[Slot]>,
    /// The pages that all keep.
    kept_pages: AtomicU64,
}

/// What a pool slot keeps. Only the call that has the slot changes it, or the trimmer while there is no call.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    pub(crate) address: AtomicUsize,
    /// Its kept pages are within so many bytes from its address.
    pub(crate) extent: AtomicUsize,
    pages: AtomicU32,
    /// When its last call ended, as the trimmer counts.
    pub(crate) used_at: AtomicU64,
}

impl Slots {
    /// For a pool of so many slots.
    pub(crate) fn new(slots: u32) -> Self {
        // With its guard, a slot is a little larger than the step of the high bits.
        let entries = usize::try_from(slots).unwrap_or(usize::MAX).saturating_mul(2).max(1);
        Self { entries: std::iter::repeat_with(Slot::default).take(entries).collect(), kept_pages: AtomicU64::new(0) }
    }

    /// The slot of a memory with this address.
    pub(crate) fn at(&self, address: usize) -> Option<&Slot> {
        let high = address.checked_shr(SLOT_BITS).unwrap_or_default();
        self.entries.get(high.checked_rem(self.entries.len())?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.entries.iter()
    }

    /// The pages that all slots keep.
    pub(crate) fn kept_pages(&self) -> u64 {
        self.kept_pages.load(Ordering::SeqCst)
    }

    /// Lets a slot keep so many pages from now on, unless all would then keep more than `most`.
    pub(crate) fn keep(&self, slot: &Slot, pages: u32, most: u64) -> bool {
        let before = slot.pages();
        let change = |kept: u64| kept.saturating_sub(before.into()).checked_add(pages.into());
        let fits = before == pages
            || self
                .kept_pages
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |kept| {
                    change(kept).filter(|kept| pages < before || *kept <= most)
                })
                .is_ok();
        if fits {
            slot.pages.store(pages, Ordering::SeqCst);
        }
        fits
    }
}

impl Slot {
    /// The pages that it keeps.
    pub(crate) fn pages(&self) -> u32 {
        self.pages.load(Ordering::SeqCst)
    }
}
