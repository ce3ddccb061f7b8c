//! What is known of a plugin's memory: its initial bytes, and how much of it calls usually write to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::sandbox::reset::initial_pages::InitialPages;
use crate::sandbox::reset::page_map::page_bytes;
use crate::sandbox::reset::resets::Resets;

/// Pages that a memory may keep beyond those that the plugin usually writes to, and a quarter of those. Each costs a call 0.17 µs,
/// and a call of a few µs must not become slower by more than a fifth.
const SPARE_PAGES: u32 = 8;

/// What is known of a plugin's memory.
#[derive(Debug)]
pub(crate) struct PluginMemory {
    pub(crate) resets: Arc<Resets>,
    pub(crate) initial: InitialPages,
    /// From here on, in bytes, no page can be of the image of the plugin's data.
    image_end: usize,
    /// The pages that a call usually writes to.
    ///
    /// It rises by half in a call that writes to more, and falls by a fifteenth in one that writes to less, so it comes to rest
    /// where one call in seven writes to more. That is where keeping a page (0.17 µs in each call) costs as much as dropping it
    /// and having it again when it is needed (1.4 µs).
    usual_pages: AtomicU32,
}

impl PluginMemory {
    /// Of a plugin whose memory begins with this size, and whose data ends at `data_end`, before its first call.
    pub(crate) fn new(initial_bytes: usize, data_end: usize, resets: &Arc<Resets>) -> Self {
        let page = page_bytes();
        Self {
            resets: Arc::clone(resets),
            initial: InitialPages::of_memory(initial_bytes, page),
            image_end: data_end.min(initial_bytes).next_multiple_of(page),
            usual_pages: AtomicU32::new(0),
        }
    }

    /// Where a scan no longer has to tell the image's pages from others, which takes longer than finding written ones. A second
    /// scan takes as long as telling 30 pages apart.
    pub(crate) fn image_end(&self) -> Option<usize> {
        const WORTH_A_SCAN: u32 = 48;
        (self.image_end == 0 || self.usual_pages.load(Ordering::Relaxed) > WORTH_A_SCAN).then_some(self.image_end)
    }

    /// The most pages that a memory may keep after a call.
    pub(crate) fn allowed_pages(&self) -> u32 {
        allowed(self.usual_pages.load(Ordering::Relaxed))
    }

    /// Takes into account that a call wrote to this many pages, or to more if `is_more`.
    pub(crate) fn note(&self, written: u32, is_more: bool) {
        // Two calls that end at once may lose one of the notes.
        let usual = self.usual_pages.load(Ordering::Relaxed);
        self.usual_pages.store(next_usual(usual, written, is_more), Ordering::Relaxed);
    }
}

fn allowed(usual: u32) -> u32 {
    usual.saturating_add(usual.div_euclid(4)).saturating_add(SPARE_PAGES)
}

fn next_usual(usual: u32, written: u32, is_more: bool) -> u32 {
    if written > usual {
        let raised = allowed(usual).max(usual.saturating_add(usual.div_euclid(2)));
        if is_more { raised } else { raised.min(written) }
    } else {
        let lowered = usual.saturating_sub(usual.div_euclid(15).max(1));
        lowered.max(written)
    }
}

#[cfg(test)]
mod tests {
    use super::{SPARE_PAGES, allowed, next_usual};

    /// The usual pages after these calls, of which each found its memory clean or within what is allowed.
    fn after(calls: impl IntoIterator<Item = u32>) -> u32 {
        calls.into_iter().fold(0, |usual, written| {
            let most = allowed(usual);
            if written > most { next_usual(usual, most + 1, true) } else { next_usual(usual, written, false) }
        })
    }

    #[test]
    fn a_plugin_that_writes_to_a_megabyte_in_every_call_may_soon_keep_it() {
        assert!(allowed(after([256; 12])) >= 256, "{}", after([256; 12]));
    }

    #[test]
    fn one_large_call_does_not_let_a_plugin_of_small_calls_keep_its_pages() {
        let small = [2; 100];
        let usual = after(small.into_iter().chain([900]));
        assert!(allowed(usual) < 64, "{usual}");
        assert!(allowed(after(small.into_iter().chain([900]).chain([2; 40]))) <= 2 + SPARE_PAGES + 1);
    }

    #[test]
    fn pages_that_one_call_in_a_hundred_needs_are_not_kept_and_those_of_one_in_three_are() {
        let stream = |period: u32| (0..1_000).map(move |call| if call % period == 0 { 256 } else { 2 });
        assert!(allowed(after(stream(100))) < 64);
        assert!(allowed(after(stream(3))) >= 256);
    }

    #[test]
    fn what_is_usual_follows_a_plugin_that_comes_to_write_less() {
        assert!(allowed(after([256; 50].into_iter().chain([3; 300]))) <= 3 + SPARE_PAGES + 1);
    }
}
