//! What the resets of an engine share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, TryLockError};

use crate::sandbox::reset::bell::Bell;
use crate::sandbox::reset::page_map::{PageMap, page_bytes};
use crate::sandbox::reset::slots::{Slot, Slots};

/// What the resets of an engine share.
#[derive(Debug)]
pub(crate) struct Resets {
    pub(crate) page_map: PageMap,
    pub(crate) slots: Slots,
    most_pages: AtomicU64,
    /// Counts up while the trimmer has work.
    pub(crate) clock: AtomicU64,
    /// Wakes the trimmer.
    pub(crate) bell: Arc<Bell>,
    /// Does the trimmer look at the slots by itself? If not, it sleeps until the bell.
    pub(crate) is_trimming: AtomicBool,
    /// Read by each call, and written by the trimmer, which must not touch a slot that is in use.
    use_of_slots: RwLock<()>,
    page_bytes: usize,
}

/// Shows that a call may have a pool slot, so that the trimmer leaves all of them alone.
pub(crate) type InUse<'a> = RwLockReadGuard<'a, ()>;

impl Resets {
    /// For a pool of so many slots; `None` if this machine cannot tell which pages were written.
    pub(crate) fn new(slots: u32) -> Option<Arc<Self>> {
        let page_map = PageMap::open()?;
        Some(Arc::new(Self {
            page_map,
            slots: Slots::new(slots),
            most_pages: AtomicU64::new(u64::MAX),
            clock: AtomicU64::new(0),
            bell: Arc::default(),
            is_trimming: AtomicBool::new(false),
            use_of_slots: RwLock::new(()),
            page_bytes: page_bytes(),
        }))
    }

    /// Sets the most bytes that unused slots keep together.
    pub(crate) fn set_most_bytes(&self, bytes: u64) {
        self.most_pages.store(bytes.checked_div(self.page_bytes as u64).unwrap_or_default(), Ordering::Relaxed);
    }

    /// May a slot keep this many pages, in addition to those of the others?
    pub(crate) fn has_room_for(&self, pages: u32, kept_before: u32) -> bool {
        let others = self.slots.kept_pages().saturating_sub(u64::from(kept_before));
        others.saturating_add(u64::from(pages)) <= self.most_pages.load(Ordering::Relaxed)
    }

    /// Notes what a slot keeps from now on.
    pub(crate) fn note(&self, slot: &Slot, pages: u32) {
        slot.used_at.store(self.clock.load(Ordering::Relaxed), Ordering::Relaxed);
        self.slots.note(slot, pages);
        if pages > 0 && !self.is_trimming.load(Ordering::SeqCst) {
            self.bell.ring();
        }
    }

    /// The bytes that all slots keep.
    pub(crate) fn kept_bytes(&self) -> u64 {
        self.slots.kept_pages().saturating_mul(self.page_bytes as u64)
    }

    /// Keeps the trimmer away from all slots until the result is dropped.
    pub(crate) fn enter(&self) -> InUse<'_> {
        self.use_of_slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `trim` if no call has a slot, and makes new calls wait for it.
    pub(crate) fn while_unused<R>(&self, trim: impl FnOnce() -> R) -> Option<R> {
        let _unused = match self.use_of_slots.try_write() {
            Ok(unused) => unused,
            Err(TryLockError::Poisoned(unused)) => unused.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(trim())
    }
}
