//! The reset of one memory.

use std::io;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

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
    let reads_too_much = slot.read_pages.are_too_many(is_others, is_slow(&written, memory.len()));
    let keeps = !is_over
        && written.pages <= plugin.allowed_pages().min(most)
        && written.runs <= MOST_RUNS
        && !reads_too_much
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
    /// How long the kernel took to tell.
    scanning: Duration,
}

/// Restores the written pages; `false` as soon as they are more than `most`.
fn restore(memory: &mut [u8], plugin: &PluginMemory, most: u32, written: &mut Written) -> io::Result<bool> {
    let image_end = plugin.image_end().unwrap_or(memory.len()).min(memory.len());
    let mut begins = 0;
    while begins < memory.len() {
        let is_image = begins < image_end;
        let part = begins..if is_image { image_end } else { memory.len() };
        let started = Instant::now();
        let scan = plugin.resets.page_map.scan(memory, part, is_image)?;
        written.scanning = written.scanning.saturating_add(started.elapsed());
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

/// Did the kernel pass over many pages that it did not report? It took 1.5 µs for a memory without such pages, and 2 to 25 ns more
/// for each of them. For a page that it reports it takes 25 ns as well.
fn is_slow(written: &Written, length: usize) -> bool {
    const SCAN_NANOSECONDS: u64 = 2_000;
    const PAGE_NANOSECONDS: u64 = 60;
    // The image, the rest, and one more whenever the list of runs was full.
    let scans = written.runs.div_euclid(MOST_RUNS).saturating_add(2) as u64;
    let expected = scans
        .saturating_mul(SCAN_NANOSECONDS)
        .saturating_add(u64::from(written.pages).saturating_mul(PAGE_NANOSECONDS))
        .saturating_add(u64::from(pages(length)).div_euclid(16));
    written.scanning > Duration::from_nanos(expected)
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
