//! Calls whose memory has closed pages: those of an earlier, larger call, which are read-only until a call writes to one of them.

use std::sync::Arc;

use hookcell_host::{Allocation, Context, Engine, HookCall, HookResult, LoadOptions, WasmRuntime};
use serde_json::Value;

use crate::support::split;
use crate::tenant::limits;

/// Room for a long context is in the middle of the memory, which small calls do not write to. `finds` traps if it finds anything.
const GUEST: &str = r#"(module
    (memory (export "memory") 20 24)
    (data $passive "\01\02\03\04\05\06\07\08")
    (func (export "alloc") (param i32) (result i32)
      (select (i32.const 0xa1234) (i32.const 1024) (i32.gt_u (local.get 0) (i32.const 2000))))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64) (i32.store (i32.const 2048) (i32.const 7)) (i64.const 0))
    (func (export "large") (param i32 i32) (result i64)
      (memory.fill (i32.const 65536) (i32.const 0xa5) (i32.const 0x130000)) (i64.const 0))
    (func (export "large_and_grown") (param i32 i32) (result i64)
      (drop (memory.grow (i32.const 4)))
      (memory.fill (i32.const 65536) (i32.const 0xa5) (i32.const 0x170000)) (i64.const 0))
    (func $finds (export "finds") (param i32 i32) (result i64)
      (drop (memory.grow (i32.const 4)))
      (local.set 0 (i32.const 8192))
      (loop $next
        (if (i64.ne (i64.load (local.get 0)) (i64.const 0)) (then unreachable))
        (br_if $next (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (i32.shl (memory.size) (i32.const 16)))))
      (i64.const 0))
    (func (export "stores_a_byte") (param i32 i32) (result i64) (i32.store8 (i32.const 0x90000) (i32.const 1)) (i64.const 0))
    (func (export "stores_across_the_edge") (param i32 i32) (result i64) (i64.store (i32.const 65532) (i64.const -1)) (i64.const 0))
    (func (export "stores_the_last_byte") (param i32 i32) (result i64) (i32.store8 (i32.const 0x13ffff) (i32.const 1)) (i64.const 0))
    (func (export "stores_a_vector") (param i32 i32) (result i64)
      (v128.store (i32.const 0x90001) (v128.const i64x2 1 2)) (i64.const 0))
    (func (export "fills_across_the_edge") (param i32 i32) (result i64)
      (memory.fill (i32.const 60000) (i32.const 1) (i32.const 20000)) (i64.const 0))
    (func (export "copies") (param i32 i32) (result i64)
      (memory.copy (i32.const 0x90000) (i32.const 1024) (i32.const 5000)) (i64.const 0))
    (func (export "initializes") (param i32 i32) (result i64)
      (memory.init $passive (i32.const 0x8fffc) (i32.const 0) (i32.const 8)) (i64.const 0))
    (func (export "stores_in_grown_memory") (param i32 i32) (result i64)
      (drop (memory.grow (i32.const 1))) (i64.store (i32.const 0x14fff8) (i64.const 1)) (i64.const 0))
    (func (export "stores_and_traps") (param i32 i32) (result i64) (i32.store8 (i32.const 0x90000) (i32.const 1)) unreachable)
    (func (export "stores_too_far") (param i32 i32) (result i64) (i32.store8 (i32.const 0x140000) (i32.const 1)) (i64.const 0))
    (func (export "fills_too_far") (param i32 i32) (result i64)
      (memory.fill (i32.const 0x90000) (i32.const 1) (i32.const 0xb0001)) (i64.const 0))
    (func $recurse (export "stores_and_recurses") (param i32 i32) (result i64)
      (i64.store (i32.const 0x90000) (i64.const 1)) (i64.add (call $recurse (local.get 0) (local.get 1)) (i64.const 1)))
    (func (export "stores_and_never_ends") (param i32 i32) (result i64)
      (i32.store8 (i32.const 0x90000) (i32.const 1)) (loop $again (br $again)) unreachable))"#;

/// The bytes that small calls do not write to, and large ones do.
const LARGE_BYTES: u64 = 0x13_0000;

pub fn runtime(engine: &Arc<Engine>) -> WasmRuntime {
    let runtime = WasmRuntime::with_engine(Arc::clone(engine), &limits()).unwrap();
    runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
    runtime
}

/// The fault of a call, or `ok`.
fn call(runtime: &WasmRuntime, hook: &str, context: &str) -> String {
    let mut sandbox = limits();
    if hook.ends_with("never_ends") {
        sandbox.timeout_ms = Some(5);
    }
    let context = &Context::from_trusted_json(context);
    let request = HookCall { plugin: "guest", hook, context, sandbox: Some(&sandbox), cancel: None, queued_at: None };
    let read = |result: &HookResult<'_>| serde_json::from_str(&result.to_json().unwrap()).unwrap();
    let result: Value = runtime.call_hook_with(&request, read).unwrap();
    if result["ok"] == true { "ok".to_owned() } else { result["fault"]["code"].as_str().unwrap_or("no").to_owned() }
}

fn context(bytes: usize) -> String {
    format!(r#"{{"input":"{}"}}"#, "x".repeat(bytes))
}

/// Makes a large call and small ones, which then find closed pages. `grown` has them reach beyond the initial memory.
pub fn close(runtime: &WasmRuntime, grown: bool) {
    for hook in [if grown { "large_and_grown" } else { "large" }, "before_hook", "before_hook", "before_hook"] {
        assert_eq!(call(runtime, hook, "{}"), "ok", "{hook}");
    }
}

/// All ways to write to closed pages, the context to write, and how the call ends.
fn writes() -> Vec<(&'static str, usize, &'static str)> {
    vec![
        ("before_hook", 10, "ok"),
        ("before_hook", 9_000, "ok"),
        ("stores_a_byte", 10, "ok"),
        ("stores_across_the_edge", 10, "ok"),
        ("stores_the_last_byte", 10, "ok"),
        ("stores_a_vector", 10, "ok"),
        ("fills_across_the_edge", 10, "ok"),
        ("copies", 10, "ok"),
        ("initializes", 10, "ok"),
        ("stores_in_grown_memory", 10, "ok"),
        ("stores_and_traps", 10, "ERR_TRAP"),
        ("stores_too_far", 10, "ERR_TRAP"),
        ("fills_too_far", 10, "ERR_TRAP"),
        ("stores_and_recurses", 10, "ERR_STACK"),
        ("stores_and_never_ends", 10, "ERR_TIMEOUT"),
        ("large", 9_000, "ok"),
    ]
}

/// Writes in each way, and looks through the memory in a call after it.
pub fn write_in_each_way(runtime: &WasmRuntime, grown: bool) {
    for (hook, bytes, end) in writes() {
        close(runtime, grown);
        assert_eq!(call(runtime, hook, &context(bytes)), end, "{hook}");
        assert_eq!(call(runtime, "finds", "{}"), "ok", "after {hook}");
    }
}

#[test]
fn a_call_that_writes_to_closed_pages_goes_on_and_leaves_nothing() {
    let engine = Arc::new(Engine::with_allocation(Allocation::Pooled { slots: 1 }).unwrap().with_split(split()));
    let runtime = runtime(&engine);
    close(&runtime, false);
    match engine.idle_memory_bytes() {
        Some(kept) => assert!(kept > LARGE_BYTES, "{kept}: no pages are closed"),
        None => eprintln!("SKIPPED: this machine cannot tell which pages were written"),
    }
    for round in 0..30 {
        write_in_each_way(&runtime, round % 2 == 0);
    }
}

#[test]
fn threads_that_open_closed_pages_at_once_find_nothing_of_each_other() {
    let engine = Arc::new(Engine::with_allocation(Allocation::Pooled { slots: 4 }).unwrap().with_split(split()));
    let runtime = &runtime(&engine);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || (0..10).for_each(|round| write_in_each_way(runtime, (round + thread) % 3 == 0)));
        }
    });
}

#[test]
fn a_start_section_and_data_in_an_unusual_place_reach_closed_pages() {
    let engine = Arc::new(Engine::with_allocation(Allocation::Pooled { slots: 1 }).unwrap().with_split(split()));
    let runtime = WasmRuntime::with_engine(engine, &limits()).unwrap();
    for added in [
        "(func $start (i32.store (i32.const 0x90000) (i32.const 1)) (i32.store (i32.const 0x90000) (i32.const 0))) (start $start)",
        r#"(data (i32.add (i32.const 0x90000) (i32.const 4)) "\00\00\00\00")"#,
    ] {
        let module = wat::parse_str(format!("{} {added})", GUEST.strip_suffix(')').unwrap())).unwrap();
        let options = LoadOptions { pre_initialize: Some(false), ..LoadOptions::default() };
        runtime.load_plugin_bytes_with("guest", &module, &options).unwrap();
        // The first call of the plugin is a large one, so that all its pages are closed.
        for hook in ["large", "before_hook", "finds", "large", "before_hook", "finds"] {
            assert_eq!(call(&runtime, hook, "{}"), "ok", "{hook} with {added}");
        }
    }
}
