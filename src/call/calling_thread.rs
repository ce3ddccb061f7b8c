//! What a call needs that runs on JavaScript's own thread.

use std::sync::atomic::{AtomicU32, Ordering};

use hookcell_host::HostError;

/// The most threads of a process, the main one and its workers, that can be in such a call at once. The engine has a cell
/// for each, in addition to those for libuv's threads.
pub(crate) const MOST_AT_ONCE: u32 = 16;

/// Calls in progress in the process.
static UNDER_WAY: AtomicU32 = AtomicU32::new(0);

/// The stack that a call needs: 512 KiB for the guest, and the same again for the code around it. A `Worker` has 4 MiB and
/// lets JavaScript use nearly all of it, so a call deep in a recursion can have less.
pub(crate) const STACK_BYTES: usize = 1_024 * 1_024;

/// A slot for one of the calls that can run at once.
pub(crate) struct Slot;

impl Slot {
    pub(crate) fn take() -> Result<Self, HostError> {
        let one_more = |under_way: u32| under_way.checked_add(1).filter(|under_way| *under_way <= MOST_AT_ONCE);
        UNDER_WAY
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .map(|_| Self)
            .map_err(|_| HostError::Busy(MOST_AT_ONCE))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
    }
}
