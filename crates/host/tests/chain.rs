//! Chains: what one plugin passes to the next, what it does not, and where a chain ends.

mod support;

use std::time::{Duration, Instant};

use hookcell_host::{Allocation, CancelToken, ChainCall, Context, HostError, LimitOverrides, WasmRuntime};
use serde_json::{Value, json};
use support::chain::{CALLER, chain, chain_of, input_after, load, load_answering, steps, try_chain};
use support::{CONTEXT, engine, fault, runtime, runtimes_of_each_allocation};

#[test]
fn a_plugin_gets_the_context_as_the_plugins_before_it_left_it() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["modifier", "changes_data", "pass_through", "report_context"]);
    let result = chain(&runtime, &["modifier", "changes_data", "pass_through", "report_context"]);
    assert_eq!(
        result["ctx"]["input"]["seen"],
        json!({
            "input": { "email": "ada@example.com", "seen": true },
            "data": [1, "two", null],
            "user": { "id": "7", "role": "editor" },
            "headers": { "x": "y" },
            "tenant_id": "acme",
        })
    );
    assert_eq!(result["ctx"]["data"], json!([1, "two", null]));
    assert_eq!(result["ok"], true);
}

#[test]
fn the_context_keeps_its_keys_in_order_and_its_nulls() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["report_context"]);
    load_answering(&runtime, "changes input", r#"{"ok":true,"ctx":{"input":{"b":[1.50,"é\u00e9"]}}}"#);
    let handed = CONTEXT.replace(r#"{"email":" Ada@Example.com "}"#, r#"{"b":[1.50,"é\u00e9"]}"#);
    let input = input_after(&runtime, &["changes input", "report_context"], CONTEXT);
    assert_eq!(input, format!(r#"{{"seen":{handed}}}"#));
}

#[test]
fn a_plugin_in_the_middle_cannot_change_who_the_caller_is() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["pass_through", "impostor", "report_context"]);
    let result = chain(&runtime, &["pass_through", "impostor", "report_context"]);
    let mut expected: Value = serde_json::from_str(CALLER).unwrap();
    expected["input"] = json!({ "a": 1 });
    assert_eq!(result["ctx"], json!({ "input": { "seen": expected } }));
}

#[test]
fn a_rejection_ends_the_chain_and_keeps_earlier_changes() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["modifier", "plugin_error", "changes_data"]);
    let result = chain(&runtime, &["modifier", "plugin_error", "changes_data"]);
    assert_eq!(result["ok"], false);
    assert_eq!(result["error"], "the e-mail address is not valid");
    assert_eq!(result["details"], json!([{ "field": "email" }]));
    assert_eq!(result["fault"], Value::Null);
    assert_eq!(result["ctx"], json!({ "input": { "email": "ada@example.com", "seen": true } }));
    assert_eq!(steps(&result), [("modifier", true), ("plugin_error", false)]);
}

#[test]
fn a_fault_ends_the_chain_and_its_fuel_is_unknown_in_the_sum() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["changes_data", "crash", "modifier"]);
    let result = chain(&runtime, &["changes_data", "crash", "modifier"]);
    assert_eq!(fault(&result).0, "ERR_TRAP");
    assert_eq!(result["ctx"], json!({ "data": [1, "two", null] }));
    assert_eq!(steps(&result), [("changes_data", true), ("crash", false)]);
    assert_eq!(result["usage"]["fuel"], Value::Null);
    assert!(result["steps"][0]["usage"]["fuel"].as_u64().unwrap() > 0);
}

#[test]
fn usage_is_summed_and_the_largest_memory_counts() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["pass_through", "echo", "memory_of_20_pages"]);
    let names = ["pass_through", "memory_of_20_pages", "pass_through"];
    let context = &Context::from_trusted_json(CALLER);
    let queued_at = Instant::now().checked_sub(Duration::from_millis(50));
    let plugins = chain_of(&names);
    let request = ChainCall { plugins: &plugins, hook: "before_hook", context, cancel: None, queued_at };
    runtime
        .call_chain_with(&request, |result| {
            let of = |index: usize| result.steps[index].usage;
            assert_eq!(result.usage.fuel, Some((0..3).map(|index| of(index).fuel.unwrap()).sum()));
            assert_eq!(result.usage.memory_bytes, 20 * 65_536);
            assert_eq!([of(0), of(1), of(2)].map(|usage| usage.memory_bytes), [65_536, 20 * 65_536, 65_536]);
            let run_ms: f64 = (0..3).map(|index| of(index).run_ms).sum();
            assert!((result.usage.run_ms - run_ms).abs() < 1e-9);
            assert!(result.usage.queue_ms >= 50.0);
            assert!(result.steps.iter().all(|step| step.usage.queue_ms == 0.0));
        })
        .unwrap();
}

#[test]
fn a_chain_without_plugins_accepts_and_uses_nothing() {
    let result = chain(&runtime(&LimitOverrides::default()), &[]);
    assert_eq!(
        result,
        json!({ "ok": true, "steps": [], "usage": { "fuel": 0, "memoryBytes": 0, "queueMs": 0.0, "runMs": 0.0 } })
    );
}

#[test]
fn nothing_runs_if_a_plugin_or_hook_is_missing_or_a_limit_is_out_of_bounds() {
    // The first would run until its deadline.
    let runtime = runtime(&LimitOverrides {
        max_fuel: Some(1_000_000_000_000),
        timeout_ms: Some(60_000),
        ..LimitOverrides::default()
    });
    load(&runtime, &["endless_hook", "many_hooks"]);
    let started = Instant::now();
    let error = try_chain(&runtime, &chain_of(&["endless_hook", "not there"]), CALLER).unwrap_err();
    assert_eq!((error.code(), error.to_string().contains("not there")), ("ERR_NOT_LOADED", true), "{error}");

    let plugins = chain_of(&["endless_hook", "many_hooks"]);
    let context = &Context::from_trusted_json(CALLER);
    let request = ChainCall { plugins: &plugins, hook: "after_hook", context, cancel: None, queued_at: None };
    assert_eq!(runtime.call_chain_with(&request, |_| ()).unwrap_err().code(), "ERR_NO_HOOK");

    let mut plugins = chain_of(&["endless_hook", "many_hooks"]);
    let no_time = LimitOverrides { timeout_ms: Some(0), ..LimitOverrides::default() };
    plugins[1].sandbox = Some(&no_time);
    assert_eq!(try_chain(&runtime, &plugins, CALLER).unwrap_err().limit_name(), Some("timeoutMs"));
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn each_step_has_its_own_deadline_and_fuel() {
    let runtime = runtime(&LimitOverrides { timeout_ms: Some(60_000), ..LimitOverrides::default() });
    load(&runtime, &["pass_through", "endless_hook", "modifier"]);
    let little_time = LimitOverrides { timeout_ms: Some(20), max_fuel: Some(1 << 50), ..LimitOverrides::default() };
    let little_fuel = LimitOverrides { max_fuel: Some(5_000), ..LimitOverrides::default() };
    let mut plugins = chain_of(&["modifier", "endless_hook", "pass_through"]);
    plugins[1].sandbox = Some(&little_time);
    let result = try_chain(&runtime, &plugins, CALLER).unwrap();
    assert_eq!(fault(&result).0, "ERR_TIMEOUT");
    assert_eq!(steps(&result), [("modifier", true), ("endless_hook", false)]);
    assert_eq!(result["ctx"]["input"]["seen"], true);

    plugins[1].sandbox = Some(&little_fuel);
    let result = try_chain(&runtime, &plugins, CALLER).unwrap();
    assert_eq!(fault(&result).0, "ERR_FUEL");
    assert_eq!(result["steps"][1]["usage"]["fuel"], 5_000);
}

#[test]
fn the_deadline_of_a_step_is_as_long_after_its_beginning_as_that_of_the_step_before() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["pass_through", "endless_hook"]);
    let limits = |ms| LimitOverrides { timeout_ms: Some(ms), max_fuel: Some(1 << 50), ..LimitOverrides::default() };
    // The watch of the first step goes on: with the same deadline, a later and an earlier one.
    for (first, second) in [(40, 40), (40, 80), (60_000, 40)] {
        let limits = [limits(first), limits(second)];
        let mut plugins = chain_of(&["pass_through", "pass_through", "endless_hook"]);
        for (plugin, limits) in plugins.iter_mut().zip([&limits[0], &limits[0], &limits[1]]) {
            plugin.sandbox = Some(limits);
        }
        let started = Instant::now();
        let result = try_chain(&runtime, &plugins, CALLER).unwrap();
        assert_eq!(fault(&result).0, "ERR_TIMEOUT");
        assert!(started.elapsed() >= Duration::from_millis(second), "{first} {second}");
        assert!(started.elapsed() < Duration::from_secs(30), "{first} {second}");
    }
}

#[test]
fn a_chain_is_cancelled_in_the_middle() {
    let runtime = runtime(&LimitOverrides { timeout_ms: Some(60_000), ..LimitOverrides::default() });
    load(&runtime, &["pass_through", "endless_hook"]);
    let token = CancelToken::default();
    let mut plugins = chain_of(&["pass_through", "endless_hook", "pass_through"]);
    let much_fuel = LimitOverrides { max_fuel: Some(1 << 50), ..LimitOverrides::default() };
    plugins[1].sandbox = Some(&much_fuel);
    let context = &Context::from_trusted_json(CALLER);
    let request = ChainCall { plugins: &plugins, hook: "before_hook", context, cancel: Some(&token), queued_at: None };
    std::thread::scope(|scope| {
        let call = scope.spawn(|| runtime.call_chain_with(&request, |_| ()));
        std::thread::sleep(Duration::from_millis(20));
        assert!(!call.is_finished());
        runtime.cancel(&token);
        assert!(matches!(call.join().unwrap(), Err(HostError::Cancelled)));
    });
    let never = try_cancelled(&runtime, &token);
    assert!(matches!(never, Err(HostError::Cancelled)), "{never:?}");
}

fn try_cancelled(runtime: &WasmRuntime, token: &CancelToken) -> Result<(), HostError> {
    let plugins = chain_of(&["pass_through"]);
    let context = &Context::from_trusted_json(CALLER);
    let request = ChainCall { plugins: &plugins, hook: "before_hook", context, cancel: Some(token), queued_at: None };
    runtime.call_chain_with(&request, |_| ())
}

#[test]
fn a_step_finds_nothing_of_the_one_before_in_its_cell() {
    for (allocation, runtime) in runtimes_of_each_allocation() {
        load(&runtime, &["counter"]);
        let result = chain(&runtime, &["counter"; 20]);
        assert_eq!(result["ctx"]["data"], json!([1, 1]), "{allocation:?}");
        assert_eq!(steps(&result), [("counter", true); 20]);
    }
}

#[test]
fn a_chain_takes_one_cell_at_a_time() {
    let engine = engine(Allocation::Pooled { slots: 1 });
    let runtime = WasmRuntime::with_engine(engine, &LimitOverrides::default()).unwrap();
    load(&runtime, &["modifier", "report_context"]);
    assert_eq!(chain(&runtime, &["modifier", "report_context", "modifier"])["ok"], true);
}
