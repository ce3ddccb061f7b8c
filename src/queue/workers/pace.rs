//! How long recent calls took.

use std::time::Duration;

/// The longest brief call. Waking another thread takes about as long, so a call that waits behind a brief one loses nothing.
/// At 40,000 calls a second, one thread is near the most that the event loop can submit and deliver.
const LONGEST_BRIEF_CALL: Duration = Duration::from_micros(25);

/// A chain is brief if its plugins are, on average, and if it takes no longer than so many brief calls: others wait behind it.
const MOST_BRIEF_LINKS: u32 = 4;

/// A call that takes this long is not a brief one that the machine disturbed.
const LONG_CALL: Duration = Duration::from_millis(1);

/// The score of many brief calls in a row, and the score from which on the next call is expected to be brief.
const MOST: u32 = 96;
const ENOUGH: u32 = 64;

/// What a call costs that is neither brief nor long. On a busy machine some brief calls take that long, because their thread
/// does not run all the time; if more than one in five does, calls are not brief.
const NOT_BRIEF: u32 = 4;

/// The weight of what calls took before, in the moving average, is one less than this.
const WEIGHT: u32 = 8;

/// While calls are brief, one worker finishes them before another has woken.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    score: u32,
    /// A moving average of what recent calls took.
    usual: Duration,
    /// A worker took a call since the last poll.
    pub(crate) has_moved: bool,
}

impl Pace {
    /// A call of so many plugins took this long, or has already run for this long.
    pub(crate) fn note(&mut self, duration: Duration, links: usize) {
        let sum = self.usual.saturating_mul(WEIGHT - 1).saturating_add(duration.min(LONG_CALL));
        self.usual = sum.checked_div(WEIGHT).unwrap_or_default();
        let links = u32::try_from(links).unwrap_or(u32::MAX).clamp(1, MOST_BRIEF_LINKS);
        self.score = if duration <= LONGEST_BRIEF_CALL.saturating_mul(links) {
            self.score.saturating_add(1).min(MOST)
        } else if duration < LONG_CALL {
            self.score.saturating_sub(NOT_BRIEF)
        } else {
            0
        };
    }

    /// What a call takes, going by the last ones.
    pub(crate) fn usual(&self) -> Duration {
        self.usual
    }

    pub(crate) fn is_brief(&self) -> bool {
        self.score >= ENOUGH
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ENOUGH, LONG_CALL, LONGEST_BRIEF_CALL, MOST, MOST_BRIEF_LINKS, NOT_BRIEF, Pace};

    fn after_brief_calls(count: u32) -> Pace {
        let mut pace = Pace::default();
        for _ in 0..count {
            pace.note(LONGEST_BRIEF_CALL, 1);
        }
        pace
    }

    #[test]
    fn calls_are_brief_after_many_and_until_one_is_long() {
        assert!(!after_brief_calls(ENOUGH - 1).is_brief());
        let mut pace = after_brief_calls(ENOUGH);
        assert!(pace.is_brief());
        pace = after_brief_calls(10 * MOST);
        pace.note(LONG_CALL, 1);
        for _ in 1..ENOUGH {
            pace.note(Duration::ZERO, 1);
            assert!(!pace.is_brief());
        }
    }

    #[test]
    fn calls_stay_brief_if_few_are_disturbed_and_not_if_many_are() {
        let disturbed = LONGEST_BRIEF_CALL + Duration::from_nanos(1);
        let mut pace = after_brief_calls(MOST);
        for call in 0..100 * (NOT_BRIEF + 1) {
            pace.note(if call % (NOT_BRIEF + 1) == 0 { disturbed } else { LONGEST_BRIEF_CALL }, 1);
            assert!(pace.is_brief());
        }
        for call in 0..100 * NOT_BRIEF {
            pace.note(if call % (NOT_BRIEF / 2) == 0 { disturbed } else { LONGEST_BRIEF_CALL }, 1);
        }
        assert!(!pace.is_brief());
    }

    #[test]
    fn a_chain_is_brief_if_its_plugins_are_and_if_it_is_no_longer_than_a_few_calls() {
        let is_brief = |links: usize, duration: Duration| {
            let mut pace = Pace::default();
            for _ in 0..ENOUGH {
                pace.note(duration, links);
            }
            pace.is_brief()
        };
        let more = Duration::from_nanos(1);
        assert!(is_brief(2, 2 * LONGEST_BRIEF_CALL));
        assert!(!is_brief(2, 2 * LONGEST_BRIEF_CALL + more));
        let longest = MOST_BRIEF_LINKS * LONGEST_BRIEF_CALL;
        assert!(is_brief(64, longest));
        assert!(!is_brief(64, longest + more));
    }

    #[test]
    fn what_a_call_usually_takes_follows_the_last_ones() {
        let mut pace = Pace::default();
        for millis in [1, 5] {
            for _ in 0..100 {
                pace.note(Duration::from_micros(millis * 10), 1);
            }
            assert!(pace.usual().abs_diff(Duration::from_micros(millis * 10)) < Duration::from_micros(1));
        }
    }
}
