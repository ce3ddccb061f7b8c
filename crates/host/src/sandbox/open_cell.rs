//! An open cell. It resets its memory before wasmtime may reuse it, however the call ends.

use std::ops::{Deref, DerefMut};

use wasmtime::{Instance, Memory, Store, Trap, WasmBacktrace};

use crate::limits::Limits;
use crate::sandbox::cell::Cell;
use crate::sandbox::inline_bounds::InlineBounds;
use crate::sandbox::reset::memory::reset;
use crate::sandbox::reset::plugin_memory::PluginMemory;
use crate::sandbox::reset::slots::{InUse, Slot};
use crate::sandbox::watchdog::StopSignal;

/// The store of one call, which resets its memory when it is dropped: after a result, a trap, a deadline or a panic.
///
/// All stores of the host are made here, and all memories in them are made by [`Self::instantiate`].
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
        inline_bounds: Option<InlineBounds>,
    ) -> wasmtime::Result<Self> {
        let store = Cell::new(limits, signal, inline_bounds).into_store(engine, fuel)?;
        Ok(Self { store, to_reset: ToReset::Nothing, in_use: None })
    }

    /// Makes the instance of a plugin that has its memory, and returns both. `plugin` is what is known of that memory
    /// if the cells of the engine are to reset it.
    pub(crate) fn instantiate(
        &mut self,
        plugin: Option<&'a PluginMemory>,
        instantiate: impl FnOnce(&mut Store<Cell>) -> wasmtime::Result<(Instance, Memory)>,
    ) -> wasmtime::Result<(Instance, Memory)> {
        let Some(plugin) = plugin else {
            return instantiate(&mut self.store);
        };
        self.to_reset = ToReset::Lost;
        let result = instantiate(&mut self.store);
        match &result {
            Ok((_, memory)) => {
                self.to_reset = ToReset::Memory(*memory, plugin);
                let slot = plugin.resets.slots.at(memory.data_ptr(&self.store).addr());
                self.in_use = slot.map(Slot::enter);
            }
            // The start of a module trapped, which should have got other cells. But a trap is also how a cell refuses to make a
            // memory or a table, before any code has run.
            Err(error) if error.is::<Trap>() && !self.is_refusal_to_begin(error) => {}
            Err(_) => self.to_reset = ToReset::Nothing,
        }
        result
    }

    fn is_refusal_to_begin(&self, error: &wasmtime::Error) -> bool {
        self.store.data().was_stopped_empty() && !error.is::<WasmBacktrace>()
    }

    /// Keeps the store for good, because no other call may get its memory.
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
                } else {
                    #[cfg(test)]
                    tests::look_at(memory.data(&self.store));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;
    use std::time::Instant;

    use wasmtime::{Instance, Module, Trap};

    use super::OpenCell;
    use crate::limits::Limits;
    use crate::sandbox::cancel::CancelToken;
    use crate::sandbox::config::Allocation;
    use crate::sandbox::inline_bounds::InlineBounds;
    use crate::sandbox::reset::plugin_memory::PluginMemory;
    use crate::sandbox::watchdog::StopSignal;
    use crate::{Context, Engine, HookCall, HookResult, Limit, LimitOverrides, LoadOptions, Outcome, WasmRuntime};

    thread_local! {
        /// The memories of this thread's calls after their reset, before wasmtime gets them back.
        static AFTER_RESET: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn look_at(memory: &[u8]) {
        AFTER_RESET.with_borrow_mut(|memories| memories.push(memory.to_vec()));
    }

    /// Writes to its whole memory, grown as far as it may, and ends in one of many ways.
    const GUEST: &str = r#"(module
        (memory (export "memory") 17)
        (data (i32.const 100) "first") (data (i32.const 0x42ffe) "on two pages") (data (i32.const 0xefffa) "at end")
        (func $write
          (drop (memory.grow (i32.const 3)))
          (memory.fill (i32.const 0) (i32.const 0xa5) (i32.shl (memory.size) (i32.const 16))))
        (func (export "alloc") (param i32) (result i32) (call $write) (i32.const 1024))
        (func (export "dealloc") (param i32 i32))
        (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))
        (func (export "answers_nonsense") (param i32 i32) (result i64) (i64.const 0x100000004))
        (func (export "traps") (param i32 i32) (result i64) unreachable)
        (func (export "reads_too_far") (param i32 i32) (result i64) (i64.load (i32.const -1)))
        (func $recurse (export "recurses") (param i32 i32) (result i64)
          (i64.add (call $recurse (local.get 0) (local.get 1)) (i64.const 1)))
        (func (export "never_ends") (param i32 i32) (result i64) (loop $again (br $again)) unreachable))"#;

    const GROWN_BYTES: usize = 20 * 65_536;

    fn expected() -> Vec<u8> {
        let mut memory = vec![0; GROWN_BYTES];
        for (at, data) in [(100, &b"first"[..]), (0x42ffe, b"on two pages"), (0xefffa, b"at end")] {
            memory[at..at + data.len()].copy_from_slice(data);
        }
        memory
    }

    fn runtime() -> Option<WasmRuntime> {
        let engine = Engine::with_allocation(Allocation::Pooled { slots: 1 }).unwrap();
        if engine.idle_memory_bytes().is_none() {
            eprintln!("SKIPPED: this machine cannot tell which pages were written");
            return None;
        }
        let limits = LimitOverrides { max_fuel: Some(Limit::FUEL.max), ..LimitOverrides::default() };
        Some(WasmRuntime::with_engine(Arc::new(engine), &limits).unwrap())
    }

    /// Makes a call, and returns its fault's code and its memory after the reset.
    fn call(
        runtime: &WasmRuntime,
        hook: &str,
        sandbox: &LimitOverrides,
        read: impl FnOnce(&HookResult<'_>) -> String,
    ) -> (String, Vec<u8>) {
        AFTER_RESET.with_borrow_mut(Vec::clear);
        let context = &Context::from_trusted_json("{}");
        let request = HookCall { plugin: "guest", hook, context, sandbox: *sandbox, cancel: None, queued_at: None };
        let call = AssertUnwindSafe(|| runtime.call_hook_with(&request, read).unwrap());
        let code = catch_unwind(call).unwrap_or_else(|_| "panic".to_owned());
        let memory = AFTER_RESET.with_borrow_mut(|memories| {
            assert_eq!(memories.len(), 1, "resets of a call of {hook}");
            memories.pop().unwrap()
        });
        (code, memory)
    }

    fn code(result: &HookResult<'_>) -> String {
        match &result.outcome {
            Outcome::Fault(fault) => fault.code.as_str().to_owned(),
            _ => "ok".to_owned(),
        }
    }

    #[test]
    fn however_a_call_ends_its_memory_is_as_before_when_wasmtime_gets_it_back() {
        let Some(runtime) = runtime() else { return };
        runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
        let little_fuel = LimitOverrides { max_fuel: Some(2_000_000), ..LimitOverrides::default() };
        let little_time = LimitOverrides { timeout_ms: Some(300), ..LimitOverrides::default() };
        let usual = LimitOverrides::default();
        // The first calls learn the pages, and the later ones know them.
        for _ in 0..3 {
            for (hook, sandbox, code_of_end) in [
                ("before_hook", &usual, "ok"),
                ("answers_nonsense", &usual, "ERR_RESULT"),
                ("traps", &usual, "ERR_TRAP"),
                ("reads_too_far", &usual, "ERR_TRAP"),
                ("recurses", &usual, "ERR_STACK"),
                ("never_ends", &little_fuel, "ERR_FUEL"),
                ("never_ends", &little_time, "ERR_TIMEOUT"),
            ] {
                let (code, memory) = call(&runtime, hook, sandbox, code);
                assert_eq!(code, code_of_end, "{hook}");
                assert!(memory == expected(), "the memory after {hook}");
            }
            let (code, memory) = call(&runtime, "before_hook", &usual, |_| panic!("the reader of a result panics"));
            assert_eq!(code, "panic");
            assert!(memory == expected(), "the memory after a panic");
        }
    }

    #[test]
    fn the_memory_of_a_snapshot_is_reset_to_what_the_start_up_left() {
        let Some(runtime) = runtime() else { return };
        let starts = GUEST.replacen(
            "(func $write",
            r#"(func (export "_initialize") (i32.store (i32.const 0x42000) (i32.const 7))) (func $write"#,
            1,
        );
        let info = runtime.load_plugin_bytes("guest", &wat::parse_str(starts).unwrap()).unwrap();
        assert!(info.pre_initialized);
        let mut expected = expected();
        expected[0x42000] = 7;
        for _ in 0..3 {
            let (_, memory) = call(&runtime, "before_hook", &LimitOverrides::default(), code);
            assert!(memory == expected);
        }
    }

    #[test]
    fn a_start_section_that_runs_in_each_call_gets_cells_that_wasmtime_resets() {
        let Some(runtime) = runtime() else { return };
        let starts = GUEST.replacen("(func $write", "(start $write) (func $write", 1);
        let options = LoadOptions { pre_initialize: Some(false), ..LoadOptions::default() };
        runtime.load_plugin_bytes_with("guest", &wat::parse_str(starts).unwrap(), &options).unwrap();
        AFTER_RESET.with_borrow_mut(Vec::clear);
        runtime.call_hook("guest", "before_hook", &Context::from_trusted_json("{}")).unwrap();
        AFTER_RESET.with_borrow(|memories| assert!(memories.is_empty()));
    }

    #[test]
    fn a_cell_that_refuses_to_make_a_memory_or_a_table_keeps_no_store() {
        let engine = Engine::with_allocation(Allocation::Pooled { slots: 1 }).unwrap();
        let Some(resetting) = engine.resetting(|_| true) else { return };
        let wasmtime = resetting.wasmtime.clone();
        let plugin = PluginMemory::new(17 * 65_536, 17 * 65_536, &resetting.resets);
        let weak = wasmtime.weak();
        let wide = LimitOverrides { max_table_elements: Some(20_000), ..LimitOverrides::default() };
        let limits = Limits::default().with(&wide).unwrap();
        for (definitions, is_inline) in [
            (r#"(memory (export "memory") 17)"#, false),
            (r#"(memory (export "memory") 33)"#, true),
            (r#"(memory (export "memory") 17) (table 10001 funcref)"#, true),
        ] {
            let module = Module::new(&wasmtime, wat::parse_str(format!("(module {definitions})")).unwrap()).unwrap();
            let signal = StopSignal { deadline: Instant::now(), runtime: CancelToken::default(), call: None };
            let bounds = is_inline.then(InlineBounds::new);
            let mut cell = OpenCell::open(&wasmtime, &limits, 1_000, signal, bounds).unwrap();
            let made = cell.instantiate(Some(&plugin), |store| {
                let instance = Instance::new(&mut *store, &module, &[])?;
                Ok((instance, instance.get_memory(store, "memory").unwrap()))
            });
            assert!(made.unwrap_err().is::<Trap>(), "{definitions}");
        }
        drop((plugin, engine, wasmtime));
        assert!(weak.upgrade().is_none(), "a store is kept, and so is its engine");
    }
}
