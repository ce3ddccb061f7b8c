//! The reset of one memory.

use std::io;
use std::sync::atomic::Ordering;

use crate::sandbox::reset::page_map::{self, MOST_RUNS, Run};
use crate::sandbox::reset::plugin_memory::PluginMemory;
use crate::sandbox::reset::resets::FEW_PAGES;
use crate::sandbox::reset::slots::Slot;

/// The most bytes that a pool slot keeps, as much as the default of `maxMemoryPages`. Resetting a page took 0.18 µs and having it
/// anew 1.4 µs or more at every size up to that, so memory is what bounds it (`maxIdleMemoryBytes`).
pub(crate) const MOST_KEPT_BYTES: usize = 16 * 1_024 * 1_024;

/// Gives a memory its initial bytes back after the last code of its guest has run.
///
/// # Errors
/// If the kernel refuses. The memory may then still have what the guest wrote.
pub(crate) fn reset(memory: &mut [u8], plugin: &PluginMemory) -> io::Result<()> {
    let resets = &*plugin.resets;
    let slot = resets.slots.at(memory.as_ptr().addr());
    let kept_before = slot.map_or(0, Slot::pages);
    let number = std::ptr::from_ref(plugin).addr();
    let is_others = slot.is_some_and(|slot| slot.plugin.swap(number, Ordering::Relaxed) != number);
    let most = resets.note_call(is_others && kept_before > FEW_PAGES).min(pages(MOST_KEPT_BYTES));
    let mut written = Written::default();
    let allowed = plugin.allowed_pages().min(most);
    let restored = restore(memory, plugin, allowed, &mut written);
    let is_over = !matches!(restored, Ok(true));
    // What the slot kept may have been written as well.
    let least = if is_over { written.pages.saturating_sub(kept_before) } else { written.changed };
    plugin.note(least, is_over);
    let Some(slot) = slot else { return page_map::drop_pages(memory) };
    drop_rest_of_slot(memory, slot);
    let keeps = !is_over
        && written.pages <= plugin.allowed_pages().min(most)
        && written.runs <= MOST_RUNS
        && resets.keep(slot, written.pages);
    if !keeps {
        page_map::drop_pages(memory)?;
        resets.keep(slot, 0);
    }
    Ok(())
}

/// What a scan found so far.
#[derive(Debug, Default)]
struct Written {
    /// The pages that this call or an earlier one wrote to.
    pages: u32,
    /// Those that had other bytes than before the call.
    changed: u32,
    runs: usize,
}

/// Restores the written pages; `false` as soon as they are more than `most`.
fn restore(memory: &mut [u8], plugin: &PluginMemory, most: u32, written: &mut Written) -> io::Result<bool> {
    let image_end = plugin.image_end().unwrap_or(memory.len()).min(memory.len());
    let mut begins = 0;
    while begins < memory.len() {
        let is_image = begins < image_end;
        let part = begins..if is_image { image_end } else { memory.len() };
        let scan = plugin.resets.page_map.scan(memory, part, is_image)?;
        for Run { begins, length, is_present } in scan.runs().iter().copied() {
            let run = begins.checked_add(length).and_then(|ends| memory.get_mut(begins..ends));
            let run = run.ok_or(io::ErrorKind::InvalidData)?;
            written.pages = written.pages.saturating_add(pages(length));
            written.runs = written.runs.saturating_add(1);
            if written.pages > most {
                return Ok(false);
            }
            if is_present {
                written.changed = written.changed.saturating_add(as_u32(plugin.initial.restore(run, begins)?));
            } else {
                // Reading it back only to overwrite it would wait for a disk.
                page_map::drop_pages(run)?;
                written.changed = written.changed.saturating_add(pages(length));
            }
        }
        if scan.ends <= begins {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        begins = scan.ends;
    }
    Ok(true)
}

/// Drops what a larger memory kept in the slot before. That is clean, but it would not be counted any more.
fn drop_rest_of_slot(memory: &[u8], slot: &Slot) {
    let address = memory.as_ptr().expose_provenance();
    slot.address.store(address, Ordering::Relaxed);
    let extent = slot.extent.swap(memory.len(), Ordering::Relaxed);
    if let (Some(ends), Some(rest)) = (address.checked_add(memory.len()), extent.checked_sub(memory.len()))
        && rest > 0
    {
        // SAFETY: this part of the slot is beyond the memory of the call that has the slot, so nothing uses it. The slot is mapped
        // privately, and a larger memory was there before.
        #[expect(unsafe_code, reason = "the part has no slice, because it is inaccessible")]
        let dropped = unsafe { page_map::drop_unused_pages(ends, rest) };
        if let Err(error) = dropped {
            tracing::debug!(%error, "the pages of a larger memory stay resident");
        }
    }
}

fn pages(bytes: usize) -> u32 {
    as_u32(bytes.checked_div(page_map::page_bytes()).unwrap_or_default())
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
