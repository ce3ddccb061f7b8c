//! Which slot the memory gets that wasmtime is about to make. It asks for a memory on the thread that makes an instance, and cannot
//! tell for which plugin.

use std::cell::RefCell;

use crate::sandbox::memory::given_slot::GivenSlot;

thread_local! {
    static NEXT: RefCell<Option<GivenSlot>> = const { RefCell::new(None) };
}

/// Runs `make`, in which one memory may be made: in this slot.
pub(crate) fn hand_over<T>(slot: GivenSlot, make: impl FnOnce() -> wasmtime::Result<T>) -> wasmtime::Result<T> {
    NEXT.set(Some(slot));
    let _end = End;
    make()
}

/// The slot of the memory that is being made; `None` if it has been taken, or if none was handed over.
pub(crate) fn take() -> Option<GivenSlot> {
    NEXT.take()
}

/// Leaves nothing behind, also after a panic.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        NEXT.set(None);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    use super::{hand_over, take};
    use crate::sandbox::memory::given_slot::{GivenSlot, NoSlot};
    use crate::sandbox::memory::memories::Memories;
    use crate::sandbox::memory::plugin_memory::PluginMemory;

    /// A plugin whose calls may have one slot.
    fn plugin() -> Option<Arc<PluginMemory>> {
        let memories = Memories::open(1, false, &Arc::default()).unwrap();
        if memories.is_none() {
            eprintln!("SKIPPED: this machine cannot tell which pages were written");
        }
        Some(PluginMemory::new(None, true, &memories?))
    }

    #[test]
    fn a_slot_is_handed_over_once_and_never_left_behind() {
        let Some(plugin) = plugin() else { return };
        let slot = || GivenSlot::take(&plugin).unwrap();
        hand_over(slot(), || {
            assert!(take().is_some());
            assert!(take().is_none());
            Ok(())
        })
        .unwrap();
        hand_over(slot(), || Ok(())).unwrap();
        assert!(take().is_none());
        let panics = AssertUnwindSafe(|| hand_over(slot(), || -> wasmtime::Result<()> { panic!("it panics") }));
        assert!(catch_unwind(panics).is_err());
        assert!(take().is_none());
        drop(slot());
    }

    #[test]
    fn a_call_without_a_slot_is_told_so() {
        let Some(plugin) = plugin() else { return };
        let slot = GivenSlot::take(&plugin).unwrap();
        assert_eq!(GivenSlot::take(&plugin).unwrap_err(), NoSlot);
        drop(slot);
        GivenSlot::take(&plugin).unwrap();
    }
}
