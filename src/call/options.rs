//! Options and counts of calls, as JavaScript passes them.

use std::time::Duration;

use napi::bindgen_prelude::{Error, Result};
use napi_derive::napi;
use serde::Deserialize;

use crate::grants::GrantOptions;
use crate::limits::{LimitOptions, whole};
use crate::queue::limits::QueueLimits;

/// How many calls run and wait, and the longest wait.
#[napi(object, object_to_js = false)]
pub struct QueueSettings {
    pub concurrency: u32,
    pub max_queue: u32,
    pub queue_timeout_ms: u32,
    pub max_concurrency_per_tenant: u32,
    pub max_queue_per_tenant: u32,
    pub max_queue_bytes: f64,
    pub max_queue_bytes_per_tenant: f64,
    pub max_undelivered_bytes: f64,
}

/// The calls of a runtime.
#[napi(object, object_from_js = false)]
pub struct CallCounts {
    pub running: u32,
    pub waiting: u32,
}

impl From<QueueSettings> for QueueLimits {
    fn from(settings: QueueSettings) -> Self {
        let size = |value| usize::try_from(value).unwrap_or(usize::MAX);
        Self {
            concurrency: size(settings.concurrency),
            max_queue: size(settings.max_queue),
            max_concurrency_per_tenant: size(settings.max_concurrency_per_tenant),
            max_queue_per_tenant: size(settings.max_queue_per_tenant),
            max_queue_bytes: bytes(settings.max_queue_bytes),
            max_queue_bytes_per_tenant: bytes(settings.max_queue_bytes_per_tenant),
        }
    }
}

/// A number of bytes, cut to the largest `usize`.
pub(crate) fn bytes(value: f64) -> usize {
    usize::try_from(whole(value)).unwrap_or(usize::MAX)
}

/// Options of one call that differ from the runtime's.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CallOptions {
    pub(crate) limits: Option<LimitOptions>,
    pub(crate) queue_timeout_ms: Option<u32>,
    pub(crate) tenant: Option<String>,
    /// `cancel` can end it.
    pub(crate) cancellable: bool,
    pub(crate) grants: Option<GrantOptions>,
}

impl CallOptions {
    /// Reads them from JSON text, because an object takes longer to cross than a hook takes to run.
    pub(crate) fn parse(text: Option<&str>) -> Result<Self> {
        text.map_or_else(
            || Ok(Self::default()),
            |text| serde_json::from_str(text).map_err(|error| Error::from_reason(error.to_string())),
        )
    }
}

/// What an offered call and `poll` return if no poll is needed.
#[napi]
pub const NO_POLL: f64 = 0.0;

/// The milliseconds within which to poll, or [`NO_POLL`].
pub(crate) fn poll_within(within: Option<Duration>) -> f64 {
    within.map_or(NO_POLL, |within| within.as_secs_f64().max(0.001) * 1_000.0)
}
