//! Takes the calls of one runtime through libuv's pool: each call waits in the queue, runs on a worker, and leaves its reply
//! for delivery.
//!
//! A worker that finishes a call takes the next one itself, without a return to the event loop, so under load one hop
//! carries many calls. While too many replies wait for the event loop, a worker takes no call.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hookcell_host::{HostError, WasmRuntime};
use napi::Status;
use napi::bindgen_prelude::{Env, FnArgs, Function, FunctionRef, Result};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

use crate::queue::delivery::Batch;
use crate::queue::fair_queue::{CallId, Offered, Turn};
use crate::queue::job::Job;
use crate::queue::limits::{Full, QueueLimits};
use crate::queue::schedule::Schedule;
use crate::queue::worker::{Shift, Worker};
use crate::reply;

/// The time after which a worker takes no further call and frees its thread for other work in libuv's pool.
const LONGEST_SHIFT: Duration = Duration::from_millis(10);

/// If a worker takes no call within this time, a slow call is holding it up, and the other calls get their own workers.
const HELD_UP: Duration = Duration::from_millis(1);

/// What JavaScript gets: calls, and the reply to each.
type Replies = FnArgs<(Vec<f64>, Vec<String>)>;

/// The JavaScript function that takes them.
pub(crate) type Deliver<'a> = Function<'a, Replies, ()>;

/// The JavaScript function that schedules [`HookQueue::take_replies`] for the next turn of the event loop.
pub(crate) type Wake<'a> = Function<'a, (), ()>;

/// Calls [`Wake`] from a worker when there are replies. It does not keep the event loop alive; while a call is in progress,
/// its worker does.
type WakeFromWorker = ThreadsafeFunction<(), (), (), Status, false, true>;

pub(crate) struct HookQueue {
    runtime: Arc<WasmRuntime>,
    schedule: Mutex<Schedule>,
    deliver: FunctionRef<Replies, ()>,
    wake: FunctionRef<(), ()>,
    wake_from_worker: WakeFromWorker,
}

impl HookQueue {
    /// A queue that passes replies to `deliver`, as arrays of calls and of texts, and calls `wake` when there are some. While
    /// undelivered replies have more than `max_undelivered_bytes`, workers take no call.
    pub(crate) fn new(
        runtime: Arc<WasmRuntime>,
        limits: QueueLimits,
        max_undelivered_bytes: usize,
        deliver: &Deliver<'_>,
        wake: &Wake<'_>,
    ) -> Result<Self> {
        let schedule = Mutex::new(Schedule::new(limits, max_undelivered_bytes));
        let wake_from_worker = wake.build_threadsafe_function().weak::<true>().callee_handled::<false>().build()?;
        let (deliver, wake) = (deliver.create_ref()?, wake.create_ref()?);
        Ok(Self { runtime, schedule, deliver, wake, wake_from_worker })
    }

    /// Takes a call, and starts a worker for it if it has a slot and needs one.
    pub(crate) fn offer(self: &Arc<Self>, env: Env, id: CallId, tenant: Option<&str>, job: Job) -> Admission {
        let mut state = self.lock();
        state.fill_slots(job.queued_at);
        let (cancel, queue_timeout) = (job.cancel.clone(), job.queue_timeout);
        let deadline = job.queued_at.checked_add(queue_timeout).unwrap_or(job.queued_at);
        let admission = match state.queue.offer(id, tenant, deadline, job.bytes, job) {
            Offered::Runs(turn) => {
                state.ready.push_back(turn);
                Admission::Admitted { poll_within: None }
            }
            Offered::Waits => Admission::Admitted { poll_within: Some(queue_timeout) },
            Offered::Refused(full) => Admission::Refused(full),
        };
        let Admission::Admitted { poll_within } = admission else {
            self.start_workers(state, env);
            return admission;
        };
        if let Some(cancel) = cancel {
            state.cancels.insert(id, cancel);
        }
        let shares_a_worker = state.workers_wanted() < state.queue.running();
        self.start_workers(state, env);
        Admission::Admitted { poll_within: if shares_a_worker { Some(HELD_UP) } else { poll_within } }
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
            state.end(None, id, reply::refused(&HostError::Cancelled));
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
            state.pace.note(HELD_UP);
        }
        let next = if holds_back || state.ready.is_empty() {
            state.queue.next_deadline().map(|(deadline, _)| deadline.saturating_duration_since(now))
        } else {
            Some(HELD_UP)
        };
        self.start_workers(state, env);
        next
    }

    /// The numbers of running and waiting calls.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let state = self.lock();
        (state.queue.running(), state.queue.waiting())
    }

    /// Delivers a batch of at most this many bytes of replies on JavaScript's thread, and fills free slots. With
    /// `at_least_one`, the first reply may be longer. Returns how many were delivered, and whether more are left.
    pub(crate) fn take_replies(self: &Arc<Self>, env: Env, most: usize, at_least_one: bool) -> Result<(usize, bool)> {
        let mut state = self.lock();
        let was_full = state.delivery.is_full();
        let batch = state.delivery.take(most, at_least_one);
        let is_left = !state.delivery.is_empty();
        // If replies are left, the caller calls again.
        state.woken = is_left;
        drop(state);
        let count = batch.len();
        if count > 0 {
            self.deliver.borrow_back(&env)?.call(replies(batch))?;
        }
        let mut state = self.lock();
        state.fill_slots(Instant::now());
        if was_full && !state.delivery.is_full() {
            // The workers left the ready calls behind.
            let wanted = state.queue.running();
            self.raise_workers(state, env, wanted);
        } else {
            self.start_workers(state, env);
        }
        Ok((count, is_left))
    }

    /// Starts the workers that calls with a slot still need, and wakes JavaScript if there are replies.
    fn start_workers(self: &Arc<Self>, state: MutexGuard<'_, Schedule>, env: Env) {
        let wanted = state.workers_wanted();
        self.raise_workers(state, env, wanted);
    }

    /// Starts workers until there are this many. If the machine gives none at all, the ready calls are refused.
    fn raise_workers<'a>(self: &'a Arc<Self>, mut state: MutexGuard<'a, Schedule>, env: Env, wanted: usize) {
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

    /// Wakes JavaScript if there are replies.
    fn call_wake(&self, mut state: MutexGuard<'_, Schedule>) {
        if !state.delivery.is_empty() && !mem::replace(&mut state.woken, true) {
            drop(state);
            // It fails only when the environment ends, and then no caller is left.
            self.wake_from_worker.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shift for HookQueue {
    fn work(&self) {
        let shift_started = Instant::now();
        let mut started = shift_started;
        let mut state = self.lock();
        while let Some(Turn { id, work: job, tenant }) = state.next_ready() {
            state.pace.has_moved = true;
            drop(state);
            let reply = job.reply(&self.runtime, started);
            state = self.lock();
            state.end(Some(tenant), id, reply);
            state.queue.end(tenant);
            let now = Instant::now();
            state.pace.note(now.saturating_duration_since(started));
            started = now;
            if now.saturating_duration_since(shift_started) >= LONGEST_SHIFT {
                // The slot stays free until the event loop starts a worker for it. That can take long, and a call that
                // got the slot now could run after its deadline.
                break;
            }
            state.expire(now);
            if let Some(next) = state.queue.next() {
                state.ready.push_back(next);
            }
            if state.ready.is_empty() {
                break;
            }
            self.call_wake(state);
            state = self.lock();
        }
        // The replies are delivered when the worker itself returns.
    }

    /// A worker has returned. Each call that it left behind gets a worker, because no other may take it.
    ///
    /// The worker counts until now. If another started as soon as this one left its thread, many could return before the
    /// event loop turns, each with replies whose delivery starts one more, and the loop would never turn.
    fn is_over(self: Arc<Self>, env: Env) -> Result<()> {
        let mut state = self.lock();
        state.workers = state.workers.saturating_sub(1);
        let comes = mem::replace(&mut state.woken, true);
        drop(state);
        if !comes {
            // Even without replies: in an environment that ends, this fails, and then no call may start, because a terminated
            // thread waits for its workers.
            self.wake.borrow_back(&env)?.call(())?;
        }
        let mut state = self.lock();
        state.fill_slots(Instant::now());
        let wanted = if state.delivery.is_full() || state.ready.is_empty() { 0 } else { state.queue.running() };
        self.raise_workers(state, env, wanted);
        Ok(())
    }
}

/// What happened to an offered call.
pub(crate) enum Admission {
    /// It runs or waits. JavaScript must [`poll`](HookQueue::poll) within this time, if it is set.
    Admitted { poll_within: Option<Duration> },
    /// There is no room for it to wait.
    Refused(Full),
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript numbers the calls with integers that it holds exactly")]
fn replies(batch: Batch) -> Replies {
    batch.into_iter().map(|(id, reply)| (id as f64, reply)).unzip::<_, _, Vec<_>, Vec<_>>().into()
}
