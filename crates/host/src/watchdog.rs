//! Deadlines: one thread that wakes when a call's time is up, and sleeps for good while nothing runs.
//!
//! Guests check the engine's epoch at every loop header and function entry. The watchdog moves the epoch only when a
//! deadline has passed, so a running guest is left alone until then. Moving it reaches every store of the engine;
//! each looks at its own deadline (`cell.rs`) and goes on when that has not passed.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use wasmtime::EngineWeak;

/// How long the watchdog waits before it moves the epoch again for a call that is overdue and still runs.
///
/// Once is not always enough: a guest that looks at its deadline just before it passes arms itself for the next
/// move, and may miss the one under way. A bulk memory operation holds no epoch check either.
const NUDGE: Duration = Duration::from_millis(1);

/// Owns the thread; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Deadlines of the calls that run. The number tells equal instants apart.
    deadlines: BTreeSet<(Instant, u64)>,
    /// When the thread will wake; `None` while it sleeps for good.
    ///
    /// It stays set when the call that asked for it ends, so that of a row of short calls only the first has to
    /// wake the thread.
    alarm: Option<Instant>,
    next_number: u64,
    stopped: bool,
}

/// A deadline being watched; dropping it ends the watch.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    watchdog: &'a Watchdog,
    entry: (Instant, u64),
}

impl Watchdog {
    /// Starts the thread. `engine` is weak, because the engine's owner owns the watchdog.
    pub(crate) fn start(engine: EngineWeak) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new().name("hookcell-watchdog".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || shared.keep_watch(&engine)
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Watches a deadline. The store's own epoch deadline must be set before, or a move of the epoch in between is lost.
    pub(crate) fn watch(&self, deadline: Instant) -> Watch<'_> {
        let mut state = self.shared.lock();
        let entry = (deadline, state.next_number);
        state.next_number = state.next_number.wrapping_add(1);
        state.deadlines.insert(entry);
        if state.alarm.is_none_or(|alarm| deadline < alarm) {
            state.alarm = Some(deadline);
            self.shared.changed.notify_one();
        }
        Watch { watchdog: self, entry }
    }

    #[cfg(test)]
    fn sleeps_for_good(&self) -> bool {
        self.shared.lock().alarm.is_none()
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.watchdog.shared.lock().deadlines.remove(&self.entry);
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // The thread cannot panic while it holds anything; a failed join changes nothing here.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep_watch(&self, engine: &EngineWeak) {
        let mut state = self.lock();
        while !state.stopped {
            let now = Instant::now();
            state.alarm = match state.deadlines.first() {
                Some(&(deadline, _)) if deadline <= now => {
                    if let Some(engine) = engine.upgrade() {
                        engine.increment_epoch();
                    }
                    now.checked_add(NUDGE)
                }
                Some(&(deadline, _)) => Some(deadline),
                None => None,
            };
            state = match state.alarm {
                Some(alarm) => {
                    let wait = alarm.saturating_duration_since(now);
                    self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Watchdog;

    fn watchdog() -> (wasmtime::Engine, Watchdog) {
        let engine = wasmtime::Engine::default();
        let watchdog = Watchdog::start(engine.weak()).unwrap();
        (engine, watchdog)
    }

    #[test]
    fn the_thread_sleeps_for_good_once_the_last_alarm_has_passed() {
        let (_engine, watchdog) = watchdog();
        let watch = watchdog.watch(Instant::now() + Duration::from_millis(5));
        assert!(!watchdog.sleeps_for_good());
        drop(watch);
        let patience = Instant::now() + Duration::from_secs(10);
        while !watchdog.sleeps_for_good() {
            assert!(Instant::now() < patience, "the watchdog still has an alarm set");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_near_deadline_is_not_kept_waiting_by_a_far_one() {
        let (_engine, watchdog) = watchdog();
        let now = Instant::now();
        let _far = watchdog.watch(now + Duration::from_hours(1));
        let near = now + Duration::from_millis(1);
        let _near = watchdog.watch(near);
        assert_eq!(watchdog.shared.lock().alarm.map(|alarm| alarm <= near + super::NUDGE * 1_000), Some(true));
    }
}
