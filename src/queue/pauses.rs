//! How long the queue is empty between calls.

use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// The longest time for which a worker without a call waits on its thread for the next one. To sleep and to be woken takes
/// both threads about as long.
pub(crate) const LONGEST_SHORT: Duration = Duration::from_micros(30);

/// After this many short pauses in a row, the next one is expected to be short.
const ENOUGH: u32 = 4;

/// The pauses in which no call was ready. A worker waits for the next call only if the last pauses were short, so that a
/// server with a call now and then spends nothing on waiting.
#[derive(Debug)]
pub(crate) struct Pauses {
    began: Option<Instant>,
    short: u32,
    /// Is there a processor to wait on while the event loop uses another?
    can_wait: bool,
}

impl Pauses {
    pub(crate) fn new() -> Self {
        let can_wait = available_parallelism().is_ok_and(|processors| processors.get() > 1);
        Self { began: None, short: 0, can_wait }
    }

    /// No call is ready.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.began.get_or_insert(now);
    }

    /// A call is ready.
    pub(crate) fn end(&mut self, now: Instant) {
        if let Some(began) = self.began.take() {
            let is_short = now.saturating_duration_since(began) <= LONGEST_SHORT;
            self.short = if is_short { self.short.saturating_add(1) } else { 0 };
        }
    }

    /// Is the next pause expected to be short enough to wait for its end?
    pub(crate) fn are_short(&self) -> bool {
        self.can_wait && self.short >= ENOUGH
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{ENOUGH, LONGEST_SHORT, Pauses};

    #[test]
    fn pauses_are_short_after_many_and_until_one_is_not() {
        let mut pauses = Pauses { can_wait: true, ..Pauses::new() };
        let start = Instant::now();
        for _ in 0..ENOUGH {
            assert!(!pauses.are_short());
            pauses.begin(start);
            pauses.begin(start + LONGEST_SHORT);
            pauses.end(start + LONGEST_SHORT);
        }
        assert!(pauses.are_short());
        pauses.begin(start);
        pauses.end(start + LONGEST_SHORT + Duration::from_nanos(1));
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
