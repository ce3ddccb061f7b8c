//! Chains: what is handed from one plugin to the next, what is not, and where a chain ends.

mod support;

use std::fmt::Write;
use std::time::{Duration, Instant};

use hookcell_host::{CancelToken, ChainRequest, ChainedPlugin, Context, HostError, SandboxConfig, WasmRuntime};
use serde_json::{Value, json};
use support::{CONTEXT, fault, fixture, runtime, runtimes_of_each_allocation};

/// The context of the chains, with something in every part that no plugin may touch.
const CALLER: &str =
    r#"{"input":{"a":1},"data":null,"user":{"id":"7","role":"editor"},"headers":{"x":"y"},"tenant_id":"acme"}"#;

fn load(runtime: &WasmRuntime, names: &[&str]) {
    for name in names {
        runtime.load_plugin_bytes(name, &fixture(name)).unwrap();
    }
}

/// Loads a plugin that answers every call with this text.
fn load_answering(runtime: &WasmRuntime, name: &str, answer: &str) {
    let bytes = answer.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "\\{byte:02x}").unwrap();
        text
    });
    let pages = answer.len() / 65_536 + 2;
    let module = format!(
        r#"(module
            (memory (export "memory") {pages})
            (data (i32.const 65536) "{bytes}")
            (func (export "alloc") (param i32) (result i32) (i32.const 8))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64) (i64.const {})))"#,
        (65_536_u64 << 32) | answer.len() as u64
    );
    runtime.load_plugin_bytes(name, &wat::parse_str(module).unwrap()).unwrap();
}

fn chain_of<'a>(plugins: &[&'a str]) -> Vec<ChainedPlugin<'a>> {
    plugins.iter().map(|plugin| ChainedPlugin { plugin, sandbox: SandboxConfig::default() }).collect()
}

fn try_chain(runtime: &WasmRuntime, plugins: &[ChainedPlugin<'_>], context: &str) -> Result<Value, HostError> {
    let context = &Context::from_trusted_json(context);
    let request = ChainRequest { plugins, hook: "before_hook", context, cancel: None, queued_at: None };
    runtime.call_chain_with(&request, |result| serde_json::to_value(result).unwrap())
}

fn chain(runtime: &WasmRuntime, plugins: &[&str]) -> Value {
    try_chain(runtime, &chain_of(plugins), CALLER).unwrap_or_else(|error| panic!("{error}"))
}

/// Each step: its plugin, and whether it said yes.
fn steps(result: &Value) -> Vec<(&str, bool)> {
    let steps = result["steps"].as_array().unwrap().iter();
    steps.map(|step| (step["plugin"].as_str().unwrap(), step["ok"].as_bool().unwrap())).collect()
}

#[test]
fn a_plugin_is_given_what_those_before_it_made_of_the_context() {
    let runtime = runtime(&SandboxConfig::default());
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
    let runtime = runtime(&SandboxConfig::default());
    load(&runtime, &["report_context"]);
    load_answering(&runtime, "changes input", r#"{"ok":true,"ctx":{"input":{"b":[1.50,"é\u00e9"]}}}"#);
    let plugins = chain_of(&["changes input", "report_context"]);
    let context = &Context::from_trusted_json(CONTEXT);
    let request = ChainRequest { plugins: &plugins, hook: "before_hook", context, cancel: None, queued_at: None };
    let seen = runtime.call_chain_with(&request, |result| result.input.map(|input| input.get().to_owned())).unwrap();
    let handed = CONTEXT.replace(r#"{"email":" Ada@Example.com "}"#, r#"{"b":[1.50,"é\u00e9"]}"#);
    assert_eq!(seen, Some(format!(r#"{{"seen":{handed}}}"#)));
}

#[test]
fn a_plugin_in_the_middle_cannot_change_who_the_caller_is() {
    let runtime = runtime(&SandboxConfig::default());
    load(&runtime, &["pass_through", "impostor", "report_context"]);
    let result = chain(&runtime, &["pass_through", "impostor", "report_context"]);
    let mut expected: Value = serde_json::from_str(CALLER).unwrap();
    expected["input"] = json!({ "a": 1 });
    assert_eq!(result["ctx"], json!({ "input": { "seen": expected } }));
}

#[test]
fn a_rejection_ends_the_chain_and_keeps_what_was_done_before() {
    let runtime = runtime(&SandboxConfig::default());
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
    let runtime = runtime(&SandboxConfig::default());
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
    let runtime = runtime(&SandboxConfig::default());
    load(&runtime, &["pass_through", "echo", "memory_of_20_pages"]);
    let names = ["pass_through", "memory_of_20_pages", "pass_through"];
    let context = &Context::from_trusted_json(CALLER);
    let queued_at = Instant::now().checked_sub(Duration::from_millis(50));
    let plugins = chain_of(&names);
    let request = ChainRequest { plugins: &plugins, hook: "before_hook", context, cancel: None, queued_at };
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
fn a_chain_without_plugins_says_yes_and_uses_nothing() {
    let result = chain(&runtime(&SandboxConfig::default()), &[]);
    assert_eq!(
        result,
        json!({ "ok": true, "steps": [], "usage": { "fuel": 0, "memoryBytes": 0, "queueMs": 0.0, "runMs": 0.0 } })
    );
}

#[test]
fn nothing_runs_where_a_plugin_or_its_hook_is_not_there_or_its_limit_is_out_of_bounds() {
    // The first would run until its deadline.
    let runtime = runtime(&SandboxConfig {
        max_fuel: Some(1_000_000_000_000),
        timeout_ms: Some(60_000),
        ..SandboxConfig::default()
    });
    load(&runtime, &["endless_hook", "many_hooks"]);
    let started = Instant::now();
    let error = try_chain(&runtime, &chain_of(&["endless_hook", "not there"]), CALLER).unwrap_err();
    assert_eq!(error.to_string().contains("not there"), error.code() == "ERR_NOT_LOADED", "{error}");
    assert_eq!(error.code(), "ERR_NOT_LOADED");

    let plugins = chain_of(&["endless_hook", "many_hooks"]);
    let context = &Context::from_trusted_json(CALLER);
    let request = ChainRequest { plugins: &plugins, hook: "after_hook", context, cancel: None, queued_at: None };
    assert_eq!(runtime.call_chain_with(&request, |_| ()).unwrap_err().code(), "ERR_NO_HOOK");

    let mut plugins = chain_of(&["endless_hook", "many_hooks"]);
    plugins[1].sandbox.timeout_ms = Some(0);
    assert_eq!(try_chain(&runtime, &plugins, CALLER).unwrap_err().limit_name(), Some("timeoutMs"));
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn each_step_has_a_deadline_and_fuel_of_its_own() {
    let runtime = runtime(&SandboxConfig { timeout_ms: Some(60_000), ..SandboxConfig::default() });
    load(&runtime, &["pass_through", "endless_hook", "modifier"]);
    let mut plugins = chain_of(&["modifier", "endless_hook", "pass_through"]);
    plugins[1].sandbox = SandboxConfig { timeout_ms: Some(20), max_fuel: Some(1 << 50), ..SandboxConfig::default() };
    let result = try_chain(&runtime, &plugins, CALLER).unwrap();
    assert_eq!(fault(&result).0, "ERR_TIMEOUT");
    assert_eq!(steps(&result), [("modifier", true), ("endless_hook", false)]);
    assert_eq!(result["ctx"]["input"]["seen"], true);

    plugins[1].sandbox = SandboxConfig { max_fuel: Some(5_000), ..SandboxConfig::default() };
    let result = try_chain(&runtime, &plugins, CALLER).unwrap();
    assert_eq!(fault(&result).0, "ERR_FUEL");
    assert_eq!(result["steps"][1]["usage"]["fuel"], 5_000);
}

#[test]
fn a_chain_is_cancelled_in_the_middle() {
    let runtime = runtime(&SandboxConfig { timeout_ms: Some(60_000), ..SandboxConfig::default() });
    load(&runtime, &["pass_through", "endless_hook"]);
    let token = CancelToken::default();
    let mut plugins = chain_of(&["pass_through", "endless_hook", "pass_through"]);
    plugins[1].sandbox.max_fuel = Some(1 << 50);
    let context = &Context::from_trusted_json(CALLER);
    let request =
        ChainRequest { plugins: &plugins, hook: "before_hook", context, cancel: Some(&token), queued_at: None };
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
    let request =
        ChainRequest { plugins: &plugins, hook: "before_hook", context, cancel: Some(token), queued_at: None };
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
    let engine = hookcell_host::Engine::with_allocation(hookcell_host::Allocation::Pooled { slots: 1 }).unwrap();
    let runtime = WasmRuntime::with_engine(engine.into(), &SandboxConfig::default()).unwrap();
    load(&runtime, &["modifier", "report_context"]);
    assert_eq!(chain(&runtime, &["modifier", "report_context", "modifier"])["ok"], true);
}

#[test]
fn hostile_changes_are_faults_before_they_are_handed_on() {
    let deep = |depth: usize| format!(r#"{{"ok":true,"ctx":{{"data":{}1{}}}}}"#, "[".repeat(depth), "]".repeat(depth));
    for (what, answer, message) in [
        ("a key __proto__", r#"{"ok":true,"ctx":{"input":{"__proto__":{}}}}"#.to_owned(), "__proto__"),
        ("nesting", deep(129), "nested more than 128"),
        (
            "a key of ctx twice",
            r#"{"ok":true,"ctx":{"input":{},"input":{"a":2}}}"#.to_owned(),
            "duplicate field `input`",
        ),
        ("an input that is no object", r#"{"ok":true,"ctx":{"input":[]}}"#.to_owned(), "ctx.input must be an object"),
    ] {
        let runtime = runtime(&SandboxConfig::default());
        load(&runtime, &["report_context"]);
        load_answering(&runtime, "hostile", &answer);
        let result = chain(&runtime, &["hostile", "report_context"]);
        let (code, found) = fault(&result);
        assert_eq!(code, "ERR_RESULT", "{what}");
        assert!(found.contains(message), "{what}: {found}");
        assert_eq!(steps(&result), [("hostile", false)], "{what}");
        assert_eq!(result["ctx"], Value::Null, "{what}");
    }

    let runtime = runtime(&SandboxConfig::default());
    load(&runtime, &["pass_through"]);
    load_answering(&runtime, "deep", &deep(128));
    assert_eq!(steps(&chain(&runtime, &["deep", "pass_through"])), [("deep", true), ("pass_through", true)]);
}

#[test]
fn a_key_twice_in_a_change_is_handed_on_as_it_was_written() {
    let runtime = runtime(&SandboxConfig::default());
    load(&runtime, &["report_context"]);
    load_answering(&runtime, "twice", r#"{"ok":true,"ctx":{"input":{"a":1,"a":"\ud800"}}}"#);
    let plugins = chain_of(&["twice", "report_context"]);
    let context = &Context::from_trusted_json(CALLER);
    let request = ChainRequest { plugins: &plugins, hook: "before_hook", context, cancel: None, queued_at: None };
    let input = runtime.call_chain_with(&request, |result| result.input.unwrap().get().to_owned()).unwrap();
    assert!(input.starts_with(r#"{"seen":{"input":{"a":1,"a":"\ud800"},"data":null,"user":"#), "{input}");
}

/// A plugin whose answer has this many bytes, most of them of its `data`.
fn load_long(runtime: &WasmRuntime, name: &str, bytes: usize) {
    let frame = r#"{"ok":true,"ctx":{"data":""}}"#.len();
    load_answering(runtime, name, &format!(r#"{{"ok":true,"ctx":{{"data":"{}"}}}}"#, "x".repeat(bytes - frame)));
}

#[test]
fn a_plugin_that_makes_the_context_too_long_for_the_next_is_at_fault() {
    // Both limits are 1 MiB: the longest result leaves no room for the rest of the context.
    let runtime = runtime(&SandboxConfig::default());
    load(&runtime, &["modifier", "pass_through"]);
    load_long(&runtime, "long", 1_048_576);
    let result = chain(&runtime, &["modifier", "long", "pass_through"]);
    let (code, message) = fault(&result);
    assert_eq!(code, "ERR_RESULT");
    assert!(message.contains(r#"maxContextBytes of the next plugin, "pass_through", is 1048576"#), "{message}");
    assert_eq!(steps(&result), [("modifier", true), ("long", false)]);
    assert_eq!(result["ctx"], json!({ "input": { "email": "ada@example.com", "seen": true } }));

    // At the end of a chain, and with room enough, it is as good as any.
    assert_eq!(chain(&runtime, &["modifier", "long"])["ok"], true);
    let mut plugins = chain_of(&["modifier", "long", "pass_through"]);
    plugins[2].sandbox.max_context_bytes = Some(1_100_000);
    assert_eq!(try_chain(&runtime, &plugins, CALLER).unwrap()["ok"], true);

    // One byte too long is too long, and its own limit is not stretched either.
    load_long(&runtime, "longer", 1_048_577);
    let (code, message) = fault(&chain(&runtime, &["longer"]));
    assert_eq!((code.as_str(), message.contains("maxResultBytes")), ("ERR_RESULT", true), "{message}");
}

#[test]
fn a_context_that_no_plugin_made_longer_is_refused_where_it_is_too_long() {
    let runtime = runtime(&SandboxConfig::default());
    load(&runtime, &["pass_through", "report_context"]);
    load_answering(&runtime, "shortens", r#"{"ok":true,"ctx":{"input":{}}}"#);
    for first in ["pass_through", "shortens"] {
        let mut plugins = chain_of(&[first, "report_context"]);
        plugins[1].sandbox.max_context_bytes = Some(50);
        let error = try_chain(&runtime, &plugins, CALLER).unwrap_err();
        assert_eq!(error.limit_name(), Some("maxContextBytes"), "{first}: {error}");
    }
    // One that makes it short enough is not in its own way.
    let mut plugins = chain_of(&["shortens", "report_context"]);
    plugins[1].sandbox.max_context_bytes = Some(CALLER.len() as u64 - 1);
    assert_eq!(try_chain(&runtime, &plugins, CALLER).unwrap()["ok"], true);
}

#[test]
fn a_trusted_context_of_another_shape_is_refused_when_something_is_to_change_in_it() {
    let runtime = runtime(&SandboxConfig::default());
    load(&runtime, &["pass_through", "modifier"]);
    let chain = |plugins: &[&str]| try_chain(&runtime, &chain_of(plugins), "[]");
    assert_eq!(chain(&["pass_through", "modifier"]).unwrap()["ok"], true);
    assert_eq!(chain(&["modifier", "pass_through"]).unwrap_err().code(), "ERR_CONTEXT");
}
