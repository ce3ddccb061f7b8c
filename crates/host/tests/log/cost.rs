//! What a log costs a call that logs nothing.

use hookcell_host::{Context, HookCall, LimitOverrides, WasmRuntime};

use crate::counting::allocations_of;
use crate::guest::{FORMS, load, logging, module};
use crate::support;

const CALLS: u64 = 64;

/// Allocations and fuel of some calls; the result is not written as JSON.
fn cost_of(module: &[u8]) -> (u64, u64) {
    let runtime = load(&LimitOverrides::default(), module);
    let mut fuel = 0;
    // The first calls make what later ones use again.
    call_often(&runtime, &mut 0);
    (allocations_of(|| call_often(&runtime, &mut fuel)), fuel)
}

fn call_often(runtime: &WasmRuntime, fuel: &mut u64) {
    let context = &Context::from_trusted_json(support::CONTEXT);
    for _ in 0..CALLS {
        let call =
            HookCall { plugin: "plugin", hook: "before_hook", context, sandbox: None, cancel: None, queued_at: None };
        runtime
            .call_hook_with(&call, |result| *fuel += result.usage.fuel.unwrap_or_default())
            .unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_call_that_logs_nothing_allocates_nothing_for_a_log_and_uses_no_fuel_for_it() {
    let nothing = "(i64.const 0)";
    let without = cost_of(&module("", "", nothing));

    for form in FORMS {
        assert_eq!(cost_of(&module(form, "", nothing)), without);
        let (allocations, fuel) = cost_of(&logging(form, "a line", nothing));
        assert!(allocations >= without.0 + CALLS && fuel > without.1, "the counts must see a log");
    }
}
