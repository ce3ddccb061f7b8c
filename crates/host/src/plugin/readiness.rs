//! Cells that are made before a plugin's calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime::Trap;

use crate::limits::Limits;
use crate::plugin::exports::Exports;
use crate::plugin::form::Form;
use crate::plugin::info::PluginNumber;
use crate::sandbox::entry::HookNumber;
use crate::sandbox::open_cell::OpenCell;
use crate::sandbox::ready_cells::{ReadyCells, ReadyGuest};

/// The ready cells of a plugin. They are dropped with it.
pub(crate) struct Readiness {
    plugin: PluginNumber,
    cells: Arc<ReadyCells>,
    /// Guest code runs when an instance is made, which is for the call itself to do.
    has_code_to_run: AtomicBool,
}

impl Readiness {
    pub(crate) fn of(plugin: PluginNumber, cells: &Arc<ReadyCells>) -> Self {
        Self { plugin, cells: Arc::clone(cells), has_code_to_run: AtomicBool::new(false) }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.cells.count_of(self.plugin.0)
    }

    /// A cell that was made before, for a call with these limits of a plugin with `own` ones; `None` if there is none, or if the plugin
    /// may not fit them. The call has not begun in it.
    pub(crate) fn take(&self, hook: HookNumber, own: &Limits, limits: &Limits) -> Option<ReadyGuest> {
        let fits = limits.max_memory_pages() >= own.max_memory_pages()
            && limits.max_table_elements() >= own.max_table_elements();
        let guest = if fits { self.cells.take(self.plugin.0)? } else { return None };
        Some(ReadyGuest { entry: guest.entry.filter(|entry| entry.of == hook), ..guest })
    }

    /// Makes a cell for a later call. Returns whether it is kept. No guest code runs: the cell has no fuel.
    pub(crate) fn make(&self, (form, exports, hook): (&Form, &Exports, HookNumber), own: &Limits) -> bool {
        if form.own_memory().is_none() || self.has_code_to_run.load(Ordering::Relaxed) {
            return false;
        }
        let Ok(mut cell) = OpenCell::open_idle(form.engine(), own) else { return false };
        match form.instantiate(&mut cell) {
            Ok(inside) => {
                let entry = exports.entry(&mut cell, inside.code, hook);
                self.cells.add(self.plugin.0, ReadyGuest { cell, inside, entry })
            }
            // Without fuel, guest code that runs is a trap.
            Err(error) => {
                self.has_code_to_run.store(error.is::<Trap>(), Ordering::Relaxed);
                false
            }
        }
    }
}

impl Drop for Readiness {
    fn drop(&mut self) {
        self.cells.forget(self.plugin.0);
    }
}
