//! Calls of one thread, of which one begins and ends while another's memory is still there.

use std::cell::Cell;
use std::sync::Arc;

use hookcell_host::{Allocation, Context, Engine, FinishedCells, HookCall, LimitOverrides, Outcome, WasmRuntime};

use crate::tenant::From;

/// Writes to one page, which the length of its context chooses, or looks for what a call left in any page.
const GUEST: &str = r#"(module
    (memory (export "memory") 40)
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))
    (func (export "marks") (param i32 i32) (result i64)
      (i64.store (i32.add (i32.const 0x20000) (i32.shl (local.get 1) (i32.const 12))) (i64.const 0xa5a5a5a5))
      (i64.const 0))
    (func (export "finds") (param i32 i32) (result i64)
      (local $at i32)
      (local.set $at (i32.const 0x20000))
      (loop $next
        (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then unreachable))
        (local.set $at (i32.add (local.get $at) (i32.const 0x1000)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 0x280000))))
      (i64.const 0)))"#;

/// Has a call made, and `meanwhile` something else before its memory is reset. Returns whether it trapped.
fn call(runtime: &WasmRuntime, hook: &str, padding: usize, meanwhile: impl FnOnce()) -> bool {
    let context = format!(r#"{{"input":"{}"}}"#, "x".repeat(padding));
    let context = &Context::from_trusted_json(&context);
    let request = HookCall { plugin: "guest", hook, context, sandbox: None, cancel: None, queued_at: None };
    let read = |result: &hookcell_host::HookResult<'_>| {
        meanwhile();
        matches!(result.outcome, Outcome::Fault(_))
    };
    runtime.call_hook_with(&request, read).unwrap()
}

#[test]
fn a_call_that_another_one_of_its_thread_interrupts_leaves_nothing() {
    let runtime = WasmRuntime::with_engine(From::Slots(2).engine(), &LimitOverrides::default()).unwrap();
    runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
    for padding in 0..400 {
        // Most of these calls write to no page that is not there already.
        let hook = if padding % 4 == 0 { "marks" } else { "before_hook" };
        assert!(!call(&runtime, hook, padding, || assert!(!call(&runtime, "before_hook", padding, || {}))));
        // One of them gets the slot of the outer call, whichever that was.
        let found = call(&runtime, "finds", padding, || assert!(!call(&runtime, "finds", padding, || {})));
        assert!(!found, "a page that the call of padding {padding} wrote");
    }
}

#[test]
fn a_call_that_begins_while_finished_cells_are_reset_leaves_nothing() {
    // An engine with exactly so many slots has no ready cells.
    let with_ready_cells = Arc::new(Engine::with_allocation(Allocation::Pooled { slots: 8 }).unwrap());
    for (engine, most) in [(From::Slots(4).engine(), 0), (with_ready_cells, 1)] {
        let runtime = WasmRuntime::with_engine(engine, &LimitOverrides::default()).unwrap();
        runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
        let mut finished = FinishedCells::up_to(4);
        for padding in 0..400 {
            for calls in [4, 3] {
                finished.renew_until(|| false);
                for _ in 0..calls {
                    call_before_reset(&runtime, "before_hook", padding, &mut finished);
                }
            }
            let asked = Cell::new(0);
            finished.renew_until(|| {
                // The first cell was reset, and the others follow.
                if asked.replace(asked.get() + 1) == 1 {
                    call_before_reset(&runtime, "marks", padding, &mut FinishedCells::up_to(most));
                }
                false
            });
            let found = call(&runtime, "finds", padding, || {
                let found = call(&runtime, "finds", padding, || {
                    assert!(!call(&runtime, "finds", padding, || {}), "a page of padding {padding}");
                });
                assert!(!found, "a page of padding {padding}");
            });
            assert!(!found, "a page of padding {padding}");
        }
    }
}

fn call_before_reset(runtime: &WasmRuntime, hook: &str, padding: usize, finished: &mut FinishedCells) {
    let context = format!(r#"{{"input":"{}"}}"#, "x".repeat(padding));
    let context = &Context::from_trusted_json(&context);
    let request = HookCall { plugin: "guest", hook, context, sandbox: None, cancel: None, queued_at: None };
    let ended = runtime.call_hook_before_reset(&request, finished, |result| result.outcome.changes_nothing());
    assert!(ended.unwrap());
}
