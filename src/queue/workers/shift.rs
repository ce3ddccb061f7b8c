//! A worker's time on a thread of libuv's pool.

use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};

use hookcell_host::FinishedCells;
use napi::bindgen_prelude::{Env, Result};

use crate::queue::fair_queue::Turn;
use crate::queue::hook_queue::HookQueue;
use crate::queue::schedule::Schedule;
use crate::queue::workers::pauses::LONGEST_SHORT;
use crate::queue::workers::worker::Shift;

/// The time after which a worker takes no further call and frees its thread for other work in libuv's pool.
const LONGEST_SHIFT: Duration = Duration::from_millis(10);

/// How often a worker that waits looks for a call before it looks at the clock, which takes longer.
const LOOKS: u32 = 32;

impl Shift for HookQueue {
    fn work(&self) {
        let shift_started = Instant::now();
        let mut started = shift_started;
        let mut finished = FinishedCells::up_to(self.most_finished_cells);
        let mut has_waited = false;
        let mut calls_in_row: usize = 0;
        let mut state = self.lock();
        loop {
            let Some(Turn { id, work: job, tenant }) = state.next_ready() else {
                let Some(waited) = self.wait_for_call(state, started, &mut finished, calls_in_row) else { break };
                (state, started, has_waited, calls_in_row) = (waited, Instant::now(), true, 0);
                continue;
            };
            state.pace.has_moved = true;
            let wakes = !state.may_hold_replies(started) && state.wakes();
            drop(state);
            if wakes {
                self.wake_javascript();
            }
            if !mem::take(&mut has_waited) && finished.are_a_row() {
                reset(&mut finished);
            }
            calls_in_row = calls_in_row.saturating_add(1);
            let links = job.links();
            let reply = job.reply(&self.runtime, started, &mut finished);
            let ended = Instant::now();
            state = self.lock();
            state.end(Some(tenant), id, reply);
            state.queue.end(tenant);
            state.pace.note(ended.saturating_duration_since(started), links);
            started = ended;
            if ended.saturating_duration_since(shift_started) >= LONGEST_SHIFT {
                // The slot stays free until the event loop starts a worker for it. That can take long, and a call that
                // got the slot now could run after its deadline.
                drop(state);
                break;
            }
            state.expire(ended);
            if let Some(next) = state.queue.next() {
                state.ready.push_back(next);
            }
        }
        // The replies are delivered when the worker itself returns.
        reset(&mut finished);
    }

    /// A worker has returned. The calls that it left behind get workers.
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
        let now = Instant::now();
        state.fill_slots(now);
        let wanted = state.workers_wanted_after_a_shift(now);
        self.raise_workers(state, env, wanted);
        Ok(())
    }
}

impl HookQueue {
    /// Waits for the next call, for as long as a short pause takes, if this is worth it. No call is ready. Returns `None` if
    /// there is none after that.
    ///
    /// If this worker has run more than one call since it last waited, there are enough for the processor: to make cells ready would only
    /// move work.
    fn wait_for_call<'a>(
        &'a self,
        mut state: MutexGuard<'a, Schedule>,
        now: Instant,
        finished: &mut FinishedCells,
        calls_in_row: usize,
    ) -> Option<MutexGuard<'a, Schedule>> {
        state.pauses.begin(now);
        if state.pace.is_brief() && state.workers > 1 {
            // The other worker keeps up alone.
            state.brief_workers.found_none();
            return None;
        }
        if state.one_waits || !state.pauses.are_short() || state.delivery.is_full() {
            return None;
        }
        state.one_waits = true;
        let seen = self.made_ready.load(Ordering::Acquire);
        let wakes = state.wakes();
        drop(state);
        if wakes {
            self.wake_javascript();
        }
        let is_ready = || self.made_ready.load(Ordering::Acquire) != seen;
        if calls_in_row > 1 {
            reset(finished);
        } else {
            // What is left when a call is ready stays for the next pause.
            caught(|| finished.renew_until(is_ready));
        }
        let end = now.checked_add(LONGEST_SHORT).unwrap_or(now);
        while !is_ready() && Instant::now() < end {
            for _ in 0..LOOKS {
                std::hint::spin_loop();
            }
        }
        let mut state = self.lock();
        state.one_waits = false;
        if state.ready.is_empty() { None } else { Some(state) }
    }
}

/// Resets the cells of calls that have their replies, so that JavaScript is woken before.
fn reset(finished: &mut FinishedCells) {
    caught(|| finished.reset());
}

/// A panic would end the process.
fn caught(run: impl FnOnce()) {
    let _ = panic::catch_unwind(AssertUnwindSafe(run));
}
