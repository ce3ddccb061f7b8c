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
    /// For a pool of so many slots that keep at most so many bytes; `None` if this machine cannot tell which pages were written.
    pub(crate) fn new(slots: u32, most_bytes: u64) -> Option<Arc<Self>> {
        let page_map = PageMap::open()?;
        let resets = Self {
            page_map,
            slots: Slots::new(slots),
            most_pages: AtomicU64::new(0),
            clock: AtomicU64::new(0),
            bell: Arc::default(),
            is_trimming: AtomicBool::new(false),
            use_of_slots: RwLock::new(()),
            page_bytes: page_bytes(),
        };
        resets.set_most_bytes(most_bytes);
        Some(Arc::new(resets))
    }

    /// Sets the most bytes that unused slots keep together.
    pub(crate) fn set_most_bytes(&self, bytes: u64) {
        self.most_pages.store(bytes.checked_div(self.page_bytes as u64).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Lets a slot keep so many pages after a call, if there is room for them.
    pub(crate) fn keep(&self, slot: &Slot, pages: u32) -> bool {
        slot.used_at.store(self.clock.load(Ordering::Relaxed), Ordering::Relaxed);
        let keeps = self.slots.keep(slot, pages, self.most_pages.load(Ordering::Relaxed));
        if keeps && pages > 0 && !self.is_trimming.load(Ordering::SeqCst) {
            self.bell.ring();
        }
        keeps
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
