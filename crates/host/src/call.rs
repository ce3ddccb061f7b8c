//! One hook call, from an empty cell to a checked result.

use std::time::{Duration, Instant};

use crate::cancel::CancelToken;
use crate::cell::Cell;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::HostError;
use crate::guest::{Answer, Guest};
use crate::limits::{Limit, SandboxConfig};
use crate::plugin::Plugin;
use crate::result::{HookResult, Outcome, Usage};
use crate::stop::Stop;
use crate::watchdog::StopSignal;

/// A hook call to make.
#[derive(Debug, Clone)]
pub struct HookRequest<'a> {
    /// The plugin's name or path.
    pub plugin: &'a str,
    /// The hook's name.
    pub hook: &'a str,
    /// What the plugin is given.
    pub context: &'a Context<'a>,
    /// Limits for this call alone, over the plugin's.
    pub sandbox: SandboxConfig,
    /// Ends the call when it is cancelled, also before it begins.
    pub cancel: Option<&'a CancelToken>,
    /// When the call began to wait for its thread, for [`Usage::queue_ms`].
    pub queued_at: Option<Instant>,
}

/// Runs the hook and hands the result to `read` while the guest's memory is still there.
pub(crate) fn run<R>(
    engine: &Engine,
    plugin: &Plugin,
    runtime_cancel: &CancelToken,
    request: &HookRequest<'_>,
    read: impl FnOnce(&HookResult<'_>) -> R,
) -> Result<R, HostError> {
    let limits = plugin.limits().with(&request.sandbox)?;
    let hook = plugin.hook(request.hook)?;
    let context = request.context.as_json();
    if context.len() > limits.context_bytes() {
        let (length, name) = (context.len(), Limit::CONTEXT_BYTES.name);
        let message = format!("the context has {length} bytes; {name} is {}", limits.context_bytes());
        return Err(HostError::limit(name, message));
    }
    request.context.check_harmless()?;

    let started = Instant::now();
    let deadline = started.checked_add(limits.timeout()).unwrap_or(started);
    let signal = StopSignal { deadline, runtime: runtime_cancel.clone(), call: request.cancel.cloned() };
    if signal.is_cancelled() {
        return Err(HostError::Cancelled);
    }
    let fuel = limits.fuel(context.len());
    let mut store = Cell::open(engine, &limits, fuel, signal.clone()).map_err(|error| HostError::internal(&error))?;
    // Only now: a move of the epoch before the store was told to look for it would be lost.
    let _watch = engine.watchdog().watch(signal);

    let guest = Guest { engine, plugin, hook_name: request.hook, limits, fuel };
    let (outcome, fuel_used) = match guest.enter(&mut store, hook, context.as_bytes()) {
        Ok(Answer { memory, slice, fuel_used }) => {
            let bytes = slice.of(memory.data(&store)).unwrap_or_default();
            (Outcome::read(bytes, limits.max_result_values()).unwrap_or_else(Outcome::Faulted), Some(fuel_used))
        }
        Err(Stop::Plugin { fault, fuel_used }) => (Outcome::Faulted(fault), fuel_used),
        Err(Stop::Host(error)) => return Err(error),
    };
    if let Outcome::Faulted(fault) = &outcome {
        tracing::warn!(plugin = plugin.key(), hook = request.hook, code = fault.code.as_str(), "{}", fault.message);
    }
    let usage = Usage {
        fuel: fuel_used,
        memory_bytes: store.data().memory_bytes(),
        queue_ms: milliseconds(
            request.queued_at.map_or(Duration::ZERO, |queued_at| started.saturating_duration_since(queued_at)),
        ),
        run_ms: milliseconds(started.elapsed()),
    };
    Ok(read(&HookResult { outcome, usage }))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
