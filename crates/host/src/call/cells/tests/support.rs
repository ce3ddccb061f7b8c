//! A plugin that tells whether anything is left of another call, and calls of it.

use std::sync::Arc;

use crate::call::cells::finished_cells::FinishedCells;
use crate::sandbox::config::Allocation;
use crate::{
    CancelToken, Context, Engine, HookCall, HostError, LimitOverrides, LoadOptions, Outcome, Usage, WasmRuntime,
};

/// Answers differently, or not at all, if anything of another call is left: in a global, in its data, in its grown memory or in its
/// table.
pub(super) const GUEST: &str = r#"(module
    (memory (export "memory") 2 4) (data (i32.const 0x1800) "data")
    (table 2 funcref) (elem (i32.const 0) $nothing)
    (global $calls (mut i32) (i32.const 0))
    (func $nothing)
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64)
      (if (global.get $calls) (then unreachable))
      (if (i32.ne (i32.load (i32.const 0x1800)) (i32.const 0x61746164)) (then unreachable))
      (if (i32.ne (memory.size) (i32.const 2)) (then unreachable))
      (if (i32.load (i32.const 0x1f000)) (then unreachable))
      (if (ref.is_null (table.get 0 (i32.const 0))) (then unreachable))
      (global.set $calls (i32.const 1))
      (table.set 0 (i32.const 0) (ref.null func))
      (drop (memory.grow (i32.const 1)))
      (memory.fill (i32.const 0x1800) (i32.const 0xa5) (i32.const 0x27000))
      (i64.const 0))
    (func (export "never_ends") (param i32 i32) (result i64) (loop $again (br $again)) unreachable)
    (func (export "grows") (param i32 i32) (result i64)
      (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)) (i64.const 0)))"#;

pub(super) fn runtime_of(engine: Engine, guest: &str, options: &LoadOptions) -> Option<WasmRuntime> {
    if engine.idle_memory_bytes().is_none() {
        eprintln!("SKIPPED: this machine cannot tell which pages were written");
        return None;
    }
    let runtime = WasmRuntime::with_engine(Arc::new(engine), &LimitOverrides::default()).unwrap();
    runtime.load_plugin_bytes_with("guest", &wat::parse_str(guest).unwrap(), options).unwrap();
    Some(runtime)
}

pub(super) fn runtime() -> Option<WasmRuntime> {
    let engine = Engine::with_allocation(Allocation::Pooled { slots: 8 }).unwrap();
    runtime_of(engine, GUEST, &LoadOptions::default())
}

pub(super) fn call_in(
    runtime: &WasmRuntime,
    hook: &str,
    sandbox: &LimitOverrides,
    cancel: Option<&CancelToken>,
    finished: &mut FinishedCells,
) -> Result<(String, Usage), HostError> {
    let context = &Context::from_trusted_json("{}");
    let request = HookCall { plugin: "guest", hook, context, sandbox: Some(sandbox), cancel, queued_at: None };
    runtime.call_hook_before_reset(&request, finished, |result| {
        let outcome = match &result.outcome {
            Outcome::Accepted { .. } => "ok".to_owned(),
            Outcome::Rejected { .. } => "no".to_owned(),
            Outcome::Fault(fault) => format!("{}: {}", fault.code.as_str(), fault.message),
        };
        (outcome, result.usage)
    })
}

pub(super) fn call(runtime: &WasmRuntime, hook: &str, finished: &mut FinishedCells) -> (String, Usage) {
    call_in(runtime, hook, &LimitOverrides::default(), None, finished).unwrap()
}

/// Makes so many calls, and then as many cells ready.
pub(super) fn make_ready(runtime: &WasmRuntime, count: usize, finished: &mut FinishedCells) {
    for _ in 0..count {
        assert_eq!(call(runtime, "before_hook", finished).0, "ok");
    }
    finished.renew_until(|| false);
    assert_eq!(finished.count(), 0);
    assert_eq!(runtime.ready_count(), count);
}
