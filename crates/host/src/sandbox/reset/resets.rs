//! What the resets of an engine share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use crate::sandbox::reset::bell::Bell;
use crate::sandbox::reset::page_budget::PageBudget;
use crate::sandbox::reset::page_map::PageMap;
use crate::sandbox::reset::slots::{Slot, Slots};

/// The pages of another plugin that a call can drop without becoming much slower.
pub(crate) const FEW_PAGES: u32 = 64;

/// Above this, slots keep few pages.
const CROWDED: u32 = 64;

/// So the memory of crowded slots is short: some hundred calls.
const MOST_CROWDING: u32 = 512;

/// What the resets of an engine share.
#[derive(Debug)]
pub(crate) struct Resets {
    pub(crate) page_map: PageMap,
    pub(crate) slots: Slots,
    /// Rises when a plugin finds a slot full of another's pages, and falls with each call.
    crowding: AtomicU32,
    /// Counts up while the trimmer has work.
    pub(crate) clock: AtomicU64,
    /// Wakes the trimmer.
    pub(crate) bell: Arc<Bell>,
    /// Does the trimmer look at the slots by itself? If not, it sleeps until the bell.
    pub(crate) is_trimming: AtomicBool,
}

impl Resets {
    /// For a pool of so many slots; `None` if this machine cannot tell which pages were written.
    pub(crate) fn new(slots: u32, budget: &Arc<PageBudget>) -> Option<Arc<Self>> {
        let page_map = PageMap::open()?;
        Some(Arc::new(Self {
            page_map,
            slots: Slots::new(slots, Arc::clone(budget)),
            crowding: AtomicU32::new(0),
            clock: AtomicU64::new(0),
            bell: Arc::default(),
            is_trimming: AtomicBool::new(false),
        }))
    }

    /// Notes a call, and whether it found many pages of another plugin in its slot. Returns the most pages that it may keep.
    ///
    /// While plugins get each other's slots in more than one call of 16, keeping pages costs the plugin that finds them more than
    /// the one that left them saves.
    pub(crate) fn note_call(&self, found_many: bool) -> u32 {
        let crowding = self.crowding.load(Ordering::Relaxed);
        // Calls that end at once may lose a note.
        if found_many {
            self.crowding.store(crowding.saturating_add(16).min(MOST_CROWDING), Ordering::Relaxed);
        } else if crowding > 0 {
            self.crowding.store(crowding.saturating_sub(1), Ordering::Relaxed);
        }
        if crowding > CROWDED { FEW_PAGES } else { u32::MAX }
    }

    /// Lets a slot keep so many pages after a call, if there is room for them.
    pub(crate) fn keep(&self, slot: &Slot, pages: u32) -> bool {
        slot.used_at.store(self.clock.load(Ordering::Relaxed), Ordering::Relaxed);
        let keeps = self.slots.keep(slot, pages);
        if keeps && pages > 0 && !self.is_trimming.load(Ordering::SeqCst) {
            self.bell.ring();
        }
        keeps
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{FEW_PAGES, Resets};

    #[test]
    fn slots_keep_few_pages_while_plugins_often_get_each_others() {
        let Some(resets) = Resets::new(4, &Arc::default()) else {
            eprintln!("SKIPPED: this machine cannot tell which pages were written");
            return;
        };
        let most_after = |calls: u32, period: u32| (0..calls).fold(0, |_, call| resets.note_call(call % period == 0));
        assert_eq!(most_after(1_000, 20), u32::MAX);
        assert_eq!(most_after(1_000, 3), FEW_PAGES);
        assert_eq!(most_after(1_000, 1_001), u32::MAX);
    }
}
