//! The calls of one runtime on their way through libuv's pool: each waits for its turn, runs on a worker, and leaves its
//! reply to be handed over.
//!
//! A worker that is done with a call takes the next one itself: nothing has to come back to the event loop in between,
//! and under load a hop carries many calls. While more replies wait for the event loop than may, it takes none.

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

/// How long a worker goes on taking calls before it gives its thread back, so that whatever else waits in libuv's
/// pool has its turn. The call under way ends first.
const LONGEST_SHIFT: Duration = Duration::from_millis(10);

/// Time within which a worker takes the next call, or else it is held up and the other calls get workers of their own.
const HELD_UP: Duration = Duration::from_millis(1);

/// What is handed to JavaScript: calls, and the reply to each.
type Replies = FnArgs<(Vec<f64>, Vec<String>)>;

/// The function of JavaScript's that takes them.
pub(crate) type Deliver<'a> = Function<'a, Replies, ()>;

/// The function of JavaScript's that sees to it that [`HookQueue::take_replies`] is called when the event loop has turned.
pub(crate) type Wake<'a> = Function<'a, (), ()>;

/// Calls that on a worker, when there is something to hand over. It does not keep the event loop alive: while a call is
/// under way, a worker does.
type WakeFromWorker = ThreadsafeFunction<(), (), (), Status, false, true>;

pub(crate) struct HookQueue {
    runtime: Arc<WasmRuntime>,
    schedule: Mutex<Schedule>,
    deliver: FunctionRef<Replies, ()>,
    wake: FunctionRef<(), ()>,
    wake_from_worker: WakeFromWorker,
}

impl HookQueue {
    /// A queue whose replies are handed to `deliver`, in arrays of calls and of texts. `wake` is called when there are some.
    /// Those that wait to be handed over hold back the workers when they have more bytes than `max_undelivered_bytes`.
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

    /// Takes a call, and starts a worker for it where it has a slot and needs one.
    pub(crate) fn offer(self: &Arc<Self>, env: Env, id: CallId, tenant: Option<&str>, job: Job) -> Admission {
        let mut state = self.lock();
        state.fill_slots(job.queued_at);
        let (cancel, queue_timeout) = (job.cancel.clone(), job.queue_timeout);
        let deadline = job.queued_at.checked_add(queue_timeout).unwrap_or(job.queued_at);
        // A tenant may be named by its client, in any length.
        let bytes = job.bytes.saturating_add(tenant.map_or(0, str::len));
        let admission = match state.queue.offer(id, tenant, deadline, bytes, job) {
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

    /// Ends a call: one that runs, or else one that waits, which then has no reply. Gives whether it waited.
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

    /// Refuses every call that waits.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        for id in state.queue.all_waiting() {
            state.queue.remove(id);
            state.end(None, id, reply::refused(&HostError::Cancelled));
        }
        self.call_wake(state);
    }

    /// Refuses the calls that have waited too long, and starts workers for those that are held up. Gives the time within
    /// which to poll again, if anything waits.
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

    /// How many calls run, and how many wait.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let state = self.lock();
        (state.queue.running(), state.queue.waiting())
    }

    /// Hands JavaScript a batch of replies, on its thread, and sees to what waits: of at most so many bytes, but with
    /// `at_least_one` whatever that one has. Gives how many were handed over, and whether more are left.
    pub(crate) fn take_replies(self: &Arc<Self>, env: Env, most: usize, at_least_one: bool) -> Result<(usize, bool)> {
        let mut state = self.lock();
        let was_full = state.delivery.is_full();
        let batch = state.delivery.take(most, at_least_one);
        let is_left = !state.delivery.is_empty();
        // Whoever called comes again where something is left.
        state.woken = is_left;
        drop(state);
        let count = batch.len();
        if count > 0 {
            self.deliver.borrow_back(&env)?.call(replies(batch))?;
        }
        let mut state = self.lock();
        state.fill_slots(Instant::now());
        if was_full && !state.delivery.is_full() {
            // The workers have left the calls behind that were ready.
            let wanted = state.queue.running();
            self.raise_workers(state, env, wanted);
        } else {
            self.start_workers(state, env);
        }
        Ok((count, is_left))
    }

    /// Starts the workers that the calls with a slot need and do not have, and sees to what has ended.
    fn start_workers(self: &Arc<Self>, state: MutexGuard<'_, Schedule>, env: Env) {
        let wanted = state.workers_wanted();
        self.raise_workers(state, env, wanted);
    }

    /// Starts workers until there are so many. Where the machine gives none at all, the calls that are ready are refused.
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

    /// Sees to it that JavaScript comes for what has ended.
    fn call_wake(&self, mut state: MutexGuard<'_, Schedule>) {
        if !state.delivery.is_empty() && !mem::replace(&mut state.woken, true) {
            drop(state);
            // Where it fails, the environment is going, and nobody waits any more.
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
                // The slot stays free until the event loop starts a worker for it. Where that takes long, a call that
                // were given it now would run after its deadline.
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
        // What has ended goes back with the worker itself.
    }

    /// A worker has come back. Where it has left calls behind, each gets a worker of its own: nobody may be looking after
    /// them.
    ///
    /// Only now is it gone. Were another started as soon as it had left its thread, many would come back before the event
    /// loop turns, each with calls to settle that start one more, and the loop would turn no more.
    fn is_over(self: Arc<Self>, env: Env) -> Result<()> {
        let mut state = self.lock();
        state.workers = state.workers.saturating_sub(1);
        let comes = mem::replace(&mut state.woken, true);
        drop(state);
        if !comes {
            // Also where there is nothing to hand over: an environment that is going fails here, and then no call may be
            // begun, since a thread that is terminated waits for its workers.
            self.wake.borrow_back(&env)?.call(())?;
        }
        let mut state = self.lock();
        state.fill_slots(Instant::now());
        let wanted = if state.delivery.is_full() || state.ready.is_empty() { 0 } else { state.queue.running() };
        self.raise_workers(state, env, wanted);
        Ok(())
    }
}

/// What became of a call that was offered.
pub(crate) enum Admission {
    /// It runs or waits; within this time, if any, somebody has to [`poll`](HookQueue::poll) after it.
    Admitted { poll_within: Option<Duration> },
    /// There is no room for it to wait.
    Refused(Full),
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript counts the calls, in numbers that it holds exactly")]
fn replies(batch: Batch) -> Replies {
    batch.into_iter().map(|(id, reply)| (id as f64, reply)).unzip::<_, _, Vec<_>, Vec<_>>().into()
}
