//! One call, from its offer to its reply.

use std::time::{Duration, Instant};

use hookcell_host::{CancelToken, FinishedCells, WasmRuntime};

use crate::call::asked::Asked;
use crate::call::call_reply::CallReply;
use crate::call::work::Work;
use crate::reply;

/// One call, ready to run.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) work: Work,
    /// The bytes that it holds while it waits, mostly its context.
    pub(crate) bytes: usize,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) queued_at: Instant,
    pub(crate) queue_timeout: Duration,
}

impl Job {
    /// How many plugins it calls.
    pub(crate) fn links(&self) -> usize {
        self.work.links()
    }

    /// Runs it, unless it has waited for its thread too long. Its cells are left in `finished`.
    pub(crate) fn reply(self, runtime: &WasmRuntime, now: Instant, finished: &mut FinishedCells) -> CallReply {
        let Self { work, bytes: _, cancel, queued_at, queue_timeout } = self;
        if now.saturating_duration_since(queued_at) >= queue_timeout {
            return reply::waited_too_long(queue_timeout).into();
        }
        reply::caught(|| work.run(runtime, Asked { cancel: cancel.as_ref(), queued_at, finished }))
    }
}
