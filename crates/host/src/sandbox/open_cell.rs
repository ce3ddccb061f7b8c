//! An open cell: the store of one call.

use std::ops::{Deref, DerefMut, Range};
use std::sync::Arc;

use wasmtime::{Instance, Memory, PoolConcurrencyLimitError, Store};

use crate::limits::Limits;
use crate::sandbox::cell::Cell;
use crate::sandbox::inline_bounds::InlineBounds;
use crate::sandbox::memory::{GivenSlot, NoSlot, PluginMemory, hand_over, open_on_write};
use crate::sandbox::watchdog::StopSignal;

/// The store of one call. Its memory is reset when it is dropped: after a result, a trap, a deadline or a panic.
///
/// All stores of the host are made here, and all memories in them are made by [`Self::instantiate`].
pub(crate) struct OpenCell {
    store: Store<Cell>,
}

/// A plugin in a store.
#[derive(Clone, Copy)]
pub(crate) struct Instantiated {
    pub(crate) memory: Memory,
    /// Its functions and globals.
    pub(crate) code: Instance,
}

impl OpenCell {
    /// An empty cell, with its limits set before any guest code can run.
    pub(crate) fn open(
        engine: &wasmtime::Engine,
        limits: &Limits,
        fuel: u64,
        signal: StopSignal,
        inline_bounds: Option<InlineBounds>,
    ) -> wasmtime::Result<Self> {
        let store = Cell::new(limits, Some(signal), inline_bounds).into_store(engine, fuel)?;
        Ok(Self { store })
    }

    /// An empty cell in which no guest code can run until a call begins.
    pub(crate) fn open_idle(engine: &wasmtime::Engine, limits: &Limits) -> wasmtime::Result<Self> {
        let store = Cell::new(limits, None, None).into_idle_store(engine)?;
        Ok(Self { store })
    }

    /// Begins a call in a cell that was made before, with the limits of the call.
    pub(crate) fn begin(&mut self, limits: &Limits, fuel: u64, signal: StopSignal) -> wasmtime::Result<()> {
        Cell::begin(&mut self.store, limits, fuel, signal)
    }

    /// Makes the instance of a plugin that has its memory, which is `plugin` if the host makes it.
    pub(crate) fn instantiate<T>(
        &mut self,
        plugin: Option<&Arc<PluginMemory>>,
        instantiate: impl FnOnce(&mut Store<Cell>) -> wasmtime::Result<T>,
    ) -> wasmtime::Result<T> {
        let Some(plugin) = plugin else { return instantiate(&mut self.store) };
        let slot = GivenSlot::take(plugin)?;
        if let Some(closed) = slot.closed_pages() {
            open_on_write(&mut self.store, closed);
            self.store.data_mut().note_closed(closed);
        }
        hand_over(slot, || instantiate(&mut self.store))
    }
}

/// These bytes of a guest's memory, for the host to write; `None` if any are outside it. All that the host writes there it writes
/// through this.
///
/// # Errors
/// If the kernel does not make them writable.
#[expect(clippy::disallowed_methods, reason = "all other code gets such bytes here")]
pub(crate) fn writable(
    store: &mut Store<Cell>,
    memory: Memory,
    bytes: Range<usize>,
) -> std::io::Result<Option<&mut [u8]>> {
    if let Some(closed) = store.data().closed() {
        closed.open_for(&bytes)?;
    }
    Ok(memory.data_mut(store).get_mut(bytes))
}

/// Could no instance be made because all slots are in use?
pub(crate) fn is_full(error: &wasmtime::Error) -> bool {
    error.is::<NoSlot>() || error.is::<PoolConcurrencyLimitError>()
}

impl Deref for OpenCell {
    type Target = Store<Cell>;

    fn deref(&self) -> &Store<Cell> {
        &self.store
    }
}

impl DerefMut for OpenCell {
    fn deref_mut(&mut self) -> &mut Store<Cell> {
        &mut self.store
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    use crate::sandbox::config::Allocation;
    use crate::sandbox::memory::{after_reset, refusals};
    use crate::{Context, Engine, HookCall, HookResult, Limit, LimitOverrides, LoadOptions, Outcome, WasmRuntime};

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
        after_reset::take();
        let context = &Context::from_trusted_json("{}");
        let request =
            HookCall { plugin: "guest", hook, context, sandbox: Some(sandbox), cancel: None, queued_at: None };
        let call = AssertUnwindSafe(|| runtime.call_hook_with(&request, read).unwrap());
        let code = catch_unwind(call).unwrap_or_else(|_| "panic".to_owned());
        let mut memories = after_reset::take();
        assert_eq!(memories.len(), 1, "resets of a call of {hook}");
        (code, memories.pop().unwrap())
    }

    fn code(result: &HookResult<'_>) -> String {
        match &result.outcome {
            Outcome::Fault(fault) => fault.code.as_str().to_owned(),
            _ => "ok".to_owned(),
        }
    }

    #[test]
    fn however_a_call_ends_its_memory_is_as_before() {
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
    fn the_memory_of_a_call_whose_start_fails_is_as_before() {
        let Some(runtime) = runtime() else { return };
        for end in ["", "unreachable", "(loop $again (br $again))", "(drop (i64.load (i32.const -1)))"] {
            let starts = format!("(func $start (call $write) {end}) (start $start) (func $write");
            let starts = GUEST.replacen("(func $write", &starts, 1);
            let options = LoadOptions { pre_initialize: Some(false), ..LoadOptions::default() };
            runtime.load_plugin_bytes_with("guest", &wat::parse_str(starts).unwrap(), &options).unwrap();
            let limits = LimitOverrides { max_fuel: Some(3_000_000), ..LimitOverrides::default() };
            for _ in 0..3 {
                let (code, memory) = call(&runtime, "before_hook", &limits, code);
                assert_eq!(code == "ok", end.is_empty(), "{code} after {end}");
                let (begin, grown) = memory.split_at(GROWN_BYTES);
                assert!(*begin == expected(), "the memory after {end}");
                assert!(grown.iter().all(|byte| *byte == 0), "the grown memory after {end}");
            }
        }
    }

    #[test]
    fn pages_that_the_kernel_does_not_open_are_an_error_of_the_host_and_no_fault_of_the_plugin() {
        let Some(runtime) = runtime() else { return };
        let guest = r#"(module (memory (export "memory") 17)
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "dealloc") (param i32 i32))
            (func $large (export "large") (param i32 i32) (result i64)
              (loop $next
                (i32.store (i32.add (local.get 0) (i32.const 65536)) (i32.const 1))
                (br_if $next (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4096))) (i32.const 0xf0000))))
              (i64.const 0))
            (func (export "traps") (param i32 i32) (result i64) unreachable)
            (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#;
        runtime.load_plugin_bytes("guest", &wat::parse_str(guest).unwrap()).unwrap();
        let context = &Context::from_trusted_json("{}");
        let large = || {
            let request =
                HookCall { plugin: "guest", hook: "large", context, sandbox: None, cancel: None, queued_at: None };
            runtime.call_hook_with(&request, code)
        };
        for hook in ["before_hook", "large", "before_hook"] {
            assert_eq!(call(&runtime, hook, &LimitOverrides::default(), code).0, "ok");
        }
        refusals::refuse(0..1);
        let error = large().unwrap_err();
        refusals::refuse(0..0);
        assert_eq!(error.code(), "ERR_INTERNAL", "{error}");
        // It is none of the next call.
        assert_eq!(call(&runtime, "traps", &LimitOverrides::default(), code).0, "ERR_TRAP");
        assert_eq!(large().unwrap(), "ok");
    }

    #[test]
    fn data_that_is_not_taken_out_of_a_module_is_written_in_each_call() {
        let Some(runtime) = runtime() else { return };
        let odd = GUEST.replacen("(i32.const 100)", "(i32.add (i32.const 60) (i32.const 40))", 1);
        runtime.load_plugin_bytes("guest", &wat::parse_str(odd).unwrap()).unwrap();
        for _ in 0..3 {
            let (code, memory) = call(&runtime, "before_hook", &LimitOverrides::default(), code);
            assert_eq!(code, "ok");
            assert!(memory.iter().all(|byte| *byte == 0));
        }
    }
}
