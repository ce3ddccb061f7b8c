//! Deadlines and cancellation: one thread that wakes at a call's deadline, and sleeps until the next call otherwise.
//!
//! A guest checks the engine's epoch at each loop header and function entry. The watchdog moves the epoch only when a call
//! must end, so it does not disturb a running guest before that. A move reaches every store of the engine; each store asks
//! its own [`StopSignal`] and continues if that is not due.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use wasmtime::EngineWeak;

use crate::sandbox::cancel::CancelToken;

/// The time between two moves of the epoch for a call that must end and still runs.
///
/// One move is not always enough: a guest that asks its signal just before it is due waits for the next move and may miss
/// the current one. A bulk memory operation does not check the epoch either.
const NUDGE: Duration = Duration::from_millis(1);

/// What ends a call before it ends by itself.
#[derive(Debug, Clone)]
pub(crate) struct StopSignal {
    /// When the call must end.
    pub(crate) deadline: Instant,
    /// Cancels every call of its runtime.
    pub(crate) runtime: CancelToken,
    /// Cancels this call.
    pub(crate) call: Option<CancelToken>,
}

impl StopSignal {
    /// Must the call end?
    pub(crate) fn is_due(&self) -> bool {
        self.is_cancelled() || self.is_late()
    }

    /// Has the deadline passed?
    pub(crate) fn is_late(&self) -> bool {
        self.deadline <= Instant::now()
    }

    /// Is it cancelled?
    pub(crate) fn is_cancelled(&self) -> bool {
        self.runtime.is_cancelled() || self.call.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    /// When the call must end: now if it is cancelled.
    fn due(&self, now: Instant) -> Instant {
        if self.is_cancelled() { now } else { self.deadline }
    }

    fn listens_to(&self, token: &CancelToken) -> bool {
        self.runtime.is(token) || self.call.as_ref().is_some_and(|call| call.is(token))
    }
}

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
    /// The calls that run. They are at most as many as their threads, so a list is faster than a tree.
    running: Vec<Running>,
    /// When the thread will wake; `None` while it sleeps until the next call.
    ///
    /// It stays set after its call has ended, so that only the first of a row of short calls has to wake the thread.
    alarm: Option<Instant>,
    next_number: u64,
    stopped: bool,
}

#[derive(Debug)]
struct Running {
    number: u64,
    signal: StopSignal,
}

/// A watched call; dropping this ends the watch.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    watchdog: &'a Watchdog,
    number: u64,
    deadline: Instant,
}

impl Watchdog {
    /// Starts the thread. The engines are weak, because their owner owns the watchdog.
    pub(crate) fn start(engines: Vec<EngineWeak>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new().name("hookcell-watchdog".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || shared.keep_watch(&engines)
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Watches a call. Its store's epoch deadline must be set first, or the store may miss a move of the epoch.
    pub(crate) fn watch(&self, signal: StopSignal) -> Watch<'_> {
        let mut state = self.shared.lock();
        let (number, deadline) = (state.next_number, signal.deadline);
        state.next_number = number.wrapping_add(1);
        // It may have been cancelled before this, which would not wake the thread again.
        let due = if signal.is_cancelled() { Instant::now() } else { signal.deadline };
        state.running.push(Running { number, signal });
        self.shared.wake_by(&mut state, due);
        Watch { watchdog: self, number, deadline }
    }

    /// Ends the calls that listen to the token, now and later.
    pub(crate) fn cancel(&self, token: &CancelToken) {
        token.mark();
        let mut state = self.shared.lock();
        if state.running.iter().any(|running| running.signal.listens_to(token)) {
            self.shared.wake_by(&mut state, Instant::now());
        }
    }

    #[cfg(test)]
    fn is_asleep(&self) -> bool {
        self.shared.lock().alarm.is_none()
    }
}

impl Watch<'_> {
    /// Watches another call in the same way, which must end at this time. Its store's epoch deadline must be set first.
    ///
    /// If that is little later, the watch stays as it is: the epoch moves until the call ends.
    pub(crate) fn go_on_until(&mut self, deadline: Instant) {
        if deadline >= self.deadline && deadline.saturating_duration_since(self.deadline) < NUDGE {
            return;
        }
        self.deadline = deadline;
        let shared = &self.watchdog.shared;
        let mut state = shared.lock();
        if let Some(running) = state.running.iter_mut().find(|running| running.number == self.number) {
            running.signal.deadline = deadline;
            let due = if running.signal.is_cancelled() { Instant::now() } else { deadline };
            shared.wake_by(&mut state, due);
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let mut state = self.watchdog.shared.lock();
        if let Some(index) = state.running.iter().position(|running| running.number == self.number) {
            state.running.swap_remove(index);
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // If the thread panicked, there is nothing left to clean up.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_by(&self, state: &mut State, due: Instant) {
        if state.alarm.is_none_or(|alarm| due < alarm) {
            state.alarm = Some(due);
            self.changed.notify_one();
        }
    }

    fn keep_watch(&self, engines: &[EngineWeak]) {
        let mut state = self.lock();
        while !state.stopped {
            let now = Instant::now();
            let due = state.running.iter().map(|running| running.signal.due(now)).min();
            state.alarm = match due {
                Some(due) if due <= now => {
                    for engine in engines.iter().filter_map(EngineWeak::upgrade) {
                        engine.increment_epoch();
                    }
                    now.checked_add(NUDGE)
                }
                due => due,
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

    use super::{CancelToken, StopSignal, Watchdog};

    fn watchdog() -> (wasmtime::Engine, Watchdog) {
        let engine = wasmtime::Engine::default();
        let watchdog = Watchdog::start(vec![engine.weak()]).unwrap();
        (engine, watchdog)
    }

    fn signal(deadline: Instant) -> StopSignal {
        StopSignal { deadline, runtime: CancelToken::default(), call: None }
    }

    fn sleeps_in_the_end(watchdog: &Watchdog) {
        let patience = Instant::now() + Duration::from_secs(10);
        while !watchdog.is_asleep() {
            assert!(Instant::now() < patience, "the watchdog still has an alarm set");
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_thread_sleeps_until_the_next_call_after_the_last_alarm() {
        let (_engine, watchdog) = watchdog();
        let watch = watchdog.watch(signal(Instant::now() + Duration::from_millis(5)));
        assert!(!watchdog.is_asleep());
        drop(watch);
        sleeps_in_the_end(&watchdog);
    }

    #[test]
    fn a_far_deadline_does_not_delay_a_near_one() {
        let (_engine, watchdog) = watchdog();
        let now = Instant::now();
        let _far = watchdog.watch(signal(now + Duration::from_hours(1)));
        let near = now + Duration::from_millis(1);
        let _near = watchdog.watch(signal(near));
        assert_eq!(watchdog.shared.lock().alarm.map(|alarm| alarm <= near + super::NUDGE * 1_000), Some(true));
    }

    #[test]
    fn a_watch_that_goes_on_has_the_deadline_of_the_later_call() {
        let (_engine, watchdog) = watchdog();
        let far = Instant::now() + Duration::from_hours(1);
        let mut watch = watchdog.watch(signal(far));
        let deadline = |watchdog: &Watchdog| watchdog.shared.lock().running[0].signal.deadline;
        watch.go_on_until(far + super::NUDGE / 2);
        assert_eq!(deadline(&watchdog), far);
        watch.go_on_until(far + super::NUDGE);
        assert_eq!(deadline(&watchdog), far + super::NUDGE);
        watch.go_on_until(Instant::now());
        assert!(deadline(&watchdog) < far);
        assert!(watchdog.shared.lock().alarm.is_some_and(|alarm| alarm < far));
        drop(watch);
        sleeps_in_the_end(&watchdog);
    }

    #[test]
    fn a_cancelled_call_with_a_far_deadline_wakes_the_thread_until_it_ends() {
        let (_engine, watchdog) = watchdog();
        let token = CancelToken::default();
        let far = Instant::now() + Duration::from_hours(1);
        let watch = watchdog.watch(StopSignal { call: Some(token.clone()), ..signal(far) });
        watchdog.cancel(&token);
        assert!(watchdog.shared.lock().alarm.is_some_and(|alarm| alarm < far));
        drop(watch);
        sleeps_in_the_end(&watchdog);
    }
}
