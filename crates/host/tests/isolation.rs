//! Cells are fresh and isolated, and there are as many as slots.

mod support;

use std::sync::Barrier;

use hookcell_host::{Allocation, LimitOverrides, WasmRuntime};
use serde_json::json;
use support::{CONTEXT, call, call_with, engine, fixture, runtimes_of_each_allocation};

#[test]
fn a_call_finds_nothing_of_an_earlier_one() {
    for (allocation, runtime) in runtimes_of_each_allocation() {
        runtime.load_plugin_bytes("counter", &fixture("counter")).unwrap();
        for _ in 0..50 {
            let result = call(&runtime, "counter");
            assert_eq!(result["ctx"]["data"], json!([1, 1]), "{allocation:?}");
        }
    }
}

#[test]
fn each_allocation_has_the_same_outcomes() {
    let names =
        ["pass_through", "modifier", "crash", "endless_recursion", "memory_bomb", "result_outside", "grows_table"];
    let outcomes = runtimes_of_each_allocation().into_iter().map(|(_, runtime)| {
        names.map(|name| {
            runtime.load_plugin_bytes(name, &fixture(name)).unwrap();
            let mut result = call(&runtime, name);
            result["usage"] = json!(null);
            result
        })
    });
    let outcomes: Vec<_> = outcomes.collect();
    assert_eq!(outcomes[0], outcomes[1]);
}

#[test]
fn calls_from_many_threads_do_not_mix() {
    for (allocation, runtime) in runtimes_of_each_allocation() {
        runtime.load_plugin_bytes("echo", &fixture("echo")).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let runtime = &runtime;
                scope.spawn(move || {
                    for call in 0..250 {
                        let own = json!({ "thread": thread, "call": call });
                        let answer = json!({ "ok": true, "ctx": { "data": own } }).to_string();
                        let result = call_with(runtime, "echo", &answer, LimitOverrides::default()).unwrap();
                        assert_eq!(result["ctx"]["data"], own, "{allocation:?}");
                    }
                });
            }
        });
    }
}

#[test]
fn more_calls_than_slots_are_refused_not_blamed_on_the_plugin() {
    let engine = engine(Allocation::Pooled { slots: 1 });
    let slow = LimitOverrides { timeout_ms: Some(400), max_fuel: Some(1 << 50), ..LimitOverrides::default() };
    let runtime = WasmRuntime::with_engine(engine, &slow).unwrap();
    runtime.load_plugin_bytes("endless_hook", &fixture("endless_hook")).unwrap();
    let barrier = Barrier::new(2);
    let codes = std::thread::scope(|scope| {
        let call = || {
            barrier.wait();
            match call_with(&runtime, "endless_hook", CONTEXT, LimitOverrides::default()) {
                Ok(result) => result["fault"]["code"].as_str().unwrap().to_owned(),
                Err(error) => error.code().to_owned(),
            }
        };
        let mut codes = [scope.spawn(call), scope.spawn(call)].map(|thread| thread.join().unwrap());
        codes.sort();
        codes
    });
    assert_eq!(codes, ["ERR_QUEUE_FULL", "ERR_TIMEOUT"]);
}
