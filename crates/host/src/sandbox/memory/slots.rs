//! Which call gets which slot.

use std::io;

use crate::sandbox::memory::idle::READY_SLOTS;
use crate::sandbox::memory::plugin_pages::{PluginNumber, PluginPages};
use crate::sandbox::memory::slot::Slot;

/// A slot keeps the image of its last plugin, and giving it to another takes 10 µs, more than most calls. So there are more slots than
/// calls at once. One that is not used takes address space, 4 GiB, and two or three pages of the kernel.
const USUAL_SLOTS: usize = 1_024;

/// Slots beyond the calls at once: one for the trimmer, and some for plugins that are being unloaded.
const SPARE_SLOTS: usize = 8;

/// The slots that no call has.
#[derive(Debug)]
pub(crate) struct Slots {
    entries: Vec<Entry>,
    /// Slots that calls have, and the most that they may have.
    in_use: usize,
    most_in_use: usize,
    /// Slots that ready cells have, in addition to those of calls, and the most that they may have.
    ready: usize,
    most_ready: usize,
    /// Becomes lower when the address space is used up.
    most_entries: usize,
    uses: u64,
}

/// A slot while no call has it.
#[derive(Debug, Default)]
struct Entry {
    /// Boxed, because it is handed from one to the next in each call.
    slot: Option<Box<Slot>>,
    plugin: Option<PluginNumber>,
    /// When it was last given back, in uses of all slots; 0 if it is as new.
    used: u64,
    /// When its last call ended, as the trimmer counts.
    used_at: u64,
    is_being_trimmed: bool,
    /// Has it no slot, because the system gave no address space?
    is_lost: bool,
}

/// A slot that something has, and its index.
#[derive(Debug)]
pub(crate) struct Taken {
    index: usize,
    pub(crate) slot: Box<Slot>,
}

impl Slots {
    /// For so many calls at once, and for ready cells as far as there is address space. With `is_exact`, there are no more slots than
    /// for the calls.
    ///
    /// # Errors
    /// If there is not enough address space.
    pub(crate) fn reserve(calls: u32, is_exact: bool) -> io::Result<Self> {
        let most_in_use = usize::try_from(calls).unwrap_or(usize::MAX).max(1);
        let first = most_in_use.saturating_add(usize::from(!is_exact));
        let slots = (0..first).map(|_| Ok(Entry { slot: Some(Box::new(Slot::reserve()?)), ..Entry::default() }));
        let mut entries = slots.collect::<io::Result<Vec<_>>>()?;
        let ready = (0..if is_exact { 0 } else { READY_SLOTS }).map_while(|_| Slot::reserve().ok());
        entries.extend(ready.map(|slot| Entry { slot: Some(Box::new(slot)), ..Entry::default() }));
        let most_ready = entries.len().saturating_sub(first);
        let needed = entries.len().saturating_add(SPARE_SLOTS);
        let most_entries = if is_exact { most_in_use } else { USUAL_SLOTS.max(needed) };
        Ok(Self { entries, in_use: 0, most_in_use, ready: 0, most_ready, most_entries, uses: 0 })
    }

    /// A slot for a call of this plugin: one of its own if there is one, else one as new, else the one that was not used for the
    /// longest time. `None` if calls have all that they may have.
    pub(crate) fn take(&mut self, plugin: &PluginPages) -> Option<Taken> {
        if self.in_use >= self.most_in_use {
            return None;
        }
        let index = self.warm(plugin).or_else(|| self.least_recently_used())?;
        let slot = self.entries.get_mut(index)?.slot.take()?;
        self.in_use = self.in_use.saturating_add(1);
        Some(Taken { index, slot })
    }

    /// Turns a slot of a call into one of a ready cell; `false` if there are too many of those.
    pub(crate) fn keep_ready(&mut self) -> bool {
        let has_room = self.ready < self.most_ready;
        if has_room {
            self.ready = self.ready.saturating_add(1);
            self.in_use = self.in_use.saturating_sub(1);
        }
        has_room
    }

    /// Turns a slot of a ready cell into one of a call; `false` if calls have all that they may have.
    pub(crate) fn begin_call_of_ready(&mut self) -> bool {
        let has_room = self.in_use < self.most_in_use;
        if has_room {
            self.ready = self.ready.saturating_sub(1);
            self.in_use = self.in_use.saturating_add(1);
        }
        has_room
    }

    /// Turns a slot of a ready cell into one of a call that has ended, in addition to the most that calls may have.
    pub(crate) fn begin_giving_up(&mut self) {
        self.ready = self.ready.saturating_sub(1);
        self.in_use = self.in_use.saturating_add(1);
        self.most_in_use = self.most_in_use.saturating_add(1);
    }

    /// That slot was given back.
    pub(crate) fn end_giving_up(&mut self) {
        self.most_in_use = self.most_in_use.saturating_sub(1);
    }

    /// A slot that this plugin had before.
    fn warm(&mut self, plugin: &PluginPages) -> Option<usize> {
        let mut warm = plugin.warm_slots();
        let is_own = |entry: &Entry| entry.plugin == Some(plugin.number());
        let mut trimmed = None;
        let found = loop {
            let Some(index) = warm.pop() else { break None };
            match self.entries.get(index).filter(|entry| is_own(entry)) {
                Some(Entry { slot: Some(_), .. }) => break Some(index),
                Some(Entry { is_being_trimmed: true, .. }) => trimmed = Some(index),
                // Another plugin has got it.
                _ => {}
            }
        };
        warm.extend(trimmed);
        found
    }

    /// A slot that is as new, or the one that was not used for the longest time. If no slot is free although calls may have more, the
    /// trimmer or plugins that are being unloaded have them, or the system gave no address space: then another is made.
    fn least_recently_used(&mut self) -> Option<usize> {
        let free = self.entries.iter().enumerate().filter(|(_, entry)| entry.slot.is_some());
        let free = free.map(|(index, entry)| (index, entry.used)).min_by_key(|(_, used)| *used);
        let is_to_be_made = match free {
            Some((_, used)) => used > 0 && self.entries.len() < self.most_entries,
            None => true,
        };
        if !is_to_be_made {
            return Some(free?.0);
        }
        if let Ok(slot) = Slot::reserve() {
            let new = Entry { slot: Some(Box::new(slot)), ..Entry::default() };
            if let Some(index) = self.entries.iter().position(|entry| entry.is_lost) {
                *self.entries.get_mut(index)? = new;
                return Some(index);
            }
            self.entries.push(new);
            return self.entries.len().checked_sub(1);
        }
        self.most_entries = self.entries.len();
        Some(free?.0)
    }

    /// Gives a slot back after a call that ended at this time.
    pub(crate) fn give_back(&mut self, Taken { index, slot }: Taken, plugin: &PluginPages, used_at: u64) {
        self.in_use = self.in_use.saturating_sub(1);
        self.uses = self.uses.saturating_add(1);
        if let Some(entry) = self.entries.get_mut(index) {
            let plugin_number = Some(plugin.number());
            *entry = Entry { slot: Some(slot), plugin: plugin_number, used: self.uses, used_at, ..Entry::default() };
            plugin.warm_slots().push(index);
        }
    }

    /// Gives a slot back as new, after a call or after something else.
    pub(crate) fn give_back_as_new(&mut self, Taken { index, slot }: Taken, was_in_call: bool) {
        self.in_use = self.in_use.saturating_sub(usize::from(was_in_call));
        if let Some(entry) = self.entries.get_mut(index) {
            *entry = Entry { slot: Some(slot), ..Entry::default() };
        }
    }

    /// Notes that a slot is gone.
    pub(crate) fn give_up(&mut self, index: usize, was_in_call: bool) {
        self.in_use = self.in_use.saturating_sub(usize::from(was_in_call));
        if let Some(entry) = self.entries.get_mut(index) {
            *entry = Entry { is_lost: true, ..Entry::default() };
        }
    }

    /// A slot that no call has, and whose last plugin was this one.
    pub(crate) fn take_of(&mut self, plugin: PluginNumber, index: usize) -> Option<Taken> {
        let entry = self.entries.get_mut(index).filter(|entry| entry.plugin == Some(plugin))?;
        Some(Taken { index, slot: entry.slot.take()? })
    }

    /// The first slot from this index on that keeps something and was not used since that time. It stays with its plugin.
    pub(crate) fn take_idle(&mut self, from: usize, before: u64) -> Option<Taken> {
        let is_idle =
            |entry: &Entry| entry.used_at <= before && entry.slot.as_ref().is_some_and(|slot| slot.kept_bytes() > 0);
        let (index, entry) = self.entries.iter_mut().enumerate().skip(from).find(|(_, entry)| is_idle(entry))?;
        entry.is_being_trimmed = true;
        Some(Taken { index, slot: entry.slot.take()? })
    }

    /// Gives a slot of [`Self::take_idle`] back.
    pub(crate) fn give_back_trimmed(&mut self, Taken { index, slot }: Taken) {
        if let Some(entry) = self.entries.get_mut(index) {
            entry.slot = Some(slot);
            entry.is_being_trimmed = false;
        }
    }
}

impl Taken {
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// The same index with a new slot; the old one is unmapped.
    pub(crate) fn renewed(self) -> io::Result<Self> {
        let Self { index, slot } = self;
        drop(slot);
        Ok(Self { index, slot: Box::new(Slot::reserve()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;
    use crate::sandbox::memory::plugin_pages::PluginPages;

    #[test]
    fn a_call_gets_a_slot_while_something_else_has_the_others() {
        let mut slots = Slots::reserve(1, false).unwrap();
        let plugins = [PluginPages::new(None, true), PluginPages::new(None, true)];
        let indices = plugins.each_ref().map(|plugin| {
            let taken = slots.take(plugin).unwrap();
            let index = taken.index();
            slots.give_back(taken, plugin, 0);
            index
        });
        // As for plugins that are being unloaded.
        let others = [0, 1].map(|at| slots.take_of(plugins[at].number(), indices[at]).unwrap());
        let taken = slots.take(&plugins[0]).unwrap();
        assert!(slots.take(&plugins[0]).is_none());
        slots.give_back(taken, &plugins[0], 0);
        for other in others {
            slots.give_back_as_new(other, false);
        }
    }

    #[test]
    fn a_slot_that_was_lost_is_made_again_once_the_system_has_room() {
        let mut slots = Slots::reserve(2, true).unwrap();
        let plugin = PluginPages::new(None, true);
        for _ in 0..5 {
            let taken = [slots.take(&plugin).unwrap(), slots.take(&plugin).unwrap()];
            for taken in taken {
                slots.give_up(taken.index(), true);
            }
        }
        assert_eq!(slots.entries.len(), 2);
    }
}
