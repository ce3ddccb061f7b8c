//! The log of one call is not in the next.

use hookcell_host::{Allocation, LimitOverrides, WasmRuntime};
use serde_json::json;

use crate::guest::{FORMS, call, module};
use crate::support::{call_with, engine};

#[test]
fn the_log_of_a_call_is_not_in_the_next() {
    // It logs and traps only if the context has an odd length.
    let hook = r"(if (i32.and (local.get 1) (i32.const 1)) (then (i32.store8 (i32.const 5000) (i32.const 0x61))
        (call $log (i32.const 5000) (i32.const 1)) unreachable)) (i64.const 0)";
    let context = |filler: &str| format!(r#"{{"input":{{"a":"{filler}"}},"data":null}}"#);
    let (odd, even) = (context("x"), context("xy"));
    assert_eq!((even.len() % 2, odd.len() % 2), (0, 1));
    for allocation in [Allocation::Pooled { slots: 1 }, Allocation::OnDemand] {
        for form in FORMS {
            let runtime = WasmRuntime::with_engine(engine(allocation), &LimitOverrides::default()).unwrap();
            runtime.load_plugin_bytes("plugin", &module(form, "", hook)).unwrap();
            for _ in 0..50 {
                let result = call_with(&runtime, "plugin", &odd, LimitOverrides::default()).unwrap();
                assert_eq!(result["log"], json!([{ "level": "info", "message": "a" }]));
                let result = call_with(&runtime, "plugin", &even, LimitOverrides::default()).unwrap();
                assert_eq!((result.get("log"), &result["ok"]), (None, &json!(true)));
            }
        }
    }
}

#[test]
fn a_start_up_that_logs_is_in_every_call() {
    let source = format!(
        r#"(module (memory (export "memory") 1) (data (i32.const 4096) "started") {}
            (func (export "_initialize") (call $log (i32.const 4096) (i32.const 7)))
            (func (export "alloc") (param i32) (result i32) (i32.const 8))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#,
        FORMS[0]
    );
    let runtime = crate::guest::load(&LimitOverrides::default(), &wat::parse_str(source).unwrap());
    for _ in 0..3 {
        assert_eq!(call(&runtime)["log"], json!([{ "level": "info", "message": "started" }]));
    }
}
