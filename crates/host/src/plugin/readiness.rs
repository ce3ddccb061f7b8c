//! Cells that are made before a plugin's calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use wasmtime::Trap;

use crate::limits::Limits;
use crate::plugin::exports::Exports;
use crate::plugin::form::Form;
use crate::plugin::info::PluginNumber;
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::entry::HookNumber;
use crate::sandbox::open_cell::OpenCell;
use crate::sandbox::ready_cells::{ReadyCells, ReadyGuest};
use crate::sandbox::watchdog::StopSignal;

/// More than making an instance takes, in which no guest code runs.
const LONG: Duration = Duration::from_secs(1);

/// The ready cells of a plugin. They are dropped with it.
pub(crate) struct Readiness {
    plugin: PluginNumber,
    cells: Arc<ReadyCells>,
    /// Cancels nothing: cells are made in no call.
    never: CancelToken,
    /// Guest code runs when an instance is made, which is for the call itself to do.
    has_code_to_run: AtomicBool,
}

impl Readiness {
    pub(crate) fn of(plugin: PluginNumber, cells: &Arc<ReadyCells>) -> Self {
        Self {
            plugin,
            cells: Arc::clone(cells),
            never: CancelToken::default(),
            has_code_to_run: AtomicBool::new(false),
        }
    }

    /// A cell that was made before, for a call with these limits of a plugin with `own` ones; `None` if there is none, or if the plugin
    /// may not fit them.
    pub(crate) fn take(
        &self,
        hook: HookNumber,
        own: &Limits,
        limits: &Limits,
        fuel: u64,
        signal: &StopSignal,
    ) -> Option<ReadyGuest> {
        let fits = limits.max_memory_pages() >= own.max_memory_pages()
            && limits.max_table_elements() >= own.max_table_elements();
        let ReadyGuest { mut cell, inside, entry } = if fits { self.cells.take(self.plugin.0)? } else { return None };
        cell.begin(limits, fuel, signal.clone()).ok()?;
        Some(ReadyGuest { cell, inside, entry: entry.filter(|entry| entry.of == hook) })
    }

    /// Makes a cell for a later call, unless there are as many as wanted. No guest code runs: the cell has no fuel.
    pub(crate) fn make(&self, (form, exports, hook): (&Form, &Exports, HookNumber), own: &Limits, wanted: usize) {
        let Some(memory) = form.own_memory() else { return };
        if self.has_code_to_run.load(Ordering::Relaxed) || self.cells.count_of(self.plugin.0) >= wanted {
            return;
        }
        let now = Instant::now();
        let deadline = now.checked_add(LONG).unwrap_or(now);
        let signal = StopSignal { deadline, runtime: self.never.clone(), call: None };
        let Ok(mut cell) = OpenCell::open_idle(form.engine(), own, signal) else { return };
        match form.instantiate(&mut cell) {
            Ok(inside) => {
                let entry = exports.entry(&mut cell, inside.code, hook);
                self.cells.add(self.plugin.0, ReadyGuest { cell, inside, entry }, memory);
            }
            Err(error) => self.has_code_to_run.store(is_of_code(&error), Ordering::Relaxed),
        }
    }
}

/// Did guest code try to run? A machine that stands still for longer than the deadline ends the making too, and that tells nothing.
fn is_of_code(error: &wasmtime::Error) -> bool {
    error.downcast_ref::<Trap>().is_some_and(|trap| *trap != Trap::Interrupt)
}

impl Drop for Readiness {
    fn drop(&mut self) {
        self.cells.forget(self.plugin.0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use wasmtime::Trap;

    use super::is_of_code;
    use crate::limits::Limits;
    use crate::sandbox::cancel::CancelToken;
    use crate::sandbox::config::{MemoriesBy, config};
    use crate::sandbox::open_cell::OpenCell;
    use crate::sandbox::watchdog::StopSignal;

    #[test]
    fn a_machine_that_stood_still_while_a_cell_was_made_ready_does_not_end_that_for_good() {
        let engine = wasmtime::Engine::new(&config(MemoriesBy::Mapping)).unwrap();
        let make = |wat: &str, deadline: Instant| {
            let signal = StopSignal { deadline, runtime: CancelToken::default(), call: None };
            let mut cell = OpenCell::open_idle(&engine, &Limits::default(), signal).unwrap();
            let module = wasmtime::Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
            let made = cell.instantiate(None, |store| wasmtime::Instance::new(store, &module, &[]));
            made.map(drop).unwrap_err()
        };
        let now = Instant::now();
        let late = make("(module (memory 1))", now);
        assert!(late.is::<Trap>() && !is_of_code(&late), "{late:?}");
        let later = now + std::time::Duration::from_hours(1);
        let starts = make("(module (func $start) (start $start))", later);
        assert!(is_of_code(&starts), "{starts:?}");
    }
}
