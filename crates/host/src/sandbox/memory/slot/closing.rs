//! Closing the pages that calls do not usually write to, so that they need no reset.

use std::io;

use crate::sandbox::memory::slot::Slot;
use crate::sandbox::memory::slot::page_ranges::{bytes_of, gaps, joined, split_off};

/// Fewer bytes are not worth closing: their reset costs less than a signal.
const LEAST_CLOSED_BYTES: usize = 16 * 4_096;

impl Slot {
    /// Has no more than `allowed` bytes of pages known, as far as that is possible: of those that calls do not usually write to, it
    /// closes the most that lie together, and gives others back. After a call that `was_usual`, those that it changed are usual.
    ///
    /// All pages have their initial bytes.
    pub(crate) fn close_unusual(&mut self, allowed: usize, was_usual: bool, now: u64) -> io::Result<()> {
        let mut usual = std::mem::take(&mut self.usual);
        if was_usual {
            usual.extend_from_slice(&self.changed);
            usual = joined(usual);
            if bytes_of(&usual) > allowed {
                usual = joined(std::mem::take(&mut self.changed));
            }
        } else {
            usual = joined(usual);
        }
        self.known.append(&mut self.closed);
        let mut pages = joined(std::mem::take(&mut self.known));
        let mut gaps = gaps(&usual, &pages).into_iter().peekable();
        let fullest = gaps.next_if(|gap| gap.bytes >= LEAST_CLOSED_BYTES);
        self.closed_bytes = 0;
        if let Some(gap) = fullest {
            // If they are closed already, they stay so.
            if self.mapping.closed().range() == gap.range || self.mapping.close(gap.range.clone())? {
                self.closed = split_off(&mut pages, &gap.range);
                self.closed_bytes = bytes_of(&self.closed);
                self.closed_at = now;
            } else {
                self.mapping.drop_pages(gap.range.clone())?;
                split_off(&mut pages, &gap.range);
            }
        } else {
            self.mapping.open()?;
        }
        self.known_bytes = bytes_of(&pages);
        for gap in gaps {
            if self.known_bytes <= allowed {
                break;
            }
            self.mapping.drop_pages(gap.range.clone())?;
            self.given_back.append(&mut split_off(&mut pages, &gap.range));
            self.known_bytes = self.known_bytes.saturating_sub(gap.bytes);
        }
        self.known = pages;
        Ok(())
    }

    /// Gives the closed pages back to the kernel.
    pub(crate) fn drop_closed(&mut self) -> io::Result<()> {
        let range = self.mapping.closed().range();
        self.mapping.open()?;
        self.mapping.drop_pages(range)?;
        self.closed.clear();
        self.closed_bytes = 0;
        Ok(())
    }
}
