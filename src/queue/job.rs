//! One call, from when it is offered until its reply.

use std::time::{Duration, Instant};

use hookcell_host::{CancelToken, HostError, WasmRuntime};

use crate::reply;

/// What a call does on a worker. It gives the reply.
pub(crate) type Run = dyn FnOnce(&WasmRuntime, Asked<'_>) -> Result<String, HostError> + Send;

/// One call, ready to run.
pub(crate) struct Job {
    pub(crate) run: Box<Run>,
    /// What it holds while it waits, in bytes: its context above all.
    pub(crate) bytes: usize,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) queued_at: Instant,
    pub(crate) queue_timeout: Duration,
}

impl Job {
    /// Runs it, unless it has waited for its thread longer than it may.
    pub(crate) fn reply(self, runtime: &WasmRuntime, now: Instant) -> String {
        let Self { run, bytes: _, cancel, queued_at, queue_timeout } = self;
        if now.saturating_duration_since(queued_at) >= queue_timeout {
            return reply::waited_too_long(queue_timeout);
        }
        reply::caught(|| run(runtime, Asked { cancel: cancel.as_ref(), queued_at }))
    }
}

/// What a job is told when it runs.
pub(crate) struct Asked<'a> {
    pub(crate) cancel: Option<&'a CancelToken>,
    pub(crate) queued_at: Instant,
}
