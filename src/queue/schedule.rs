//! The schedule of a runtime's calls. It starts no threads itself.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::time::{Duration, Instant};

use hookcell_host::{CancelToken, HostError};

use crate::call::call_reply::CallReply;
use crate::queue::delivery::Delivery;
use crate::queue::fair_queue::{CallId, FairQueue, TenantIndex, Turn};
use crate::queue::job::Job;
use crate::queue::limits::QueueLimits;
use crate::queue::wakefulness::Wakefulness;
use crate::queue::workers::brief_workers::BriefWorkers;
use crate::queue::workers::pace::Pace;
use crate::queue::workers::pauses::Pauses;
use crate::reply;

/// If a worker takes no call within this time, a slow call is holding it up, and the other calls get their own workers.
pub(crate) const HELD_UP: Duration = Duration::from_millis(1);

/// The calls of one runtime: running, waiting and ended.
pub(crate) struct Schedule {
    pub(crate) queue: FairQueue<Job>,
    /// Calls that have a slot and wait for a worker.
    pub(crate) ready: VecDeque<Turn<Job>>,
    /// The tokens that cancel waiting and running calls, if they have one.
    pub(crate) cancels: HashMap<CallId, CancelToken>,
    /// Workers in libuv's pool, including those that are starting or returning.
    pub(crate) workers: usize,
    pub(crate) pace: Pace,
    pub(crate) brief_workers: BriefWorkers,
    pub(crate) pauses: Pauses,
    pub(crate) wakefulness: Wakefulness,
    /// A worker without a call waits on its thread for the next one.
    pub(crate) one_waits: bool,
    pub(crate) delivery: Delivery,
    /// JavaScript has been woken and will take the replies.
    pub(crate) woken: bool,
    /// The worker that added the last replies goes on with another call, and will wake JavaScript when there are more.
    pub(crate) holds_replies: bool,
    /// When JavaScript polls next; `None` if it does not.
    pub(crate) poll_by: Option<Instant>,
}

impl Schedule {
    pub(crate) fn new(limits: QueueLimits, max_undelivered_bytes: usize) -> Self {
        Self {
            queue: FairQueue::new(limits),
            ready: VecDeque::new(),
            cancels: HashMap::new(),
            workers: 0,
            pace: Pace::default(),
            brief_workers: BriefWorkers::new(),
            pauses: Pauses::new(),
            wakefulness: Wakefulness::new(),
            one_waits: false,
            delivery: Delivery::new(max_undelivered_bytes),
            woken: false,
            holds_replies: false,
            poll_by: None,
        }
    }

    /// One worker for each call with a slot; fewer while calls are brief; none while too many replies wait.
    pub(crate) fn workers_wanted(&self) -> usize {
        match self.queue.running() {
            _ if self.delivery.is_full() => 0,
            running if self.pace.is_brief() => running.min(self.brief_workers.count()),
            running => running,
        }
    }

    pub(crate) fn refuse_ready(&mut self, reason: &str) {
        let error = HostError::Internal(format!("no thread for the call: {reason}"));
        while let Some(Turn { id, tenant, .. }) = self.ready.pop_front() {
            self.end(Some(tenant), id, reply::refused(&error).into());
            self.queue.end(tenant);
        }
    }

    /// The next call to run, unless too many replies wait.
    pub(crate) fn next_ready(&mut self) -> Option<Turn<Job>> {
        let next = if self.delivery.is_full() { None } else { self.ready.pop_front() };
        if next.is_some() {
            let left = self.ready.len().saturating_add(self.queue.waiting());
            self.brief_workers.took(left, self.pace.usual(), self.delivery.count());
        }
        next
    }

    /// How many workers are to be there after one has returned.
    ///
    /// A call that was left behind has no worker that must take it. It gets one of its own, unless a poll is near: that notices if
    /// all brief workers are held up.
    pub(crate) fn workers_wanted_after_a_shift(&self, now: Instant) -> usize {
        if self.delivery.is_full() || self.ready.is_empty() {
            0
        } else if self.is_poll_near(now) {
            self.workers_wanted()
        } else {
            self.queue.running()
        }
    }

    /// Do calls wait behind another on one worker, which may be slow?
    pub(crate) fn shares_a_worker(&self) -> bool {
        self.workers_wanted() < self.queue.running() || (self.pace.is_brief() && self.queue.waiting() > 0)
    }

    /// JavaScript will poll within this time, if it is set.
    pub(crate) fn promise_poll(&mut self, now: Instant, within: Option<Duration>) {
        let due = within.and_then(|within| now.checked_add(within));
        self.poll_by = self.poll_by.into_iter().chain(due).min();
    }

    /// May a worker that takes a call hold the replies back until there are more? It may while calls are brief. If this call
    /// is slow nevertheless, JavaScript gets the replies at its next poll, which must be near.
    pub(crate) fn may_hold_replies(&mut self, now: Instant) -> bool {
        let to_come = self.ready.len().saturating_add(self.queue.waiting()).saturating_add(1);
        self.holds_replies = self.pace.is_brief() && !self.delivery.is_worth_a_batch(to_come) && self.is_poll_near(now);
        self.holds_replies
    }

    fn is_poll_near(&self, now: Instant) -> bool {
        self.poll_by.is_some_and(|poll| poll.saturating_duration_since(now) <= HELD_UP)
    }

    /// Must JavaScript be woken? If so, it counts as woken.
    pub(crate) fn wakes(&mut self) -> bool {
        self.holds_replies = false;
        !self.delivery.is_empty() && !mem::replace(&mut self.woken, true)
    }

    /// A call has its reply. `tenant` is the tenant of its slot, if it had one.
    pub(crate) fn end(&mut self, tenant: Option<TenantIndex>, id: CallId, reply: CallReply) {
        if !self.cancels.is_empty() {
            self.cancels.remove(&id);
        }
        self.holds_replies = false;
        let lane = tenant.and_then(|tenant| self.queue.name(tenant));
        self.delivery.add(lane, id, reply);
    }

    /// Gives free slots to waiting calls.
    pub(crate) fn fill_slots(&mut self, now: Instant) {
        self.expire(now);
        while let Some(turn) = self.queue.next() {
            self.ready.push_back(turn);
        }
    }

    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some((deadline, id)) = self.queue.next_deadline()
            && deadline <= now
            && let Some(job) = self.queue.remove(id)
        {
            self.end(None, id, reply::waited_too_long(job.queue_timeout).into());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{HELD_UP, Schedule};
    use crate::call::hook::{NamedHook, OneHook};
    use crate::call::work::Work;
    use crate::queue::fair_queue::Offered;
    use crate::queue::job::Job;
    use crate::queue::limits::QueueLimits;

    const LIMITS: QueueLimits = QueueLimits {
        concurrency: 3,
        max_queue: 10,
        max_concurrency_per_tenant: 3,
        max_queue_per_tenant: 10,
        max_queue_bytes: 1_000,
        max_queue_bytes_per_tenant: 1_000,
    };

    fn job() -> Job {
        let named = Arc::new(NamedHook { plugin: "plugin".to_owned(), hook: "hook".to_owned() });
        let work = Work::Hook(OneHook { named, context: "{}".to_owned(), limits: None, grants: None });
        Job { work, bytes: 0, cancel: None, queued_at: Instant::now(), queue_timeout: Duration::from_secs(5) }
    }

    /// Three ready calls, while calls are brief.
    fn brief() -> Schedule {
        let mut schedule = Schedule::new(LIMITS, 1_000);
        for _ in 0..100 {
            schedule.pace.note(Duration::ZERO, 1);
        }
        for id in 0..3 {
            let Offered::Runs(turn) = schedule.queue.offer(id, None, Instant::now(), 0, job()) else { panic!() };
            schedule.ready.push_back(turn);
        }
        schedule
    }

    #[test]
    fn calls_that_a_brief_worker_leaves_behind_share_a_worker_if_a_poll_is_near_and_have_their_own_otherwise() {
        let now = Instant::now();
        let mut schedule = brief();
        assert_eq!(schedule.workers_wanted(), 1);
        assert_eq!(schedule.workers_wanted_after_a_shift(now), 3);
        // A call waits for a slot, which ends in seconds.
        schedule.promise_poll(now, Some(Duration::from_secs(5)));
        assert_eq!(schedule.workers_wanted_after_a_shift(now), 3);
        schedule.promise_poll(now, Some(HELD_UP));
        assert_eq!(schedule.workers_wanted_after_a_shift(now), 1);
        // The brief calls turned out to be slow.
        schedule.pace.note(HELD_UP, 1);
        assert_eq!(schedule.workers_wanted_after_a_shift(now), 3);
        schedule.ready.clear();
        assert_eq!(schedule.workers_wanted_after_a_shift(now), 0);
    }
}
