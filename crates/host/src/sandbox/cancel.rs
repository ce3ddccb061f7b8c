//! Stopping a call that nobody waits for any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A wish that a call, or all calls of a runtime, end now. Clones share it. Once cancelled it stays so.
///
/// [`WasmRuntime::cancel`](crate::WasmRuntime::cancel) expresses it; a [`HookCall`](crate::HookCall) carries it.
#[derive(Debug, Clone, Default)]
pub struct CancelToken {
    cancelled: Arc<AtomicBool>,
}

impl CancelToken {
    /// Has it been cancelled?
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Marks it; the watchdog sees to it that a running guest notices.
    pub(crate) fn mark(&self) {
        self.cancelled.store(true, Ordering::Release);
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.cancelled, &other.cancelled)
    }
}
