//! How many workers brief calls get.

use std::thread::available_parallelism;
use std::time::Duration;

/// The time that one worker would take for the calls that wait, from which on another is worth it: to wake one takes a good part
/// of it.
const WORTH_A_WORKER: Duration = Duration::from_micros(250);

/// How many calls in a row must leave so much waiting.
const ENOUGH: u32 = 32;

/// One worker does all brief calls as long as it keeps up: with few calls, a second one is woken, finds nothing, and sleeps again.
/// Another joins when much has waited for a while, and leaves when it finds nothing.
#[derive(Debug)]
pub(crate) struct BriefWorkers {
    count: usize,
    /// As many as there are processors.
    most: usize,
    /// Calls in a row after which much waited.
    score: u32,
}

impl BriefWorkers {
    pub(crate) fn new() -> Self {
        Self::of(available_parallelism().map_or(1, usize::from))
    }

    fn of(most: usize) -> Self {
        Self { count: 1, most, score: 0 }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// A worker took a call and left so many, which take so long each. So many replies wait for the event loop: if there are more
    /// of them, it is the loop that does not keep up, and a worker would only take its processor.
    pub(crate) fn took(&mut self, left: usize, each: Duration, replies: usize) {
        let waiting = each.saturating_mul(u32::try_from(left).unwrap_or(u32::MAX));
        let workers = u32::try_from(self.count).unwrap_or(u32::MAX);
        if self.count >= self.most || replies > left || waiting < WORTH_A_WORKER.saturating_mul(workers) {
            self.score = 0;
            return;
        }
        self.score = self.score.saturating_add(1);
        if self.score >= ENOUGH {
            self.score = 0;
            self.count = self.count.saturating_add(1);
        }
    }

    /// A worker found no call.
    pub(crate) fn found_none(&mut self) {
        self.score = 0;
        self.count = self.count.saturating_sub(1).max(1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BriefWorkers, ENOUGH};

    const EACH: Duration = Duration::from_micros(10);

    fn take(workers: &mut BriefWorkers, times: u32, left: usize) {
        for _ in 0..times {
            workers.took(left, EACH, 0);
        }
    }

    #[test]
    fn another_joins_after_much_has_waited_for_a_while_and_leaves_when_it_finds_nothing() {
        let mut workers = BriefWorkers::of(8);
        take(&mut workers, ENOUGH - 1, 25);
        assert_eq!(workers.count(), 1);
        take(&mut workers, 1, 25);
        assert_eq!(workers.count(), 2);
        // For a third one, twice as much must wait.
        take(&mut workers, 10 * ENOUGH, 49);
        assert_eq!(workers.count(), 2);
        take(&mut workers, ENOUGH, 50);
        assert_eq!(workers.count(), 3);
        workers.found_none();
        workers.found_none();
        workers.found_none();
        assert_eq!(workers.count(), 1);
    }

    #[test]
    fn with_few_calls_one_worker_does_them_all_even_if_many_come_now_and_then() {
        let mut workers = BriefWorkers::of(8);
        for _ in 0..100 {
            take(&mut workers, ENOUGH - 1, 1_000);
            take(&mut workers, 1, 24);
        }
        assert_eq!(workers.count(), 1);
    }

    #[test]
    fn there_are_never_more_than_processors() {
        for most in [1, 2, 3] {
            let mut workers = BriefWorkers::of(most);
            take(&mut workers, 100 * ENOUGH, 1_000_000);
            assert_eq!(workers.count(), most);
        }
    }

    #[test]
    fn none_joins_while_the_event_loop_does_not_keep_up() {
        let mut workers = BriefWorkers::of(8);
        for _ in 0..10 * ENOUGH {
            workers.took(100, EACH, 101);
        }
        assert_eq!(workers.count(), 1);
    }
}
