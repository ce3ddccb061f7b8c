//! Which engine the cells of a plugin belong to.

use std::time::Instant;

use wasmtime::{ExternType, Instance, Module};

use crate::compile::machine_code::MachineCode;
use crate::engine::{Engine, ResettingEngine};
use crate::limits::{Limits, PAGE_BYTES};
use crate::module::contract::MEMORY;
use crate::module::table_size::most_table_elements;
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::config::{KEEP_RESIDENT_BYTES, Tables};
use crate::sandbox::open_cell::OpenCell;
use crate::sandbox::reset::plugin_memory::PluginMemory;
use crate::sandbox::watchdog::StopSignal;

/// The engine to compile a module for.
///
/// A memory that begins small is cleared whole in less time than it takes to ask what was written.
pub(crate) fn engine_for<'a>(min_pages: u64, module: &[u8], engine: &'a Engine) -> &'a wasmtime::Engine {
    let is_small = min_pages <= u64::try_from(KEEP_RESIDENT_BYTES.div_euclid(PAGE_BYTES)).unwrap_or_default();
    if is_small {
        return engine.wasmtime();
    }
    let tables = Tables::of_at_most(most_table_elements(module));
    engine.resetting(|resetting| resetting.is_for(tables)).map_or(engine.wasmtime(), |resetting| &resetting.wasmtime)
}

/// The module for the engine of its cells, and what is known of its memory if they reset it. `data_end` is the end of its data,
/// if that is known.
///
/// While a start section runs, or data is written segment by segment, a cell does not have its memory yet, and could not reset it
/// if that failed. Such a module gets cells that wasmtime resets.
pub(crate) fn settled(
    module: Module,
    data_end: Option<usize>,
    limits: &Limits,
    engine: &Engine,
) -> wasmtime::Result<(Module, Option<PluginMemory>)> {
    let Some(resetting) = engine.resetting(|resetting| is_of(&module, &resetting.wasmtime)) else {
        return Ok((module, None));
    };
    if runs_code_at_its_start(&module, limits) {
        let module = MachineCode::of(&module)?.to_module(engine.wasmtime())?;
        module.initialize_copy_on_write_image()?;
        return Ok((module, None));
    }
    let memory = memory_of(&module, data_end, resetting);
    Ok((module, Some(memory)))
}

/// Does an engine leave the reset of memories to their cells?
pub(crate) fn is_resetting(wasmtime: &wasmtime::Engine, engine: &Engine) -> bool {
    engine.resetting(|resetting| wasmtime::Engine::same(&resetting.wasmtime, wasmtime)).is_some()
}

/// What is known of the memory of a data half if cells reset it. `data_end` is the end of its data, if that is known.
///
/// The data half is instantiated first and runs no code of the guest, so a cell has its memory before anything can fail.
pub(crate) fn memory_of_half(data: &Module, data_end: Option<usize>, engine: &Engine) -> Option<PluginMemory> {
    let resetting = engine.resetting(|resetting| is_of(data, &resetting.wasmtime))?;
    Some(memory_of(data, data_end, resetting))
}

/// Does wasmtime make no image of the memory, and copy the data by code instead? That code could trap, and writes before the
/// cell has its memory. Also `true` if it cannot be tried, as when the pool is full.
pub(crate) fn copies_its_data(data: &Module, limits: &Limits) -> bool {
    try_start(data, limits).is_err()
}

fn memory_of(module: &Module, data_end: Option<usize>, resetting: &ResettingEngine) -> PluginMemory {
    let initial = match module.get_export(MEMORY) {
        Some(ExternType::Memory(memory)) => memory.minimum().saturating_mul(PAGE_BYTES as u64),
        _ => 0,
    };
    let initial = usize::try_from(initial).unwrap_or(usize::MAX);
    PluginMemory::new(initial, data_end.unwrap_or(initial), &resetting.resets)
}

fn is_of(module: &Module, engine: &wasmtime::Engine) -> bool {
    wasmtime::Engine::same(module.engine(), engine)
}

/// Does anything run before the instance is there?
fn runs_code_at_its_start(module: &Module, limits: &Limits) -> bool {
    try_start(module, limits).is_err()
}

/// Makes an instance in a cell that stops at the first instruction.
fn try_start(module: &Module, limits: &Limits) -> wasmtime::Result<()> {
    let started = Instant::now();
    let deadline = started.checked_add(limits.timeout()).unwrap_or(started);
    let signal = StopSignal { deadline, runtime: CancelToken::default(), call: None };
    let mut cell = OpenCell::open(module.engine(), limits, 0, signal, None)?;
    cell.set_fuel(0)?;
    cell.epoch_deadline_trap();
    cell.set_epoch_deadline(0);
    cell.instantiate(None, |store| {
        let instance = Instance::new(&mut *store, module, &[])?;
        let memory = instance.get_memory(store, MEMORY);
        Ok((instance, memory.ok_or_else(|| wasmtime::Error::msg("it has no memory"))?))
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::runs_code_at_its_start;
    use crate::engine::Engine;
    use crate::limits::{LimitOverrides, Limits};
    use crate::sandbox::config::Allocation;

    #[test]
    fn a_module_that_does_anything_while_its_instance_is_made_is_recognized() {
        let engine = Engine::with_allocation(Allocation::Pooled { slots: 1 }).unwrap();
        let limits = Limits::default().with(&LimitOverrides::default()).unwrap();
        let starts = |definitions: &str| {
            let bytes = wat::parse_str(format!(r#"(module (memory (export "memory") 17) {definitions})"#)).unwrap();
            let wasmtime = engine.resetting(|_| true).map_or(engine.wasmtime(), |resetting| &resetting.wasmtime);
            runs_code_at_its_start(&wasmtime::Module::new(wasmtime, bytes).unwrap(), &limits)
        };
        for quiet in [
            "",
            r#"(data (i32.const 8) "x") (data (i32.const 0xf0000) "y")"#,
            r#"(data "passive")"#,
            "(global (mut i32) (i32.const 3)) (table 4 funcref) (func $f) (elem (i32.const 1) $f $f)",
        ] {
            assert!(!starts(quiet), "{quiet}");
        }
        for starting in [
            "(func $start) (start $start)",
            "(func $start (i32.store (i32.const 0) (i32.const 1))) (start $start)",
            r#"(data (i32.add (i32.const 8) (i32.const 1)) "x")"#,
            r#"(data (i32.const 8) "x") (data (i32.const 0x10ffff) "too long")"#,
            r#"(data (i32.add (i32.const 8) (i32.const 1)) "")"#,
            "(table 1 funcref) (func $f) (elem (i32.const 1) $f)",
            "(global i32 (i32.add (i32.const 3) (i32.const 4)))",
        ] {
            assert!(starts(starting), "{starting}");
        }
    }
}
