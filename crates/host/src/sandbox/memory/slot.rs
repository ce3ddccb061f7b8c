//! A slot: address space for one memory, and what its last call left there.

use std::io;
use std::ops::Range;

use crate::sandbox::memory::kernel::image::Image;
use crate::sandbox::memory::kernel::mapping::Mapping;
use crate::sandbox::memory::kernel::page_map::{PageMap, Run, page_bytes};
use crate::sandbox::memory::plugin_pages::{PluginNumber, PluginPages};

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
    /// The pages that may be there and written to. All others are as they were mapped, and a write to one is a page fault.
    known: Vec<Range<usize>>,
    /// The bytes of these pages.
    known_bytes: usize,
    /// No page from here on was accessible since all were dropped.
    touched: usize,
    calls_without_fault: u32,
    is_broken: bool,
}

/// What a look at the pages found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The bytes of pages that were given back, because they were swapped out or just being moved.
    pub(crate) dropped: usize,
    /// Were they in too many runs to list them all?
    pub(crate) is_incomplete: bool,
    /// Were all among the known ones?
    pub(crate) was_known: bool,
}

impl Slot {
    /// A new slot, in which nothing is accessible.
    pub(crate) fn reserve() -> io::Result<Self> {
        Ok(Self {
            mapping: Mapping::reserve()?,
            plugin: None,
            known: Vec::new(),
            known_bytes: 0,
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

    /// Did the kernel refuse to change what is accessible? Then too much may be.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Forgets its plugin, and everything in the memory.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        // The pages beyond the accessible ones are from a memory that had grown.
        self.drop_pages()?;
        self.mapping.clear()?;
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

    #[cfg(test)]
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        self.mapping.bytes()
    }

    /// The bytes that it keeps resident for the next call.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.known_bytes
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

    /// Asks the kernel which pages were written to.
    pub(crate) fn list(&mut self, page_map: &PageMap, image: Option<&Image>) -> io::Result<Listed> {
        let length = self.mapping.accessible();
        let scan = page_map.scan(self.mapping.bytes(), image.is_some())?;
        let was_known = scan.runs().all(|run| self.knows(&run));
        let mut listed = Listed { dropped: 0, is_incomplete: scan.ends < length, was_known };
        // What a larger memory left beyond this one is still there.
        self.known.retain_mut(|pages| {
            pages.start = pages.start.max(length);
            pages.start < pages.end
        });
        for Run { begins, length, is_present } in scan.runs() {
            let pages = begins..begins.saturating_add(length);
            if is_present {
                self.known.push(pages);
            } else {
                // Reading it back only to overwrite it would wait for a disk.
                self.mapping.drop_pages(pages)?;
                listed.dropped = listed.dropped.saturating_add(length);
            }
        }
        self.known_bytes = self.known.iter().map(ExactSizeIterator::len).fold(0, usize::saturating_add);
        Ok(listed)
    }

    fn knows(&self, run: &Run) -> bool {
        let ends = run.begins.saturating_add(run.length);
        self.known.iter().any(|pages| pages.start <= run.begins && ends <= pages.end)
    }

    /// Gives the known pages their initial bytes back, and counts the bytes of those that had others.
    pub(crate) fn restore(&mut self, image: Option<&Image>) -> io::Result<usize> {
        let page = page_bytes();
        let length = self.mapping.accessible();
        let memory = self.mapping.bytes();
        let (image_begins, image) = image.map_or((0, &[][..]), |image| (image.range().start, image.bytes()));
        let mut changed = 0_usize;
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
                    changed = changed.saturating_add(page);
                }
                begins = begins.saturating_add(page);
            }
        }
        Ok(changed)
    }

    /// Gives all its pages back to the kernel. The memory then is as before the first call.
    pub(crate) fn drop_pages(&mut self) -> io::Result<()> {
        if self.touched > 0 {
            self.mapping.drop_pages(0..self.touched)?;
        }
        self.known.clear();
        self.known_bytes = 0;
        self.touched = self.mapping.accessible();
        Ok(())
    }
}
