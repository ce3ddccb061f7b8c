//! What is known of the pages of a plugin's memory: their initial bytes, and how many of them calls usually write to.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::sandbox::memory::kernel::image::Image;
use crate::sandbox::memory::kernel::page_map::page_bytes;

/// Pages that a memory may keep beyond those that the plugin usually writes to, and a quarter of those. Each costs a call 0.04 to
/// 0.17 µs, and a call of a few µs must not become slower by more than a fifth.
const SPARE_PAGES: u32 = 8;

/// The most bytes that a slot keeps: twice the default of `maxMemoryPages`. Resetting a page took 0.18 µs and having it anew 1.4 µs
/// or more at every size up to that, so memory is what bounds it (`maxIdleMemoryBytes`).
const MOST_KEPT_BYTES: usize = 32 * 1_024 * 1_024;

/// The number of a plugin's memory in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PluginNumber(u64);

/// What is known of the pages of a plugin's memory.
#[derive(Debug)]
pub(crate) struct PluginPages {
    number: PluginNumber,
    image: Option<Arc<Image>>,
    /// The slots that have its image mapped and that no call has, by their index; the last one was used last. Some may have gone
    /// to another plugin since.
    warm_slots: Mutex<Vec<usize>>,
    /// The pages that a call usually writes to.
    ///
    /// It rises by half in a call that writes to more, and falls by a fifteenth in one that writes to less, so it comes to rest
    /// where one call in seven writes to more. That is where keeping a page (0.17 µs in each call) costs as much as dropping it
    /// and having it again when it is needed (1.4 µs).
    usual_pages: AtomicU32,
}

impl PluginPages {
    /// Of a plugin whose memory begins with this image, before its first call.
    pub(crate) fn new(image: Option<Arc<Image>>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            number: PluginNumber(NEXT.fetch_add(1, Ordering::Relaxed)),
            image,
            warm_slots: Mutex::default(),
            usual_pages: AtomicU32::new(0),
        }
    }

    pub(crate) fn number(&self) -> PluginNumber {
        self.number
    }

    pub(crate) fn image(&self) -> Option<&Image> {
        self.image.as_deref()
    }

    pub(crate) fn warm_slots(&self) -> MutexGuard<'_, Vec<usize>> {
        self.warm_slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most bytes that a slot may keep after a call.
    pub(crate) fn allowed_bytes(&self) -> usize {
        let pages = usize::try_from(allowed(self.usual_pages.load(Ordering::Relaxed))).unwrap_or(usize::MAX);
        pages.saturating_mul(page_bytes()).min(MOST_KEPT_BYTES)
    }

    /// Takes into account that a call wrote to this many bytes, or to more if `is_more`.
    pub(crate) fn note(&self, written: usize, is_more: bool) {
        let pages = written.checked_div(page_bytes()).and_then(|pages| u32::try_from(pages).ok()).unwrap_or(u32::MAX);
        // Two calls that end at once may lose one of the notes.
        let usual = self.usual_pages.load(Ordering::Relaxed);
        let next = next_usual(usual, pages, is_more);
        if next != usual {
            self.usual_pages.store(next, Ordering::Relaxed);
        }
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
