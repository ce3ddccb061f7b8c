//! Which plugin's memory wasmtime is about to make. It asks for a memory on the thread that makes an instance, and cannot tell for which
//! plugin.

use std::cell::RefCell;
use std::sync::Arc;

use crate::sandbox::memory::plugin_memory::PluginMemory;

thread_local! {
    static NEXT: RefCell<Option<HandOver>> = const { RefCell::new(None) };
}

#[derive(Debug, Default)]
struct HandOver {
    plugin: Option<Arc<PluginMemory>>,
    had_no_slot: bool,
}

/// There was no slot, because calls have all that they may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoSlot;

impl std::fmt::Display for NoSlot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("all slots are in use")
    }
}

impl std::error::Error for NoSlot {}

/// Runs `make`, in which one memory may be made: of this plugin.
///
/// # Errors
/// That of `make`, or [`NoSlot`].
pub(crate) fn hand_over<T>(
    plugin: &Arc<PluginMemory>,
    make: impl FnOnce() -> wasmtime::Result<T>,
) -> wasmtime::Result<T> {
    let next = HandOver { plugin: Some(Arc::clone(plugin)), had_no_slot: false };
    NEXT.with_borrow_mut(|over| *over = Some(next));
    let end = End;
    let result = make();
    let had_no_slot = NEXT.with_borrow(|over| over.as_ref().is_some_and(|over| over.had_no_slot));
    drop(end);
    match result {
        Err(_) if had_no_slot => Err(NoSlot.into()),
        result => result,
    }
}

/// The plugin of the memory that is being made; `None` if it has been taken, or if none was handed over.
pub(crate) fn take() -> Option<Arc<PluginMemory>> {
    NEXT.with_borrow_mut(|over| over.as_mut()?.plugin.take())
}

/// Notes that there was no slot.
pub(crate) fn note_no_slot() {
    NEXT.with_borrow_mut(|over| {
        if let Some(over) = over {
            over.had_no_slot = true;
        }
    });
}

/// Leaves nothing behind, also after a panic.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        NEXT.with_borrow_mut(|over| *over = None);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    use super::{NoSlot, hand_over, note_no_slot, take};
    use crate::sandbox::memory::memories::Memories;
    use crate::sandbox::memory::plugin_memory::PluginMemory;

    fn plugin() -> Option<Arc<PluginMemory>> {
        let memories = Memories::open(1, false, &Arc::default()).unwrap();
        if memories.is_none() {
            eprintln!("SKIPPED: this machine cannot tell which pages were written");
        }
        Some(PluginMemory::new(None, &memories?))
    }

    #[test]
    fn a_plugin_is_handed_over_once_and_never_left_behind() {
        let Some(plugin) = plugin() else { return };
        hand_over(&plugin, || {
            assert!(take().is_some_and(|taken| Arc::ptr_eq(&taken, &plugin)));
            assert!(take().is_none());
            Ok(())
        })
        .unwrap();
        hand_over(&plugin, || Ok(())).unwrap();
        assert!(take().is_none());
        let panics = AssertUnwindSafe(|| hand_over(&plugin, || -> wasmtime::Result<()> { panic!("it panics") }));
        assert!(catch_unwind(panics).is_err());
        assert!(take().is_none());
    }

    #[test]
    fn an_instance_that_fails_for_want_of_a_slot_says_so() {
        let Some(plugin) = plugin() else { return };
        let failed = |why: &'static str| -> wasmtime::Result<()> { Err(wasmtime::Error::msg(why)) };
        let error = hand_over(&plugin, || {
            note_no_slot();
            failed("no memory")
        });
        assert!(error.unwrap_err().is::<NoSlot>());
        assert!(!hand_over(&plugin, || failed("something else")).unwrap_err().is::<NoSlot>());
    }
}
