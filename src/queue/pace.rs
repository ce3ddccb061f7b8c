//! How long recent calls took.

use std::time::Duration;

/// The longest brief call. Waking another thread takes about as long, so a call that waits behind a brief one loses nothing.
/// At 40,000 calls a second, one thread is near the most that the event loop can submit and deliver.
const LONGEST_BRIEF_CALL: Duration = Duration::from_micros(25);

/// After this many brief calls in a row, the next one is expected to be brief.
const ENOUGH: u32 = 64;

/// While calls are brief, one worker finishes them before another has woken.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    brief_calls: u32,
    /// A worker took a call since the last poll.
    pub(crate) has_moved: bool,
}

impl Pace {
    /// A call took this long, or has already run for this long.
    pub(crate) fn note(&mut self, duration: Duration) {
        self.brief_calls = if duration <= LONGEST_BRIEF_CALL { self.brief_calls.saturating_add(1) } else { 0 };
    }

    pub(crate) fn is_brief(&self) -> bool {
        self.brief_calls >= ENOUGH
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ENOUGH, LONGEST_BRIEF_CALL, Pace};

    #[test]
    fn calls_are_brief_after_many_and_until_one_is_not() {
        let mut pace = Pace::default();
        for _ in 0..ENOUGH {
            assert!(!pace.is_brief());
            pace.note(LONGEST_BRIEF_CALL);
        }
        assert!(pace.is_brief());
        pace.note(LONGEST_BRIEF_CALL + Duration::from_nanos(1));
        assert!(!pace.is_brief());
    }
}
