//! One call, from its offer to its reply.

use std::time::{Duration, Instant};

use hookcell_host::{CancelToken, HostError, WasmRuntime};

use crate::reply;

/// Runs a call on a worker and returns its reply.
pub(crate) type Run = dyn FnOnce(&WasmRuntime, Asked<'_>) -> Result<String, HostError> + Send;

/// One call, ready to run.
pub(crate) struct Job {
    pub(crate) run: Box<Run>,
    /// The bytes that it holds while it waits, mostly its context.
    pub(crate) bytes: usize,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) queued_at: Instant,
    pub(crate) queue_timeout: Duration,
}

impl Job {
    /// Runs it, unless it has waited for its thread too long.
    pub(crate) fn reply(self, runtime: &WasmRuntime, now: Instant) -> String {
        let Self { run, bytes: _, cancel, queued_at, queue_timeout } = self;
        if now.saturating_duration_since(queued_at) >= queue_timeout {
            return reply::waited_too_long(queue_timeout);
        }
        reply::caught(|| run(runtime, Asked { cancel: cancel.as_ref(), queued_at }))
    }
}

/// What a job gets when it runs.
pub(crate) struct Asked<'a> {
    pub(crate) cancel: Option<&'a CancelToken>,
    pub(crate) queued_at: Instant,
}
