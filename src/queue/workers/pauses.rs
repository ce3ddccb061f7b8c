//! How long the queue is empty between calls.

use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// The longest time for which a worker without a call waits on its thread for the next one. To sleep and to be woken takes
/// both threads about as long.
pub(crate) const LONGEST_SHORT: Duration = Duration::from_micros(50);

/// The score of many short pauses in a row, and the score from which on the next one is expected to be short.
const MOST: u32 = 16;
const ENOUGH: u32 = 4;

/// What a pause costs that was not short: if more than one in four is not, workers do not wait.
const NOT_SHORT: u32 = 3;

/// The pauses in which no call was ready. A worker waits for the next call only if most of the last pauses were short, so that a
/// server with a call now and then spends nothing on waiting.
#[derive(Debug)]
pub(crate) struct Pauses {
    began: Option<Instant>,
    score: u32,
    /// Is there a processor to wait on while the event loop uses another?
    can_wait: bool,
}

impl Pauses {
    pub(crate) fn new() -> Self {
        let can_wait = available_parallelism().is_ok_and(|processors| processors.get() > 1);
        Self { began: None, score: 0, can_wait }
    }

    /// No call is ready.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.began.get_or_insert(now);
    }

    /// A call is ready.
    pub(crate) fn end(&mut self, now: Instant) {
        if let Some(began) = self.began.take() {
            let is_short = now.saturating_duration_since(began) <= LONGEST_SHORT;
            self.score =
                if is_short { self.score.saturating_add(1).min(MOST) } else { self.score.saturating_sub(NOT_SHORT) };
        }
    }

    /// Is the next pause expected to be short enough to wait for its end?
    pub(crate) fn are_short(&self) -> bool {
        self.can_wait && self.score >= ENOUGH
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{ENOUGH, LONGEST_SHORT, Pauses};

    fn pause(pauses: &mut Pauses, length: Duration) {
        let start = Instant::now();
        pauses.begin(start);
        pauses.begin(start + length);
        pauses.end(start + length);
    }

    #[test]
    fn pauses_are_short_after_some_and_until_many_are_not() {
        let mut pauses = Pauses { can_wait: true, ..Pauses::new() };
        for _ in 0..ENOUGH {
            assert!(!pauses.are_short());
            pause(&mut pauses, LONGEST_SHORT);
        }
        assert!(pauses.are_short());
        for _ in 0..100 {
            pause(&mut pauses, LONGEST_SHORT);
        }
        let longer = LONGEST_SHORT + Duration::from_nanos(1);
        pause(&mut pauses, longer);
        assert!(pauses.are_short());
        for _ in 0..4 {
            pause(&mut pauses, longer);
        }
        assert!(!pauses.are_short());
    }

    #[test]
    fn without_a_second_processor_no_pause_is_short() {
        let mut pauses = Pauses { can_wait: false, ..Pauses::new() };
        let now = Instant::now();
        for _ in 0..=ENOUGH {
            pauses.begin(now);
            pauses.end(now);
        }
        assert!(!pauses.are_short());
    }
}
