//! An open cell. It resets its memory before wasmtime may reuse it, however the call ends.

use std::ops::{Deref, DerefMut};

use wasmtime::{Instance, Memory, Store, Trap};

use crate::limits::Limits;
use crate::sandbox::cell::Cell;
use crate::sandbox::reset::memory::reset;
use crate::sandbox::reset::plugin_memory::PluginMemory;
use crate::sandbox::reset::resets::InUse;
use crate::sandbox::watchdog::StopSignal;

/// The store of one call, which resets its memory when it is dropped: after a result, a trap, a deadline or a panic.
///
/// All stores of the host are made here, and all instances made in them are made by [`Self::instantiate`].
pub(crate) struct OpenCell<'a> {
    store: Store<Cell>,
    to_reset: ToReset<'a>,
    /// Dropped after the store, which gives back the slot.
    in_use: Option<InUse<'a>>,
}

/// What a cell must reset.
enum ToReset<'a> {
    /// No memory, or one that wasmtime resets.
    Nothing,
    /// A memory that a guest may have written to, and that cannot be reached.
    Lost,
    Memory(Memory, &'a PluginMemory),
}

impl<'a> OpenCell<'a> {
    /// An empty cell, with its limits set before any guest code can run.
    pub(crate) fn open(
        engine: &wasmtime::Engine,
        limits: &Limits,
        fuel: u64,
        signal: StopSignal,
    ) -> wasmtime::Result<Self> {
        let store = Cell::new(limits, signal).into_store(engine, fuel)?;
        Ok(Self { store, to_reset: ToReset::Nothing, in_use: None })
    }

    /// Makes the instance of a plugin, and returns it with the memory that it uses. `plugin` is what is known of that memory
    /// if the cells of the engine are to reset it.
    pub(crate) fn instantiate(
        &mut self,
        plugin: Option<&'a PluginMemory>,
        instantiate: impl FnOnce(&mut Store<Cell>) -> wasmtime::Result<(Instance, Memory)>,
    ) -> wasmtime::Result<(Instance, Memory)> {
        let Some(plugin) = plugin else {
            return instantiate(&mut self.store);
        };
        self.in_use = Some(plugin.resets.enter());
        self.to_reset = ToReset::Lost;
        let result = instantiate(&mut self.store);
        match &result {
            Ok((_, memory)) => self.to_reset = ToReset::Memory(*memory, plugin),
            // Nothing but the start of a module can trap, and a module with one gets other cells.
            Err(error) if error.is::<Trap>() => {}
            Err(_) => self.to_reset = ToReset::Nothing,
        }
        result
    }

    /// Keeps the store for good, because nobody may get its memory any more.
    fn abandon(&mut self, why: &dyn std::fmt::Display) {
        tracing::error!(%why, "the memory of a call cannot be reset: its pool slot is not used again");
        let empty = Store::new(self.store.engine(), self.store.data().emptied());
        std::mem::forget(std::mem::replace(&mut self.store, empty));
    }
}

impl Deref for OpenCell<'_> {
    type Target = Store<Cell>;

    fn deref(&self) -> &Store<Cell> {
        &self.store
    }
}

impl DerefMut for OpenCell<'_> {
    fn deref_mut(&mut self) -> &mut Store<Cell> {
        &mut self.store
    }
}

impl Drop for OpenCell<'_> {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.to_reset, ToReset::Nothing) {
            ToReset::Nothing => {}
            ToReset::Lost => self.abandon(&"its start failed"),
            ToReset::Memory(memory, plugin) => {
                if let Err(error) = reset(memory.data_mut(&mut self.store), plugin) {
                    self.abandon(&error);
                }
            }
        }
    }
}
