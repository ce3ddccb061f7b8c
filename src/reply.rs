//! Replies to JavaScript: one JSON text that says which outcome it is.

use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;

use hookcell_host::{ErrorCode, Fault, FaultCode, HostError, PluginInfo};
use napi_derive::napi;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::queue::limits::{Full, QueueLimits};
use crate::turns::build_queue::{self, WaitLimits};

/// A refusal, for `HookcellError`.
#[derive(Serialize)]
struct Refusal<'a> {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a Fault>,
}

impl Refusal<'_> {
    fn new(code: &'static str, message: String, limit: Option<&'static str>) -> Self {
        Self { code, message, limit, path: None, details: None, fault: None }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Reply<'a> {
    Loaded(&'a PluginInfo),
    /// The plugin was already loaded, and its file has changed since.
    LoadedBefore(&'a PluginInfo),
    Refused(Refusal<'a>),
}

/// `{"loaded":PluginInfo}`, or `{"loadedBefore":PluginInfo}` if its file has changed since it was loaded.
pub(crate) fn loaded(info: &PluginInfo, has_changed: bool) -> String {
    text(&if has_changed { Reply::LoadedBefore(info) } else { Reply::Loaded(info) })
}

/// `{"refused":{"code":"ERR_…","message":"…","limit":"…","path":"…"}}`, with `limit` for `ERR_LIMIT` alone, and `path`
/// for an invalid part of the context. `details` and `fault` are the plugin's own, for `ERR_CONFIG`.
pub(crate) fn refused(error: &HostError) -> String {
    text(&Reply::Refused(Refusal {
        code: error.code(),
        message: error.to_string(),
        limit: error.limit_name(),
        path: error.path(),
        details: error.details().and_then(|details| serde_json::from_str(details).ok()),
        fault: error.fault(),
    }))
}

/// The code of a call that waited too long. Only the addon has a queue, so the host has no such code.
const QUEUE_TIMEOUT: &str = "ERR_QUEUE_TIMEOUT";

/// Every code that a refusal can carry.
#[napi]
#[must_use]
pub fn refusal_codes() -> Vec<&'static str> {
    ErrorCode::ALL.iter().map(|code| code.as_str()).chain([QUEUE_TIMEOUT]).collect()
}

/// Every code that a fault can carry.
#[napi]
#[must_use]
pub fn fault_codes() -> Vec<&'static str> {
    FaultCode::ALL.iter().map(|code| code.as_str()).collect()
}

/// `{"refused":…}` for a call that waited in the queue too long.
pub(crate) fn waited_too_long(timeout: Duration) -> String {
    has_waited("call", timeout)
}

/// `{"refused":…}` for a build that waited in its queue too long.
pub(crate) fn build_waited_too_long(timeout: Duration) -> String {
    has_waited("build", timeout)
}

fn has_waited(what: &str, timeout: Duration) -> String {
    let message = format!("the {what} waited {} ms in the queue (queueTimeoutMs)", timeout.as_millis());
    text(&Reply::Refused(Refusal::new(QUEUE_TIMEOUT, message, None)))
}

/// `{"refused":…}` for a call of this many bytes that the queue has no room for.
pub(crate) fn no_room(full: Full, bytes: usize, limits: &QueueLimits) -> String {
    let (message, limit) = match full {
        Full::Queue => (format!("{} calls are already waiting", limits.max_queue), "maxQueue"),
        Full::Tenant => {
            (format!("{} calls of this tenant are already waiting", limits.max_queue_per_tenant), "maxQueuePerTenant")
        }
        Full::QueueBytes(held) => {
            let most = limits.max_queue_bytes;
            (format!("the waiting calls hold {held} of {most} bytes, and this call has {bytes}"), "maxQueueBytes")
        }
        Full::TenantBytes(held) => {
            let most = limits.max_queue_bytes_per_tenant;
            let message = format!("this tenant's waiting calls hold {held} of {most} bytes, and this call has {bytes}");
            (message, "maxQueueBytesPerTenant")
        }
    };
    let message = format!("{message} ({limit})");
    text(&Reply::Refused(Refusal::new(ErrorCode::Busy.as_str(), message, Some(limit))))
}

/// `{"refused":…}` for a build that may not wait.
pub(crate) fn no_room_for_build(full: build_queue::Full, limits: WaitLimits) -> String {
    let (message, limit) = match full {
        build_queue::Full::Queue => (format!("{} builds are already waiting", limits.max_queue), "maxQueue"),
        build_queue::Full::Tenant => {
            let most = limits.max_queue_per_tenant;
            (format!("{most} builds of this tenant are already waiting"), "maxQueuePerTenant")
        }
    };
    let message = format!("{message} ({limit})");
    text(&Reply::Refused(Refusal::new(ErrorCode::Busy.as_str(), message, Some(limit))))
}

/// A value as JSON text.
pub(crate) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| refused(&HostError::Internal(error.to_string())))
}

/// The reply from `make`. A panic, which would end the process on a thread of libuv's pool, becomes a refusal.
pub(crate) fn caught<R: From<String>>(make: impl FnOnce() -> Result<R, HostError>) -> R {
    match panic::catch_unwind(AssertUnwindSafe(make)) {
        Ok(Ok(reply)) => reply,
        Ok(Err(error)) => refused(&error).into(),
        Err(panic) => {
            let what = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
            refused(&HostError::Internal(format!("panic: {}", what.unwrap_or("no message")))).into()
        }
    }
}
