//! The memories of an engine's cells: slots, and what their resets share.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::sandbox::memory::idle::bell::Bell;
use crate::sandbox::memory::idle::page_budget::PageBudget;
use crate::sandbox::memory::kernel::closed_pages::{self, ClosedPages};
use crate::sandbox::memory::kernel::page_map::PageMap;
use crate::sandbox::memory::kernel::trial;
use crate::sandbox::memory::plugin_pages::PluginPages;
use crate::sandbox::memory::slots::{Slots, Taken};

/// The bytes of another plugin that a call can drop without becoming much slower.
const FEW_BYTES: usize = 256 * 1_024;

/// Above this, slots keep few pages.
const CROWDED: u32 = 64;

/// So the memory of crowded slots is short: some hundred calls.
const MOST_CROWDING: u32 = 512;

/// The memories of an engine's cells.
#[derive(Debug)]
pub(crate) struct Memories {
    page_map: PageMap,
    slots: Mutex<Slots>,
    budget: Arc<PageBudget>,
    /// Does the kernel count page faults as it should?
    counts_faults: AtomicBool,
    /// Rises when a plugin finds a slot full of another's pages, and falls with each call.
    crowding: AtomicU32,
    /// Can closed pages always be opened again?
    may_close: bool,
    /// What handled a write to closed pages when the engine was made.
    pub(crate) signal_handler: OnceLock<usize>,
    /// Counts up while the trimmer has work.
    pub(crate) clock: AtomicU64,
    /// Wakes the trimmer.
    pub(crate) bell: Arc<Bell>,
    /// Does the trimmer look at the slots by itself? If not, it sleeps until the bell.
    pub(crate) is_trimming: AtomicBool,
}

impl Memories {
    /// For so many calls at once, with no more slots than that if `is_exact`. `None` if this machine cannot tell which pages were
    /// written.
    ///
    /// # Errors
    /// If there is not enough address space.
    pub(crate) fn open(calls: u32, is_exact: bool, budget: &Arc<PageBudget>) -> io::Result<Option<Arc<Self>>> {
        let Some(page_map) = PageMap::open().filter(trial::works) else { return Ok(None) };
        Ok(Some(Arc::new(Self {
            page_map,
            slots: Mutex::new(Slots::reserve(calls, is_exact)?),
            budget: Arc::clone(budget),
            counts_faults: AtomicBool::new(true),
            crowding: AtomicU32::new(0),
            may_close: closed_pages::can_always_be_opened(),
            signal_handler: OnceLock::new(),
            clock: AtomicU64::new(0),
            bell: Arc::default(),
            is_trimming: AtomicBool::new(false),
        })))
    }

    pub(crate) fn page_map(&self) -> &PageMap {
        &self.page_map
    }

    /// A slot for a call of this plugin; `None` if calls have all that they may have.
    pub(crate) fn take(&self, plugin: &PluginPages) -> Option<Taken> {
        let taken = self.slots().take(plugin)?;
        let is_others = !taken.slot.is_of(plugin);
        self.note_use(is_others && taken.slot.kept_bytes() > FEW_BYTES);
        if is_others {
            // It is about to be cleared.
            self.keep(taken.slot.kept_bytes(), 0);
        }
        Some(taken)
    }

    /// Turns the slot of a call into that of a ready cell; `false` if there are too many of those.
    pub(crate) fn keep_ready(&self) -> bool {
        self.slots().keep_ready()
    }

    /// Turns the slot of a ready cell into that of a call; `false` if calls have all that they may have.
    pub(crate) fn begin_call_of_ready(&self) -> bool {
        self.slots().begin_call_of_ready()
    }

    /// Drops a ready cell that no call has had. Until that is over, its slot counts as one of a call, and calls may have one more.
    pub(crate) fn give_up_ready<T>(&self, cell: T) {
        self.slots().begin_giving_up();
        drop(cell);
        self.slots().end_giving_up();
    }

    /// Can a call begin in a ready cell that was made with these closed pages?
    pub(crate) fn can_open(&self, closed: Option<&ClosedPages>) -> bool {
        closed.is_none() || self.can_close()
    }

    /// Notes what handles signals, after wasmtime has installed it.
    pub(crate) fn note_signal_handler(&self) {
        if let Some(handler) = closed_pages::signal_handler() {
            // It is noted once, and the engine is made once.
            let _ = self.signal_handler.set(handler);
        }
    }

    /// Can a write to closed pages open them? Not if another library handles the signal since.
    pub(crate) fn can_close(&self) -> bool {
        let is_unchanged = |handler: &usize| closed_pages::signal_handler() == Some(*handler);
        self.may_close && self.signal_handler.get().is_none_or(is_unchanged)
    }

    /// Gives a slot back. Its memory is as before the call.
    pub(crate) fn give_back(&self, taken: Taken, plugin: &PluginPages) {
        let used_at = self.clock.load(Ordering::Relaxed);
        self.slots().give_back(taken, plugin, used_at);
    }

    /// Unmaps a slot whose memory may still have what a guest wrote, and makes another instead.
    pub(crate) fn renew(&self, taken: Taken) {
        self.renew_after(taken, true);
    }

    fn renew_after(&self, taken: Taken, was_in_call: bool) {
        let index = taken.index();
        match taken.renewed() {
            Ok(new) => self.slots().give_back_as_new(new, was_in_call),
            Err(error) => {
                tracing::error!(%error, "an engine has one slot less");
                self.slots().give_up(index, was_in_call);
            }
        }
    }

    /// Forgets a plugin that is gone.
    pub(crate) fn forget(&self, plugin: &PluginPages) {
        let warm = std::mem::take(&mut *plugin.warm_slots());
        for index in warm {
            // A call that has the slot would keep its plugin. The trimmer may have it.
            let taken = self.slots().take_of(plugin.number(), index);
            let Some(mut taken) = taken else { continue };
            self.keep(taken.slot.kept_bytes(), 0);
            if taken.slot.clear().is_ok() {
                self.slots().give_back_as_new(taken, false);
            } else {
                self.renew_after(taken, false);
            }
        }
    }

    /// Counts a slot that kept `before` bytes and is to keep `bytes`, if there is room for them.
    pub(crate) fn keep(&self, before: usize, bytes: usize) -> bool {
        let keeps = self.budget.exchange(before, bytes);
        if keeps && bytes > before {
            self.note_idle();
        }
        keeps
    }

    /// Wakes the trimmer if it sleeps, after something was kept that it is to look after.
    pub(crate) fn note_idle(&self) {
        if !self.is_trimming.load(Ordering::SeqCst) {
            self.bell.ring();
        }
    }

    /// Is there room for a slot that kept `before` bytes to keep `bytes`?
    pub(crate) fn have_room(&self, before: usize, bytes: usize) -> bool {
        self.budget.has_room(before, bytes)
    }

    /// Does no slot keep anything?
    pub(crate) fn keep_nothing(&self) -> bool {
        self.budget.kept_bytes() == 0
    }

    /// The most bytes that a slot may keep, as far as the other slots tell.
    ///
    /// While plugins get each other's slots in more than one call of 16, keeping pages costs the plugin that finds them more than
    /// the one that left them saves.
    pub(crate) fn most_kept_bytes(&self) -> usize {
        if self.crowding.load(Ordering::Relaxed) > CROWDED { FEW_BYTES } else { usize::MAX }
    }

    fn note_use(&self, found_many: bool) {
        let crowding = self.crowding.load(Ordering::Relaxed);
        // Calls that begin at once may lose a note.
        if found_many {
            self.crowding.store(crowding.saturating_add(16).min(MOST_CROWDING), Ordering::Relaxed);
        } else if crowding > 0 {
            self.crowding.store(crowding.saturating_sub(1), Ordering::Relaxed);
        }
    }

    /// May a call without a page fault skip the look at its pages?
    pub(crate) fn trust_fault_counts(&self) -> bool {
        self.counts_faults.load(Ordering::Relaxed) && !PageMap::are_of_other_process()
    }

    /// From now on, each call looks at its pages.
    pub(crate) fn distrust_fault_counts(&self) {
        if self.counts_faults.swap(false, Ordering::Relaxed) {
            tracing::error!("a page was written without a page fault that the kernel counts: calls become slower");
        }
    }

    /// Has every slot that was not used since this time give its pages back.
    pub(crate) fn trim(&self, before: u64) {
        let mut from = 0;
        loop {
            let taken = self.slots().take_idle(from, before);
            let Some(mut taken) = taken else { return };
            from = taken.index().saturating_add(1);
            let kept = taken.slot.kept_bytes();
            if let Err(error) = taken.slot.drop_pages() {
                // Closed pages may be open in part by now.
                tracing::debug!(%error, "a slot that cannot be trimmed is unmapped");
                self.keep(kept, 0);
                self.renew_after(taken, false);
                continue;
            }
            self.keep(kept, taken.slot.kept_bytes());
            self.slots().give_back_trimmed(taken);
        }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW_BYTES, Memories};

    #[test]
    fn slots_keep_few_pages_while_plugins_often_get_each_others() {
        let Some(memories) = Memories::open(4, false, &std::sync::Arc::default()).unwrap() else {
            eprintln!("SKIPPED: this machine cannot tell which pages were written");
            return;
        };
        let most_after = |calls: u32, period: u32| {
            (0..calls).for_each(|call| memories.note_use(call % period == 0));
            memories.most_kept_bytes()
        };
        assert_eq!(most_after(1_000, 20), usize::MAX);
        assert_eq!(most_after(1_000, 3), FEW_BYTES);
        assert_eq!(most_after(1_000, 1_001), usize::MAX);
    }
}
