//! The reset of a memory after a call.

use std::io;
use std::sync::atomic::Ordering;

use crate::sandbox::memory::memories::Memories;
use crate::sandbox::memory::plugin_pages::{MOST_KEPT_BYTES, PluginPages};
use crate::sandbox::memory::slot::{Listed, Slot};

/// Closed pages that no call opened for so many ticks of the trimmer are given back: 10 seconds.
const CLOSED_TICKS: u64 = 20;

/// Gives a memory its initial bytes back after the last code of its guest has run. `had_fault` is false only if the call had no page
/// fault, so that it wrote to known pages alone, or to closed ones that it opened.
///
/// # Errors
/// If the kernel refuses. The memory may then still have what the guest wrote.
pub(crate) fn reset(slot: &mut Slot, plugin: &PluginPages, memories: &Memories, had_fault: bool) -> io::Result<()> {
    if slot.is_broken() {
        return Err(io::Error::other("the access to its pages could not be changed"));
    }
    let before = slot.kept_bytes();
    let opened = slot.end_call();
    let (mut dropped, mut returned) = (0, Vec::new());
    if had_fault || slot.is_to_be_checked() {
        let listed = slot.list(memories.page_map(), plugin.image());
        let Ok(Listed { dropped: gone, is_incomplete: false, was_known, returned: found }) = listed else {
            return drop_all(slot, plugin, memories, before, opened);
        };
        (dropped, returned) = (gone, found);
        if !had_fault && !was_known {
            memories.distrust_fault_counts();
        }
    }
    let most = memories.most_kept_bytes();
    let allowed = plugin.allowed_bytes().min(most);
    let is_unusual = slot.known_bytes() > allowed;
    if is_unusual && !(slot.kept_bytes() <= most.min(MOST_KEPT_BYTES) && can_close(slot, plugin, memories, before)) {
        return drop_all(slot, plugin, memories, before, opened);
    }
    let restored = slot.restore(plugin.image())?;
    // A call writes its context. Without a write there was none: the cell was made ready and given up.
    let written = restored.saturating_add(dropped);
    if written > 0 {
        plugin.note(written, false);
        plugin.note_unchanged(slot.unchanged_bytes(returned), slot.known_bytes());
    }
    if opened > 0 {
        plugin.note_opening(opened, restored);
    }
    let now = memories.clock.load(Ordering::Relaxed);
    if is_unusual {
        slot.close_unusual(allowed, restored <= allowed, now)?;
    } else if slot.closed_at().is_some_and(|closed| closed.saturating_add(CLOSED_TICKS) < now) {
        slot.drop_closed()?;
    }
    if !memories.keep(before, slot.kept_bytes()) {
        slot.drop_pages()?;
        memories.keep(before, 0);
    }
    Ok(())
}

fn can_close(slot: &Slot, plugin: &PluginPages, memories: &Memories, before: usize) -> bool {
    plugin.may_close() && memories.have_room(before, slot.kept_bytes()) && memories.can_close()
}

fn drop_all(
    slot: &mut Slot,
    plugin: &PluginPages,
    memories: &Memories,
    before: usize,
    opened: usize,
) -> io::Result<()> {
    // What the slot kept may have been written as well.
    plugin.note(slot.kept_bytes().saturating_sub(before).max(opened), true);
    plugin.note_dropping(slot.kept_bytes());
    slot.drop_pages()?;
    memories.keep(before, 0);
    Ok(())
}
