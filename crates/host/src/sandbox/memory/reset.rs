//! The reset of a memory after a call.

use std::io;

use crate::sandbox::memory::memories::Memories;
use crate::sandbox::memory::plugin_pages::PluginPages;
use crate::sandbox::memory::slot::{Listed, Slot};

/// Gives a memory its initial bytes back after the last code of its guest has run. `had_fault` is false only if the call had no page
/// fault, so that it wrote to known pages alone.
///
/// # Errors
/// If the kernel refuses. The memory may then still have what the guest wrote.
pub(crate) fn reset(slot: &mut Slot, plugin: &PluginPages, memories: &Memories, had_fault: bool) -> io::Result<()> {
    if slot.is_broken() {
        return Err(io::Error::other("its size could not be changed"));
    }
    let before = slot.kept_bytes();
    let mut dropped = 0;
    if had_fault || slot.is_to_be_checked() {
        let listed = slot.list(memories.page_map(), plugin.image());
        let Ok(Listed { dropped: gone, is_incomplete: false, was_known }) = listed else {
            return drop_all(slot, plugin, memories, before);
        };
        dropped = gone;
        if !had_fault && !was_known {
            memories.distrust_fault_counts();
        }
    }
    if slot.kept_bytes() > plugin.allowed_bytes().min(memories.most_kept_bytes()) {
        return drop_all(slot, plugin, memories, before);
    }
    let restored = slot.restore(plugin.image())?;
    plugin.note(restored.saturating_add(dropped), false);
    if !memories.keep(before, slot.kept_bytes()) {
        slot.drop_pages()?;
        memories.keep(before, 0);
    }
    Ok(())
}

fn drop_all(slot: &mut Slot, plugin: &PluginPages, memories: &Memories, before: usize) -> io::Result<()> {
    // What the slot kept may have been written as well.
    plugin.note(slot.kept_bytes().saturating_sub(before), true);
    slot.drop_pages()?;
    memories.keep(before, 0);
    Ok(())
}
