//! Which pages of a slot were written to.

use std::io;
use std::ops::Range;

use crate::sandbox::memory::kernel::image::Image;
use crate::sandbox::memory::kernel::page_map::{PageMap, Run};
use crate::sandbox::memory::slot::Slot;
use crate::sandbox::memory::slot::page_ranges::{bytes_of, split_off};

/// What a look at the pages found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The bytes of pages that were given back, because they were swapped out or just being moved.
    pub(crate) dropped: usize,
    /// Were they in too many runs to list them all?
    pub(crate) is_incomplete: bool,
    /// Were all among the known ones?
    pub(crate) was_known: bool,
    /// Those that the last reset gave back, so that this call has written to them.
    pub(crate) returned: Vec<Range<usize>>,
}

impl Slot {
    /// Asks the kernel which pages were written to.
    pub(crate) fn list(&mut self, page_map: &PageMap, image: Option<&Image>) -> io::Result<Listed> {
        let length = self.mapping.accessible();
        let closed = self.mapping.closed().within(&(0..length));
        let mut listed = Listed { dropped: 0, is_incomplete: false, was_known: true, returned: Vec::new() };
        let mut found = Vec::new();
        for part in [0..closed.start, closed.end..length] {
            if part.is_empty() {
                continue;
            }
            let memory = self.mapping.bytes().get(part.clone()).ok_or(io::ErrorKind::InvalidData)?;
            let scan = page_map.scan(memory, image.is_some())?;
            listed.is_incomplete |= scan.ends < part.len();
            for Run { begins, length, is_present } in scan.runs() {
                let begins = part.start.saturating_add(begins);
                let pages = begins..begins.saturating_add(length);
                listed.was_known &= self.knows(&pages);
                if is_present {
                    found.push(pages);
                } else {
                    // Reading it back only to overwrite it would wait for a disk.
                    self.mapping.drop_pages(pages)?;
                    page_map.note_absent(length);
                    listed.dropped = listed.dropped.saturating_add(length);
                }
            }
        }
        let given_back = std::mem::take(&mut self.given_back);
        if !given_back.is_empty() {
            let mut rest = found.clone();
            for pages in given_back {
                listed.returned.append(&mut split_off(&mut rest, &pages));
            }
        }
        // What a larger memory left beyond this one is still there.
        self.known.retain_mut(|pages| {
            pages.start = pages.start.max(length);
            pages.start < pages.end
        });
        self.known.append(&mut found);
        self.known_bytes = bytes_of(&self.known);
        Ok(listed)
    }

    fn knows(&self, run: &Range<usize>) -> bool {
        self.known.iter().any(|pages| pages.start <= run.start && run.end <= pages.end)
    }
}
