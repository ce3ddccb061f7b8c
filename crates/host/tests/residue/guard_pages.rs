//! What is beyond a memory is inaccessible, whatever was in its slot before. Compiled code relies on that and checks no bounds.

use std::sync::Arc;

use hookcell_host::{Context, Engine, HookCall, Limit, LimitOverrides, WasmRuntime};
use serde_json::Value;

use crate::support::{self, CONTEXT};

/// The pages that the larger memory has, or grows to.
const MOST_PAGES: u32 = 40;

/// A plugin that grows and fills its memory, and has a hook to read a byte at the address that follows.
fn guest(pages: u32, data: &str, address: u32) -> Vec<u8> {
    let source = format!(
        r#"(module
             (memory (export "memory") {pages} {MOST_PAGES})
             {data}
             (func (export "alloc") (param i32) (result i32) (i32.const 1024))
             (func (export "dealloc") (param i32 i32))
             (func (export "before_hook") (param i32 i32) (result i64)
               (drop (memory.grow (i32.sub (i32.const {MOST_PAGES}) (memory.size))))
               (memory.fill (i32.const 0) (i32.const 0xa5) (i32.shl (memory.size) (i32.const 16)))
               (i64.const 0))
             (func (export "reads") (param i32 i32) (result i64)
               (drop (i32.load8_u (i32.const {address})))
               (i64.const 0))
             (func (export "writes") (param i32 i32) (result i64)
               (i32.store8 (i32.const {address}) (i32.const 1))
               (i64.const 0))
             (func (export "grows_and_reads") (param i32 i32) (result i64)
               (drop (memory.grow (i32.const 1)))
               (if (i32.load8_u (i32.const {address})) (then unreachable))
               (i64.const 0)))"#
    );
    wat::parse_str(source).unwrap()
}

fn call(runtime: &WasmRuntime, plugin: &str, hook: &str) -> Value {
    let context = &Context::from_trusted_json(CONTEXT);
    let request = HookCall { plugin, hook, context, sandbox: None, cancel: None, queued_at: None };
    runtime.call_hook_with(&request, |result| serde_json::from_str(&result.to_json().unwrap()).unwrap()).unwrap()
}

fn code(runtime: &WasmRuntime, plugin: &str, hook: &str) -> String {
    let result = call(runtime, plugin, hook);
    result["fault"]["code"].as_str().unwrap_or("ok").to_owned()
}

fn runtime() -> WasmRuntime {
    let engine = Engine::with_exact_slots(1).unwrap().with_split(support::split());
    let limits = LimitOverrides { max_fuel: Some(Limit::FUEL.max), ..LimitOverrides::default() };
    WasmRuntime::with_engine(Arc::new(engine), &limits).unwrap()
}

#[test]
fn a_guest_that_reads_just_beyond_its_memory_traps_where_a_larger_memory_was_before() {
    let runtime = runtime();
    let data = r#"(data (i32.const 0x20000) "its own")"#;
    for (pages, data) in [(1, ""), (3, data), (17, ""), (17, data)] {
        runtime.load_plugin_bytes("large", &guest(MOST_PAGES, data, 0)).unwrap();
        let end = pages * 65_536;
        for address in [end, end + 4_096, MOST_PAGES * 65_536 - 1] {
            runtime.load_plugin_bytes("small", &guest(pages, data, address)).unwrap();
            for _ in 0..3 {
                // The small memory is in the slot of a larger one, or of its own that had grown.
                for before in ["large", "small"] {
                    assert_eq!(code(&runtime, before, "before_hook"), "ok");
                    for hook in ["reads", "writes"] {
                        assert_eq!(code(&runtime, "small", hook), "ERR_TRAP", "{hook} {address} after {before}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_memory_that_grows_again_has_zeros_there() {
    let runtime = runtime();
    runtime.load_plugin_bytes("guest", &guest(2, "", 2 * 65_536 + 5)).unwrap();
    for _ in 0..40 {
        assert_eq!(code(&runtime, "guest", "before_hook"), "ok");
        let result = call(&runtime, "guest", "grows_and_reads");
        assert_eq!(result["ok"], true, "{result}");
    }
}
