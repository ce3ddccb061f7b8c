//! A slot: address space for one memory, and what its last call left there.

mod closing;
mod listing;
mod page_ranges;

use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::sandbox::memory::kernel::closed_pages::ClosedPages;
use crate::sandbox::memory::kernel::image::Image;
use crate::sandbox::memory::kernel::mapping::Mapping;
use crate::sandbox::memory::kernel::page_map::page_bytes;
use crate::sandbox::memory::plugin_pages::{PluginNumber, PluginPages};
use crate::sandbox::memory::slot::page_ranges::{bytes_of, joined, split_off};

pub(crate) use listing::Listed;

/// One call in so many without a page fault looks at its pages all the same, to find a kernel that counts faults otherwise.
const CHECKED_CALLS: u32 = 64;

/// The largest page of any kernel, and that of WebAssembly.
const MOST_PAGE_BYTES: usize = 65_536;

/// The initial bytes of a page without an image.
static ZEROS: Page = Page([0; MOST_PAGE_BYTES]);

/// Aligned as the pages that it is copied to. Of a source that begins a few bytes before another page, the processor takes each read
/// for one of what it has just written: with 8 bytes, the copy of a page took 1.2 µs instead of 0.06.
#[repr(align(4096))]
struct Page([u8; MOST_PAGE_BYTES]);

/// A slot. Only the call that has it changes it, or the trimmer while no call has it.
#[derive(Debug)]
pub(crate) struct Slot {
    mapping: Mapping,
    /// The plugin whose image is mapped.
    plugin: Option<PluginNumber>,
    /// The pages that may be there and written to. All others are closed, or as they were mapped, and a write to one is a page fault.
    known: Vec<Range<usize>>,
    /// The bytes of these pages.
    known_bytes: usize,
    /// The pages that were known when the call began: those that calls usually write to.
    usual: Vec<Range<usize>>,
    /// The pages that the last reset found changed.
    changed: Vec<Range<usize>>,
    /// The pages that the last reset gave back, because calls do not seem to write to them.
    given_back: Vec<Range<usize>>,
    /// The closed pages that may be there. They have their initial bytes.
    closed: Vec<Range<usize>>,
    /// The bytes of these pages.
    closed_bytes: usize,
    /// When they were closed, as the trimmer counts.
    closed_at: u64,
    /// No page from here on was accessible since all were dropped.
    touched: usize,
    calls_without_fault: u32,
    is_broken: bool,
}

impl Slot {
    /// A new slot, in which nothing is accessible.
    pub(crate) fn reserve() -> io::Result<Self> {
        Ok(Self {
            mapping: Mapping::reserve()?,
            plugin: None,
            known: Vec::new(),
            known_bytes: 0,
            usual: Vec::new(),
            changed: Vec::new(),
            given_back: Vec::new(),
            closed: Vec::new(),
            closed_bytes: 0,
            closed_at: 0,
            touched: 0,
            calls_without_fault: 0,
            is_broken: false,
        })
    }

    /// Gives it the initial memory of a plugin, which has so many bytes.
    pub(crate) fn prepare(&mut self, plugin: &PluginPages, bytes: usize) -> io::Result<()> {
        if self.plugin != Some(plugin.number()) {
            self.clear()?;
            self.mapping.set_accessible(bytes)?;
            if let Some(image) = plugin.image() {
                self.mapping.map_file(image.file(), image.range())?;
            }
            self.plugin = Some(plugin.number());
        }
        self.grow_or_shrink(bytes)
    }

    /// Makes its memory so many bytes long.
    pub(crate) fn grow_or_shrink(&mut self, bytes: usize) -> io::Result<()> {
        self.touched = self.touched.max(bytes);
        self.mapping.set_accessible(bytes).inspect_err(|_| self.is_broken = true)
    }

    /// Did the kernel refuse to change what is accessible, or to open closed pages? Then too much may be accessible or writable.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken || self.mapping.closed().are_stuck()
    }

    /// Forgets its plugin, and everything in the memory.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        // The pages beyond the accessible ones are from a memory that had grown.
        self.drop_pages()?;
        self.mapping.clear()?;
        self.given_back.clear();
        self.plugin = None;
        Ok(())
    }

    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.mapping.as_ptr()
    }

    /// The memory's length in bytes.
    pub(crate) fn length(&self) -> usize {
        self.mapping.accessible()
    }

    /// Its closed pages, if it has any.
    pub(crate) fn closed_pages(&self) -> Option<&Arc<ClosedPages>> {
        (self.closed_bytes > 0).then(|| self.mapping.closed())
    }

    #[cfg(test)]
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        self.mapping.bytes()
    }

    /// The bytes that it keeps resident for the next call.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.known_bytes.saturating_add(self.closed_bytes)
    }

    /// The bytes of pages that are reset after each call.
    pub(crate) fn known_bytes(&self) -> usize {
        self.known_bytes
    }

    /// When its closed pages were closed; `None` if it has none.
    pub(crate) fn closed_at(&self) -> Option<u64> {
        (self.closed_bytes > 0).then_some(self.closed_at)
    }

    /// Is its plugin this one?
    pub(crate) fn is_of(&self, plugin: &PluginPages) -> bool {
        self.plugin == Some(plugin.number())
    }

    /// Is it the turn of a call without a page fault to look at its pages all the same?
    pub(crate) fn is_to_be_checked(&mut self) -> bool {
        self.calls_without_fault = self.calls_without_fault.wrapping_add(1);
        self.calls_without_fault.is_multiple_of(CHECKED_CALLS)
    }

    /// Begins the reset after a call. If it opened the closed pages, it may have written to them; returns their bytes.
    pub(crate) fn end_call(&mut self) -> usize {
        self.usual.clone_from(&self.known);
        if !self.mapping.settle() {
            return 0;
        }
        self.known.append(&mut self.closed);
        // The kernel reports pages in a row as one.
        self.known = joined(std::mem::take(&mut self.known));
        self.known_bytes = self.known_bytes.saturating_add(self.closed_bytes);
        std::mem::take(&mut self.closed_bytes)
    }

    /// Gives the known pages their initial bytes back, and counts the bytes of those that had others.
    pub(crate) fn restore(&mut self, image: Option<&Image>) -> io::Result<usize> {
        let page = page_bytes();
        let length = self.mapping.accessible();
        let memory = self.mapping.bytes();
        let (image_begins, image) = image.map_or((0, &[][..]), |image| (image.range().start, image.bytes()));
        self.changed.clear();
        for pages in &self.known {
            // The guest did not have what is beyond.
            let run = memory.get_mut(pages.start.min(length)..pages.end.min(length));
            let mut begins = pages.start;
            for bytes in run.ok_or(io::ErrorKind::InvalidData)?.chunks_exact_mut(page) {
                let initial = begins.checked_sub(image_begins).and_then(|begins| image.get(begins..)?.get(..page));
                let initial = initial.or(ZEROS.0.get(..page)).ok_or(io::ErrorKind::InvalidData)?;
                // Reading costs as much as writing, but tells whether this call wrote to the page.
                if *bytes != *initial {
                    bytes.copy_from_slice(initial);
                    let ends = begins.saturating_add(page);
                    match self.changed.last_mut() {
                        Some(last) if last.end == begins => last.end = ends,
                        _ => self.changed.push(begins..ends),
                    }
                }
                begins = begins.saturating_add(page);
            }
        }
        Ok(bytes_of(&self.changed))
    }

    /// The bytes of these pages that the last reset found unchanged.
    pub(crate) fn unchanged_bytes(&self, mut pages: Vec<Range<usize>>) -> usize {
        for changed in &self.changed {
            split_off(&mut pages, changed);
        }
        bytes_of(&pages)
    }

    /// Gives all its pages back to the kernel. The memory then is as before the first call.
    pub(crate) fn drop_pages(&mut self) -> io::Result<()> {
        if self.touched > 0 {
            self.mapping.drop_pages(0..self.touched)?;
        }
        self.mapping.open()?;
        self.given_back = std::mem::take(&mut self.known);
        self.known_bytes = 0;
        self.closed.clear();
        self.closed_bytes = 0;
        self.touched = self.mapping.accessible();
        Ok(())
    }
}
