//! What is known of the pages of a plugin's memory: their initial bytes, and how many of them calls usually write to.

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::sandbox::memory::kernel::image::Image;
use crate::sandbox::memory::kernel::page_map::page_bytes;

/// Pages that a memory may keep beyond those that the plugin usually writes to, and a quarter of those. Each costs a call 0.04 to
/// 0.17 µs, and a call of a few µs must not become slower by more than a fifth.
const SPARE_PAGES: u32 = 8;

/// The most bytes that a slot keeps: twice the default of `maxMemoryPages`. Resetting a page took 0.18 µs and having it anew 1.4 µs
/// or more at every size up to that, so memory is what bounds it (`maxIdleMemoryBytes`).
pub(crate) const MOST_KEPT_BYTES: usize = 32 * 1_024 * 1_024;

/// Having a page anew costs as much as the reset of so many.
const RESETS_FOR_A_FAULT: i64 = 8;

/// The resets of pages that a plugin may cost in vain before its pages are not closed any more, and the most that it can earn.
const RESETS_ON_TRUST: i64 = 16_384;

/// After so many calls that showed none, a slot keeps fewer of the pages that calls write to and leave as they were. To find out in this way
/// that they are needed costs up to 2 µs a page, which is 0.03 µs a call, and to keep one costs 0.04.
const CALLS_TO_TRIAL: u32 = 64;

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
    /// It rises by half in a call that writes to more, and falls by an eighth in one that writes to less, so it comes to rest
    /// where one call in four writes to more. Keeping a page open costs up to 0.17 µs in each call, and closing it and opening it
    /// again 0.13 µs.
    usual_pages: AtomicU32,
    /// The pages that a call usually writes to and leaves as they were, so that a reset cannot tell that it did. Counts of references are
    /// such writes. A call shows it only if the pages had been given back before.
    unchanged_pages: AtomicU32,
    /// The calls since fewer of them were tried.
    calls_since_trial: AtomicU32,
    /// What closed pages saved, less what they cost, in resets of a page. Below zero, none are closed.
    saved: AtomicI64,
    /// May pages be closed? Not if wasmtime writes to the memory: then no signal handler of a guest is asked.
    may_close: bool,
}

impl PluginPages {
    /// Of a plugin whose memory begins with this image, before its first call. It `is_all` if wasmtime writes no data there.
    pub(crate) fn new(image: Option<Arc<Image>>, is_all: bool) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            number: PluginNumber(NEXT.fetch_add(1, Ordering::Relaxed)),
            image,
            warm_slots: Mutex::default(),
            usual_pages: AtomicU32::new(0),
            unchanged_pages: AtomicU32::new(0),
            calls_since_trial: AtomicU32::new(0),
            saved: AtomicI64::new(RESETS_ON_TRUST),
            may_close: is_all,
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
        let unchanged = self.unchanged_pages.load(Ordering::Relaxed);
        let pages = allowed(self.usual_pages.load(Ordering::Relaxed)).saturating_add(unchanged);
        let pages = usize::try_from(pages).unwrap_or(usize::MAX);
        pages.saturating_mul(page_bytes()).min(MOST_KEPT_BYTES)
    }

    /// Does it pay to close pages?
    pub(crate) fn may_close(&self) -> bool {
        self.may_close && self.saved.load(Ordering::Relaxed) >= 0
    }

    /// Takes into account that a call opened closed pages of so many bytes, and wrote to so many bytes in all.
    pub(crate) fn note_opening(&self, opened: usize, written: usize) {
        // Two calls that end at once may lose one of the notes.
        let saved = self.saved.load(Ordering::Relaxed);
        let next = saved.saturating_add(pages_of(written.min(opened)).saturating_mul(RESETS_FOR_A_FAULT));
        let next = next.saturating_sub(pages_of(opened)).clamp(-RESETS_ON_TRUST, RESETS_ON_TRUST);
        self.saved.store(next, Ordering::Relaxed);
    }

    /// Takes into account that a call gave back so many bytes that could not be closed. After as many as were opened in vain, closing is
    /// tried again.
    pub(crate) fn note_dropping(&self, dropped: usize) {
        let saved = self.saved.load(Ordering::Relaxed);
        if saved < 0 {
            self.saved.store(saved.saturating_add(pages_of(dropped)), Ordering::Relaxed);
        }
    }

    /// Takes into account that a call wrote to so many bytes that had been given back, and left them as they were. The memory has
    /// `most` bytes that were ever written to.
    pub(crate) fn note_unchanged(&self, bytes: usize, most: usize) {
        // Two calls that end at once may lose one of the notes.
        let unchanged = self.unchanged_pages.load(Ordering::Relaxed);
        if bytes > 0 {
            let pages = i64::from(unchanged).saturating_add(pages_of(bytes)).min(pages_of(most));
            self.unchanged_pages.store(u32::try_from(pages).unwrap_or(u32::MAX), Ordering::Relaxed);
            self.calls_since_trial.store(0, Ordering::Relaxed);
        } else if unchanged > 0 {
            let calls = self.calls_since_trial.load(Ordering::Relaxed).saturating_add(1);
            let is_trial = calls >= CALLS_TO_TRIAL;
            self.calls_since_trial.store(if is_trial { 0 } else { calls }, Ordering::Relaxed);
            if is_trial {
                self.unchanged_pages.store(lowered(unchanged), Ordering::Relaxed);
            }
        }
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

fn pages_of(bytes: usize) -> i64 {
    bytes.checked_div(page_bytes()).and_then(|pages| i64::try_from(pages).ok()).unwrap_or(i64::MAX)
}

fn allowed(usual: u32) -> u32 {
    usual.saturating_add(usual.div_euclid(4)).saturating_add(SPARE_PAGES)
}

fn next_usual(usual: u32, written: u32, is_more: bool) -> u32 {
    if written > usual {
        let raised = allowed(usual).max(usual.saturating_add(usual.div_euclid(2)));
        if is_more { raised } else { raised.min(written) }
    } else {
        lowered(usual).max(written)
    }
}

fn lowered(pages: u32) -> u32 {
    pages.saturating_sub(pages.div_euclid(8).max(1))
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
