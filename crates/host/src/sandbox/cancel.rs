//! Cancelling calls and loads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cancels a call, or all calls of a runtime. Clones share one state, which never changes back.
///
/// [`WasmRuntime::cancel`](crate::WasmRuntime::cancel) cancels it; a [`HookCall`](crate::HookCall) carries it.
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

    /// Marks it as cancelled; the watchdog then interrupts a running guest.
    pub(crate) fn mark(&self) {
        self.cancelled.store(true, Ordering::Release);
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.cancelled, &other.cancelled)
    }
}
