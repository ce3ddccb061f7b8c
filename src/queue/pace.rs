//! How long the calls of late took.

use std::time::Duration;

/// Longest call that is brief. To wake another thread takes about as long, so a call that waits behind a brief one loses
/// nothing; and at 40,000 calls a second a thread is near what the event loop can hand over and take back.
const LONGEST_BRIEF_CALL: Duration = Duration::from_micros(25);

/// Brief calls in a row after which the next one is taken to be brief too.
const ENOUGH: u32 = 64;

/// While calls are brief, one worker is done with them before another has woken.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    brief_calls: u32,
    /// A call was taken since somebody looked.
    pub(crate) has_moved: bool,
}

impl Pace {
    /// A call took this long, or does so already.
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
