//! How much memory a call writes to.

use std::time::Instant;

use crate::call::HookCall;
use crate::error::HostError;
use crate::runtime::WasmRuntime;
use crate::sandbox::open_cell::OpenCell;
use crate::sandbox::watchdog::StopSignal;

/// Bytes in a page of the machine, on which the cost of a call depends.
const MACHINE_PAGE: usize = 4_096;

impl WasmRuntime {
    /// Makes a call and counts the bytes of the pages of 4 KiB that differ, when it ends, from a cell in which no hook ran. For
    /// tools: it makes a second instance to compare with. A page counts as untouched if the call left it as it was.
    ///
    /// # Errors
    /// As for [`Self::call_hook_with`], and [`HostError::Internal`] if the plugin's start section fails.
    pub fn touched_bytes(&self, request: &HookCall<'_>) -> Result<u64, HostError> {
        let plugin = self.find(request.plugin)?;
        let limits = plugin.limits_with(request.sandbox)?;
        let started = Instant::now();
        let deadline = started.checked_add(limits.timeout()).unwrap_or(started);
        let signal = StopSignal { deadline, runtime: self.cancel.clone(), call: request.cancel.cloned() };
        let internal = |error: wasmtime::Error| HostError::internal(&error);
        let fuel = limits.fuel(limits.context_bytes());
        let mut cell = OpenCell::open(plugin.engine(), &limits, fuel, signal.clone(), None).map_err(internal)?;
        let _watch = self.engine.watchdog().watch(signal);
        let memory = plugin.instantiate(&mut cell).map_err(internal)?.memory;
        let untouched = memory.data(&*cell);
        self.call_hook_with(request, |result| {
            let pages = result.memory.chunks(MACHINE_PAGE).enumerate();
            let touched = pages.filter(|(index, page)| {
                let begin = index.saturating_mul(MACHINE_PAGE);
                match untouched.get(begin..begin.saturating_add(page.len())) {
                    Some(before) => before != *page,
                    None => page.iter().any(|byte| *byte != 0),
                }
            });
            (touched.count() as u64).saturating_mul(MACHINE_PAGE as u64)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Context, HookCall, WasmRuntime};

    /// Has data on two pages. `stores` writes to three, one of which it grows, and leaves a fourth as it was.
    const GUEST: &str = r#"(module
        (memory (export "memory") 2) (data (i32.const 8190) "data")
        (func (export "alloc") (param i32) (result i32) (i32.const 1024))
        (func (export "dealloc") (param i32 i32))
        (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))
        (func (export "stores") (param i32 i32) (result i64)
          (drop (memory.grow (i32.const 1)))
          (i32.store (i32.const 65536) (i32.const 1)) (i32.store (i32.const 131072) (i32.const 1))
          (i32.store8 (i32.const 8190) (i32.load8_u (i32.const 8190)))
          (i64.const 0)))"#;

    #[test]
    fn the_touched_bytes_of_a_call_are_those_of_the_pages_that_it_changes() {
        let runtime = WasmRuntime::new().unwrap();
        runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
        let context = &Context::from_trusted_json("{}");
        let touched = |hook| {
            runtime.touched_bytes(&HookCall {
                plugin: "guest",
                hook,
                context,
                sandbox: None,
                cancel: None,
                queued_at: None,
            })
        };
        // The context is on one page.
        assert_eq!(touched("before_hook").unwrap(), 4_096);
        assert_eq!(touched("stores").unwrap(), 3 * 4_096);
        assert!(touched("none").is_err());
    }
}
