//! Wakes a thread that has nothing to do until then.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Wakes a thread that has nothing to do until then.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    has_ended: Mutex<bool>,
    rung: Condvar,
}

impl Bell {
    /// Makes the thread look again at what it waits for.
    pub(crate) fn ring(&self) {
        // The thread is either waiting by now, or looks after this.
        drop(self.lock());
        self.rung.notify_one();
    }

    /// Tells the thread to end.
    pub(crate) fn end(&self) {
        *self.lock() = true;
        self.rung.notify_one();
    }

    /// Waits as long as there is nothing to do. Returns whether to end.
    pub(crate) fn wait_while(&self, has_nothing_to_do: impl Fn() -> bool) -> bool {
        let mut has_ended = self.lock();
        while !*has_ended && has_nothing_to_do() {
            has_ended = self.rung.wait(has_ended).unwrap_or_else(PoisonError::into_inner);
        }
        *has_ended
    }

    /// Waits for so long, or until the end. Returns whether to end.
    pub(crate) fn wait_for(&self, time: Duration) -> bool {
        let waited = self.rung.wait_timeout_while(self.lock(), time, |has_ended| !*has_ended);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.has_ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
