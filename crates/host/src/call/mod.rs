//! A hook call, from an empty cell to a checked result.

pub(crate) mod answer;
pub(crate) mod cells;
pub(crate) mod chain;
pub(crate) mod chain_result;
pub(crate) mod context;
pub(crate) mod enter;
pub(crate) mod fault;
pub(crate) mod grants;
pub(crate) mod guest;
pub(crate) mod guest_slice;
pub(crate) mod inline;
pub(crate) mod log;
pub(crate) mod patch;
pub(crate) mod resolved_hook;
pub(crate) mod result;
pub(crate) mod stop;
pub(crate) mod thrown;

use std::time::{Duration, Instant};

use crate::call::cells::finished_cells::FinishedCells;
use crate::call::context::{Context, Parts};
use crate::engine::Engine;
use crate::limits::LimitOverrides;
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::watchdog::Watch;

/// A hook call to make.
#[derive(Debug, Clone)]
pub struct HookCall<'a> {
    /// The plugin's name or path.
    pub plugin: &'a str,
    /// The hook's name.
    pub hook: &'a str,
    /// The plugin's context.
    pub context: &'a Context<'a>,
    /// Limits for this call only, over the plugin's, if it has any.
    pub sandbox: Option<&'a LimitOverrides>,
    /// Ends the call when it is cancelled, even before it begins.
    pub cancel: Option<&'a CancelToken>,
    /// When the call began to wait for its thread, for [`Usage::queue_ms`](crate::Usage::queue_ms).
    pub queued_at: Option<Instant>,
}

/// What a plugin gets.
#[derive(Clone, Copy)]
pub(crate) struct Handed<'a> {
    pub(crate) json: &'a str,
    /// Its parts, if they are known already.
    pub(crate) parts: Option<Parts<'a>>,
}

/// What a call has of its host.
pub(crate) struct Host<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) cancels: Cancels<'a>,
    /// Gets the cells of calls that end without a fault.
    pub(crate) finished: &'a mut FinishedCells,
    /// Ends the guest that runs, when it must. Each hook of a chain goes on with that of the one before.
    pub(crate) watch: Option<Watch<'a>>,
    /// The time, if it was read just now.
    pub(crate) now: Option<Instant>,
}

/// What may cancel a call.
#[derive(Clone, Copy)]
pub(crate) struct Cancels<'a> {
    /// Ends all calls of the runtime.
    pub(crate) runtime: &'a CancelToken,
    /// Ends this one.
    pub(crate) call: Option<&'a CancelToken>,
}

impl Host<'_> {
    /// The time. It is read again after this.
    pub(crate) fn take_now(&mut self) -> Instant {
        self.now.take().unwrap_or_else(Instant::now)
    }

    /// Milliseconds since a call was queued that begins now; 0 if that is unknown.
    pub(crate) fn waited_ms(&mut self, queued_at: Option<Instant>) -> f64 {
        let Some(queued_at) = queued_at else { return 0.0 };
        let now = self.take_now();
        self.now = Some(now);
        milliseconds(now.saturating_duration_since(queued_at))
    }
}

/// Rounded to a tenth of a microsecond: more digits would only cost time to write and read.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000_000.0).round() / 10_000.0
}
