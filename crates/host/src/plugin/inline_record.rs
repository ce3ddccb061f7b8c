//! How a plugin's runs on the calling thread have ended, and whether it is worth another one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The most strikes. After a strike, the plugin's next calls go to a worker at once: none after the first strike, then 1,
/// 3, 7 and so on, up to 1,023.
const MOST_STRIKES: u32 = 11;

/// The longest time without another try.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Runs without a strike that take one strike back.
const RUNS_FOR_A_STRIKE: u32 = 8;

/// The record of one plugin. A reload starts a new one.
#[derive(Debug, Default)]
pub(crate) struct InlineRecord(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    strikes: u32,
    /// Runs without a strike since the last strike was given or taken back.
    good_runs: u32,
    pause: Option<Pause>,
}

#[derive(Debug)]
struct Pause {
    calls_left: u32,
    until: Instant,
}

impl InlineRecord {
    /// May the next call run on the calling thread? Each `false` is one call of a pause.
    pub(crate) fn may_run(&self, now: Instant) -> bool {
        let mut state = self.lock();
        match &mut state.pause {
            Some(pause) if pause.calls_left > 0 && now < pause.until => {
                pause.calls_left = pause.calls_left.saturating_sub(1);
                false
            }
            _ => {
                state.pause = None;
                true
            }
        }
    }

    /// A run ended, and was brief.
    pub(crate) fn add_good_run(&self) {
        let mut state = self.lock();
        state.good_runs = state.good_runs.saturating_add(1);
        if state.good_runs >= RUNS_FOR_A_STRIKE {
            state.good_runs = 0;
            state.strikes = state.strikes.saturating_sub(1);
        }
    }

    /// A run did not end, or was long.
    pub(crate) fn add_strike(&self, now: Instant) {
        let mut state = self.lock();
        state.good_runs = 0;
        state.strikes = state.strikes.saturating_add(1).min(MOST_STRIKES);
        let calls_left = 1_u32.wrapping_shl(state.strikes.saturating_sub(1)).saturating_sub(1);
        let until = now.checked_add(LONGEST_PAUSE).unwrap_or(now);
        state.pause = (calls_left > 0).then_some(Pause { calls_left, until });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{InlineRecord, LONGEST_PAUSE, MOST_STRIKES, RUNS_FOR_A_STRIKE};

    /// The number of calls that go to a worker before the next try.
    fn pause(record: &InlineRecord, now: Instant) -> u32 {
        let mut calls = 0;
        while !record.may_run(now) {
            calls += 1;
        }
        calls
    }

    fn pause_after_strike(record: &InlineRecord, now: Instant) -> u32 {
        record.add_strike(now);
        pause(record, now)
    }

    #[test]
    fn the_first_strike_has_no_pause_and_each_further_one_doubles_it_up_to_a_bound() {
        let (record, now) = (InlineRecord::default(), Instant::now());
        assert_eq!(pause(&record, now), 0);
        let pauses: Vec<_> = (0..MOST_STRIKES + 2).map(|_| pause_after_strike(&record, now)).collect();
        assert_eq!(pauses, [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1_023, 1_023, 1_023]);
    }

    #[test]
    fn a_pause_ends_after_a_while_however_few_calls_are_made() {
        let (record, now) = (InlineRecord::default(), Instant::now());
        for _ in 0..MOST_STRIKES {
            record.add_strike(now);
        }
        assert!(!record.may_run(now + LONGEST_PAUSE.checked_sub(Duration::from_millis(1)).unwrap()));
        assert!(record.may_run(now + LONGEST_PAUSE));
    }

    #[test]
    fn a_few_good_runs_take_one_strike_back() {
        let (record, now) = (InlineRecord::default(), Instant::now());
        assert_eq!([0, 1, 3].map(|_| pause_after_strike(&record, now)), [0, 1, 3]);
        for _ in 1..RUNS_FOR_A_STRIKE {
            record.add_good_run();
        }
        assert_eq!(pause_after_strike(&record, now), 7);
        for _ in 0..2 * RUNS_FOR_A_STRIKE {
            record.add_good_run();
        }
        assert_eq!(pause_after_strike(&record, now), 3);
    }

    #[test]
    fn a_strike_now_and_then_never_leads_to_a_pause() {
        let (record, now) = (InlineRecord::default(), Instant::now());
        for _ in 0..100 {
            assert_eq!(pause_after_strike(&record, now), 0);
            for _ in 0..RUNS_FOR_A_STRIKE {
                record.add_good_run();
            }
        }
    }
}
