//! Whether the event loop stays awake until a reply comes.

use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// The longest time for which the event loop stays awake for a reply. To sleep and to be woken takes 10 to 20 µs and
/// as much of the processor, and a worker waits for the next call as long.
const LONGEST: Duration = Duration::from_micros(50);

/// The score of many replies in time, and the score of one, from which on the next one is expected in time.
const MOST: u32 = 16;
const ENOUGH: u32 = 4;

/// What a reply costs that was late.
const LATE: u32 = 4;

/// After so many calls for which the loop slept, it stays awake for one.
const CALLS_TO_TRIAL: u32 = 64;

/// How often replies came while the event loop was awake. If many are late, as on a machine that is busy with other things, it sleeps as
/// soon as it has nothing to do.
#[derive(Debug)]
pub(crate) struct Wakefulness {
    /// Until when the loop is awake for a call that runs alone.
    until: Option<Instant>,
    score: u32,
    /// The calls for which the loop slept since it last stayed awake.
    slept_for: u32,
    /// Is there a processor for the loop while a worker uses another?
    can_wait: bool,
}

impl Wakefulness {
    pub(crate) fn new() -> Self {
        let can_wait = available_parallelism().is_ok_and(|processors| processors.get() > 1);
        Self { until: None, score: ENOUGH, slept_for: 0, can_wait }
    }

    /// A call begins, and runs alone. Until when is the loop to stay awake for it?
    pub(crate) fn begin(&mut self, now: Instant) -> Option<Instant> {
        self.until = None;
        if self.score < ENOUGH {
            self.slept_for = self.slept_for.saturating_add(1);
            if self.slept_for < CALLS_TO_TRIAL {
                return None;
            }
        }
        self.slept_for = 0;
        self.until = now.checked_add(LONGEST).filter(|_| self.can_wait);
        self.until
    }

    /// JavaScript has the replies to all calls.
    pub(crate) fn end(&mut self, now: Instant) {
        if let Some(until) = self.until.take() {
            self.score = if now <= until {
                self.score.saturating_add(1).clamp(ENOUGH, MOST)
            } else {
                self.score.saturating_sub(LATE)
            };
        }
    }

    /// Another call begins. The loop has other things to do until the reply to this one.
    pub(crate) fn forget(&mut self) {
        self.until = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{CALLS_TO_TRIAL, LONGEST, Wakefulness};

    /// Was the loop awake for a call whose reply takes this long?
    fn call(wakefulness: &mut Wakefulness, length: Duration) -> bool {
        let now = Instant::now();
        let is_awake = wakefulness.begin(now).is_some();
        wakefulness.end(now + length);
        is_awake
    }

    const LATE: Duration = LONGEST.saturating_add(Duration::from_nanos(1));

    #[test]
    fn the_loop_stays_awake_while_most_replies_are_in_time() {
        let mut wakefulness = Wakefulness { can_wait: true, ..Wakefulness::new() };
        for number in 0..100 {
            assert!(call(&mut wakefulness, if number % 6 == 5 { LATE } else { LONGEST }), "{number}");
        }
    }

    #[test]
    fn the_loop_sleeps_while_replies_are_late_and_tries_again_now_and_then() {
        let mut wakefulness = Wakefulness { can_wait: true, ..Wakefulness::new() };
        let awake = (0..10 * CALLS_TO_TRIAL).filter(|_| call(&mut wakefulness, LATE)).count();
        assert!((5..=11).contains(&awake), "{awake}");
        assert!((0..CALLS_TO_TRIAL).any(|_| call(&mut wakefulness, LONGEST)));
        assert!(call(&mut wakefulness, LONGEST));
    }

    #[test]
    fn a_call_that_did_not_run_alone_tells_nothing() {
        let mut wakefulness = Wakefulness { can_wait: true, ..Wakefulness::new() };
        let now = Instant::now();
        for _ in 0..100 {
            wakefulness.begin(now);
            wakefulness.forget();
            wakefulness.end(now + LATE);
        }
        assert!(wakefulness.begin(now).is_some());
    }

    #[test]
    fn with_one_processor_the_loop_never_stays_awake() {
        let mut wakefulness = Wakefulness { can_wait: false, ..Wakefulness::new() };
        assert!(!(0..100).any(|_| call(&mut wakefulness, Duration::ZERO)));
    }
}
