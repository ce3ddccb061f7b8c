//! The schedule of a runtime's calls. It starts no threads itself.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use hookcell_host::{CancelToken, HostError};

use crate::queue::delivery::Delivery;
use crate::queue::fair_queue::{CallId, FairQueue, TenantIndex, Turn};
use crate::queue::job::Job;
use crate::queue::limits::QueueLimits;
use crate::queue::pace::Pace;
use crate::reply;

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
    pub(crate) delivery: Delivery,
    /// JavaScript has been woken and will take the replies.
    pub(crate) woken: bool,
}

impl Schedule {
    pub(crate) fn new(limits: QueueLimits, max_undelivered_bytes: usize) -> Self {
        Self {
            queue: FairQueue::new(limits),
            ready: VecDeque::new(),
            cancels: HashMap::new(),
            workers: 0,
            pace: Pace::default(),
            delivery: Delivery::new(max_undelivered_bytes),
            woken: false,
        }
    }

    /// One worker for each call with a slot; one for all of them while calls are brief; none while too many replies wait.
    pub(crate) fn workers_wanted(&self) -> usize {
        match self.queue.running() {
            _ if self.delivery.is_full() => 0,
            running if self.pace.is_brief() => running.min(1),
            running => running,
        }
    }

    pub(crate) fn refuse_ready(&mut self, reason: &str) {
        let error = HostError::Internal(format!("no thread for the call: {reason}"));
        while let Some(Turn { id, tenant, .. }) = self.ready.pop_front() {
            self.end(Some(tenant), id, reply::refused(&error));
            self.queue.end(tenant);
        }
    }

    /// The next call to run, unless too many replies wait.
    pub(crate) fn next_ready(&mut self) -> Option<Turn<Job>> {
        if self.delivery.is_full() { None } else { self.ready.pop_front() }
    }

    /// A call has its reply. `tenant` is the tenant of its slot, if it had one.
    pub(crate) fn end(&mut self, tenant: Option<TenantIndex>, id: CallId, reply: String) {
        self.cancels.remove(&id);
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
            self.end(None, id, reply::waited_too_long(job.queue_timeout));
        }
    }
}
