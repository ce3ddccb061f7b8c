//! The pages that the pool slots keep between two calls.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::sandbox::reset::page_budget::PageBudget;
use crate::sandbox::reset::read_pages::ReadPages;

/// The address space of a pool slot is at least as large as what 32 bits address.
const SLOT_BITS: u32 = 32;

/// What each pool slot keeps, by its address.
#[derive(Debug)]
pub(crate) struct Slots {
    /// By the high bits of the address, which differ from slot to slot: the pool is one block. If two slots shared an entry,
    /// their counts would be wrong and their calls would wait for each other, and nothing else.
    entries: Box<[Slot]>,
    budget: Arc<PageBudget>,
}

/// What a pool slot keeps. Only the call that has the slot changes it, or the trimmer while no call has it.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// Locked by the call that has the slot, before the first write to its memory and until the slot is given back.
    lock: Mutex<()>,
    pub(crate) address: AtomicUsize,
    /// Its kept pages are within so many bytes from its address.
    pub(crate) extent: AtomicUsize,
    pages: AtomicU32,
    /// The plugin of its last call, as a number that only has to differ.
    pub(crate) plugin: AtomicUsize,
    pub(crate) read_pages: ReadPages,
    /// When its last call ended, as the trimmer counts.
    pub(crate) used_at: AtomicU64,
}

impl Slots {
    /// For a pool of so many slots.
    pub(crate) fn new(slots: u32, budget: Arc<PageBudget>) -> Self {
        // With its guard, a slot is a little larger than the step of the high bits.
        let entries = usize::try_from(slots).unwrap_or(usize::MAX).saturating_mul(2).max(1);
        Self { entries: std::iter::repeat_with(Slot::default).take(entries).collect(), budget }
    }

    /// The slot of a memory with this address.
    pub(crate) fn at(&self, address: usize) -> Option<&Slot> {
        let high = address.checked_shr(SLOT_BITS).unwrap_or_default();
        self.entries.get(high.checked_rem(self.entries.len())?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.entries.iter()
    }

    /// The pages that the slots of all pools keep.
    pub(crate) fn kept_pages(&self) -> u64 {
        self.budget.kept_pages()
    }

    /// Lets a slot keep so many pages from now on, unless all would then keep too many.
    pub(crate) fn keep(&self, slot: &Slot, pages: u32) -> bool {
        let before = slot.pages();
        let fits = self.budget.exchange(before, pages);
        if fits {
            slot.pages.store(pages, Ordering::SeqCst);
        }
        fits
    }
}

/// Shows that a call has the slot, so that the trimmer leaves it alone.
pub(crate) type InUse<'a> = MutexGuard<'a, ()>;

impl Slot {
    /// Keeps the trimmer away from the slot until the result is dropped.
    pub(crate) fn enter(&self) -> InUse<'_> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `trim` if no call has the slot, and makes a new one wait for it.
    pub(crate) fn while_unused(&self, trim: impl FnOnce()) {
        let _unused = match self.lock.try_lock() {
            Ok(unused) => unused,
            Err(TryLockError::Poisoned(unused)) => unused.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        trim();
    }

    /// The pages that it keeps.
    pub(crate) fn pages(&self) -> u32 {
        self.pages.load(Ordering::SeqCst)
    }
}
