//! Takes the calls of one runtime through libuv's pool: each call waits in the queue, runs on a worker, and leaves its reply
//! for delivery.
//!
//! A worker that finishes a call takes the next one itself, without a return to the event loop, so under load one hop
//! carries many calls (`shift.rs`). While too many replies wait for the event loop, a worker takes no call.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hookcell_host::{HostError, WasmRuntime};
use napi::bindgen_prelude::{Env, Function, FunctionRef, Result};

use crate::queue::bell::Bell;
use crate::queue::delivery::Batch;
use crate::queue::fair_queue::{CallId, Offered};
use crate::queue::job::Job;
use crate::queue::limits::{Full, QueueLimits};
use crate::queue::schedule::{HELD_UP, Schedule};
use crate::queue::workers::worker::Worker;
use crate::{process, reply};

/// The JavaScript function that schedules [`HookQueue::take_replies`] for the next turn of the event loop.
pub(crate) type Wake<'a> = Function<'a, (), ()>;

pub(crate) struct HookQueue {
    pub(super) runtime: Arc<WasmRuntime>,
    schedule: Mutex<Schedule>,
    /// Counts the calls that became ready, for a worker that waits for one without the lock.
    pub(super) made_ready: AtomicU64,
    /// How many cells a worker keeps while replies wait to leave.
    pub(super) most_finished_cells: usize,
    pub(super) wake: FunctionRef<(), ()>,
    /// Calls `wake` when a worker has replies. It does not keep the event loop alive; while a call is in progress, its worker does.
    bell: Bell,
}

impl HookQueue {
    /// A queue that calls `wake` when there are replies. While undelivered replies have more than `max_undelivered_bytes`,
    /// workers take no call.
    pub(crate) fn new(
        env: Env,
        runtime: Arc<WasmRuntime>,
        limits: QueueLimits,
        max_undelivered_bytes: usize,
        wake: &Wake<'_>,
    ) -> Result<Self> {
        let schedule = Mutex::new(Schedule::new(limits, max_undelivered_bytes));
        Ok(Self {
            runtime,
            schedule,
            made_ready: AtomicU64::new(0),
            most_finished_cells: process::most_finished_cells(),
            wake: wake.create_ref()?,
            bell: Bell::of(env, wake)?,
        })
    }

    /// Takes a call, and starts a worker for it if it has a slot and needs one.
    pub(crate) fn offer(self: &Arc<Self>, env: Env, id: CallId, tenant: Option<&str>, job: Job) -> Admission {
        let mut state = self.lock();
        let now = job.queued_at;
        state.fill_slots(now);
        let (cancel, queue_timeout) = (job.cancel.clone(), job.queue_timeout);
        let deadline = now.checked_add(queue_timeout).unwrap_or(now);
        let waits_for = match state.queue.offer(id, tenant, deadline, job.bytes, job) {
            Offered::Runs(turn) => {
                state.ready.push_back(turn);
                state.pauses.end(now);
                self.made_ready.fetch_add(1, Ordering::Release);
                self.await_reply(&mut state, env, now);
                None
            }
            Offered::Waits => Some(queue_timeout),
            Offered::Refused(full) => {
                self.start_workers(state, env);
                return Admission::Refused(full);
            }
        };
        if let Some(cancel) = cancel {
            state.cancels.insert(id, cancel);
        }
        let poll_within = if state.shares_a_worker() { Some(HELD_UP) } else { waits_for };
        state.promise_poll(now, poll_within);
        self.start_workers(state, env);
        Admission::Admitted { poll_within }
    }

    /// Ends a waiting or running call. Returns `true` if it was still waiting; it then gets no reply.
    pub(crate) fn cancel(&self, id: CallId) -> bool {
        let mut state = self.lock();
        let token = state.cancels.get(&id).cloned();
        let waited = state.queue.remove(id).is_some();
        if waited {
            state.cancels.remove(&id);
        }
        drop(state);
        if let Some(token) = token.filter(|_| !waited) {
            self.runtime.cancel(&token);
        }
        waited
    }

    /// Refuses every waiting call.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        for id in state.queue.all_waiting() {
            state.queue.remove(id);
            state.end(None, id, reply::refused(&HostError::Cancelled).into());
        }
        self.call_wake(state);
    }

    /// Refuses calls that have waited too long, and starts workers for calls that a slow one holds up. Returns the time
    /// within which to poll again, if a call waits.
    pub(crate) fn poll(self: &Arc<Self>, env: Env) -> Option<Duration> {
        let mut state = self.lock();
        let now = Instant::now();
        state.fill_slots(now);
        let holds_back = state.delivery.is_full();
        if !holds_back && !state.ready.is_empty() && !mem::take(&mut state.pace.has_moved) {
            state.pace.note(HELD_UP, 1);
        }
        let next = if !holds_back && (!state.ready.is_empty() || state.shares_a_worker()) {
            Some(HELD_UP)
        } else {
            state.queue.next_deadline().map(|(deadline, _)| deadline.saturating_duration_since(now))
        };
        state.holds_replies = false;
        state.poll_by = None;
        state.promise_poll(now, next);
        self.start_workers(state, env);
        next
    }

    /// The numbers of running and waiting calls.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let state = self.lock();
        (state.queue.running(), state.queue.waiting())
    }

    /// Takes a batch of at most this many bytes of replies, on JavaScript's thread, and fills free slots. With `at_least_one`,
    /// the first reply may be longer. Returns whether more are left; then the caller calls again.
    pub(crate) fn take_replies(self: &Arc<Self>, env: Env, most: usize, at_least_one: bool) -> (Batch, bool) {
        let mut state = self.lock();
        let was_full = state.delivery.is_full();
        let batch = state.delivery.take(most, at_least_one);
        let is_left = !state.delivery.is_empty();
        state.woken = is_left;
        let now = Instant::now();
        state.fill_slots(now);
        if state.queue.running() == 0 {
            state.wakefulness.end(now);
            self.bell.let_sleep(env);
        }
        if was_full && !state.delivery.is_full() {
            // The workers left the ready calls behind.
            let wanted = state.queue.running();
            self.raise_workers(state, env, wanted);
        } else {
            self.start_workers(state, env);
        }
        (batch, is_left)
    }

    /// A call begins. If it runs alone and its reply is expected soon, the event loop looks for events without sleep until then: to sleep
    /// and to be woken takes longer than most calls. With more calls, it has replies to deliver meanwhile.
    fn await_reply(&self, state: &mut Schedule, env: Env, now: Instant) {
        if state.queue.running() > 1 {
            state.wakefulness.forget();
        } else if state.pauses.are_short()
            && let Some(until) = state.wakefulness.begin(now)
        {
            self.bell.keep_awake(env, until);
        }
    }

    /// Starts the workers that calls with a slot still need, and wakes JavaScript if there are replies.
    fn start_workers(self: &Arc<Self>, state: MutexGuard<'_, Schedule>, env: Env) {
        let wanted = state.workers_wanted();
        self.raise_workers(state, env, wanted);
    }

    /// Starts workers until there are this many. If the machine gives none at all, the ready calls are refused.
    pub(super) fn raise_workers<'a>(self: &'a Arc<Self>, mut state: MutexGuard<'a, Schedule>, env: Env, wanted: usize) {
        while state.workers < wanted {
            state.workers = state.workers.saturating_add(1);
            drop(state);
            let spawned = env.spawn(Worker::new(Arc::<Self>::clone(self)));
            state = self.lock();
            if let Err(error) = spawned {
                state.workers = state.workers.saturating_sub(1);
                if state.workers == 0 {
                    state.refuse_ready(&error.reason);
                }
                break;
            }
        }
        self.call_wake(state);
    }

    /// Wakes JavaScript if there are replies that no worker holds.
    fn call_wake(&self, mut state: MutexGuard<'_, Schedule>) {
        if !state.holds_replies && state.wakes() {
            drop(state);
            self.wake_javascript();
        }
    }

    /// JavaScript will take the replies on the next turn of the event loop.
    pub(super) fn wake_javascript(&self) {
        self.bell.ring();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What happened to an offered call.
pub(crate) enum Admission {
    /// It runs or waits. JavaScript must [`poll`](HookQueue::poll) within this time, if it is set.
    Admitted { poll_within: Option<Duration> },
    /// There is no room for it to wait.
    Refused(Full),
}
