//! How calls are made and counted, as JavaScript says it.

use napi_derive::napi;

use crate::options::{LimitOptions, whole};
use crate::queue::limits::QueueLimits;

/// How many calls run and wait, and for how long they wait at the most.
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

/// What became of the replies that were to be handed over.
#[napi(object, object_from_js = false)]
pub struct RepliesTaken {
    /// How many there were.
    pub count: u32,
    /// Are there more?
    pub is_left: bool,
}

/// How many calls a runtime has.
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

/// A number of bytes, all of the memory there is where it is greater.
pub(crate) fn bytes(value: f64) -> usize {
    usize::try_from(whole(value)).unwrap_or(usize::MAX)
}

/// How one call is made, where it is not made as all are.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct NativeCallOptions {
    pub limits: Option<LimitOptions>,
    pub queue_timeout_ms: Option<u32>,
    pub tenant: Option<String>,
    /// It may be ended with `cancel`.
    pub cancellable: Option<bool>,
}
