//! Pages of a pool slot that calls only read.

use std::sync::atomic::{AtomicU32, Ordering};

/// The slow scans in a row after which a slot gives its memory back, at first.
const FIRST_PATIENCE: u32 = 4;

/// Then a plugin reads as much in each call, and gets it back in one of some thousand.
const MOST_PATIENCE: u32 = 4_096;

/// Pages of a pool slot that calls only read: zeros, and those of an image.
///
/// They are clean, and a scan does not report them. But it passes over them as long as they are mapped, so one call that reads
/// much would slow down all calls after it. Slow scans show that there are many.
#[derive(Debug, Default)]
pub(crate) struct ReadPages {
    slow_in_a_row: AtomicU32,
    calls_since_drop: AtomicU32,
    patience: AtomicU32,
}

impl ReadPages {
    /// Notes a call. Returns whether to give the memory back, after too many slow scans in a row.
    ///
    /// If that does not help for long, the plugin of the slot needs the pages in its calls. Mapping them anew costs it more than
    /// passing over them, so it is done half as often.
    pub(crate) fn are_too_many(&self, is_other_plugin: bool, is_slow: bool) -> bool {
        if is_other_plugin {
            self.patience.store(FIRST_PATIENCE, Ordering::Relaxed);
        }
        let patience = self.patience.load(Ordering::Relaxed);
        let calls = self.calls_since_drop.load(Ordering::Relaxed).saturating_add(1);
        let slow = if is_slow { self.slow_in_a_row.load(Ordering::Relaxed).saturating_add(1) } else { 0 };
        let are_too_many = is_slow && slow >= patience;
        if are_too_many {
            let has_helped = calls > patience.saturating_mul(2);
            let next = if has_helped { FIRST_PATIENCE } else { patience.saturating_mul(2).min(MOST_PATIENCE) };
            self.patience.store(next, Ordering::Relaxed);
        }
        self.calls_since_drop.store(if are_too_many { 0 } else { calls }, Ordering::Relaxed);
        self.slow_in_a_row.store(if are_too_many { 0 } else { slow }, Ordering::Relaxed);
        are_too_many
    }
}

#[cfg(test)]
mod tests {
    use super::ReadPages;

    #[test]
    fn a_memory_is_given_back_soon_after_one_call_that_reads_much() {
        let read_pages = ReadPages::default();
        // In calls 100 and 300, pages are read, and slow down the calls until they are given back.
        let mut is_slow = false;
        let drops = (0..500).filter(|call| {
            is_slow = is_slow || [100, 300].contains(call);
            let drops = read_pages.are_too_many(*call == 0, is_slow);
            is_slow = is_slow && !drops;
            drops
        });
        assert_eq!(drops.collect::<Vec<_>>(), [103, 303]);
    }

    #[test]
    fn a_memory_of_a_plugin_that_reads_much_in_each_call_is_given_back_ever_less_often() {
        let read_pages = ReadPages::default();
        let drops = (0..1_000).filter(|call| read_pages.are_too_many(*call == 0, true));
        assert_eq!(drops.collect::<Vec<_>>(), [3, 11, 27, 59, 123, 251, 507]);
    }
}
