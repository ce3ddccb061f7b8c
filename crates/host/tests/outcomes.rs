//! The outcomes of what guests answer and do.

mod support;

use hookcell_host::LimitOverrides;
use serde_json::json;
use support::{call, call_with, fault, fault_of, fixture, runtime, runtime_with};

#[test]
fn a_plugin_may_change_only_data() {
    let result = call(&runtime_with("changes_data", &LimitOverrides::default()), "changes_data");
    assert_eq!(result["ctx"], json!({ "data": [1, "two", null] }));
}

#[test]
fn a_plugin_cannot_change_who_the_caller_is() {
    let result = call(&runtime_with("impostor", &LimitOverrides::default()), "impostor");
    assert_eq!(result["ctx"], json!({ "input": { "a": 1 } }));
}

#[test]
fn an_invalid_result_is_a_fault_that_says_where() {
    let (code, message) = fault_of("not_json");
    assert_eq!(code, "ERR_RESULT");
    assert!(message.contains("not JSON: expected value at line 1 column 1"), "{message}");
    let (code, message) = fault_of("wrong_shape");
    assert_eq!(code, "ERR_RESULT");
    assert!(message.contains("ok must be true or false"), "{message}");
}

#[test]
fn a_trap_names_the_hook_alloc_or_the_start_section() {
    for (name, location) in
        [("crash", "in before_hook"), ("crash_in_alloc", "in alloc"), ("crash_in_start", "in its start")]
    {
        let (code, message) = fault_of(name);
        assert_eq!(code, "ERR_TRAP");
        assert!(message.contains(location), "{message}");
    }
}

#[test]
fn a_trap_shows_the_guests_frames_and_leaves_the_fuel_unknown() {
    let result = call(&runtime_with("crash", &LimitOverrides::default()), "crash");
    let frames = result["fault"]["backtrace"].as_array().unwrap();
    assert_eq!(frames.len(), 2, "{frames:?}");
    assert!(frames[0].as_str().unwrap().starts_with("fail (wasm offset 0x"), "{frames:?}");
    assert!(frames[1].as_str().unwrap().starts_with("before_hook (wasm offset 0x"), "{frames:?}");
    assert_eq!(result["usage"]["fuel"], json!(null));
    assert_eq!(result["usage"]["memoryBytes"], 65_536);
}

#[test]
fn endless_recursion_is_a_fault_with_a_short_backtrace() {
    let result = call(&runtime_with("endless_recursion", &LimitOverrides::default()), "endless_recursion");
    assert_eq!(fault(&result).0, "ERR_STACK");
    assert_eq!(result["fault"]["backtrace"].as_array().unwrap().len(), 20);
}

#[test]
fn an_alloc_that_returns_0_or_an_invalid_pointer_is_a_fault() {
    let (code, message) = fault_of("alloc_refuses");
    assert_eq!((code.as_str(), message.contains("alloc refused room for")), ("ERR_MEMORY", true), "{message}");
    let (code, message) = fault_of("alloc_lies");
    assert_eq!((code.as_str(), message.contains("at 0xffff, outside")), ("ERR_ABI", true), "{message}");
}

#[test]
fn a_result_outside_the_memory_is_a_fault() {
    let (code, message) = fault_of("result_outside");
    assert_eq!((code.as_str(), message.contains("17 bytes at 0xfff0, outside")), ("ERR_ABI", true), "{message}");
}

#[test]
fn a_result_above_2_gib_is_never_sign_extended() {
    let (code, message) = fault_of("result_above_2_gib");
    assert_eq!((code.as_str(), message.contains("16 bytes at 0x80000000, outside")), ("ERR_ABI", true), "{message}");
    let (code, message) = fault_of("result_of_4_gib");
    assert_eq!((code.as_str(), message.contains("has 4294967295 bytes")), ("ERR_RESULT", true), "{message}");
}

#[test]
fn a_result_above_2_gib_is_read_where_there_is_memory() {
    let wide = LimitOverrides { max_memory_pages: Some(65_536), ..LimitOverrides::default() };
    let result = call(&runtime_with("answers_above_2_gib", &wide), "answers_above_2_gib");
    assert_eq!(result["ctx"]["data"], "from afar", "{result}");
}

#[test]
fn an_empty_answer_means_yes_with_any_pointer() {
    assert_eq!(call(&runtime_with("result_nowhere", &LimitOverrides::default()), "result_nowhere")["ok"], true);
}

#[test]
fn the_error_for_a_missing_hook_names_the_hooks_that_exist() {
    let runtime = runtime_with("many_hooks", &LimitOverrides::default());
    let context = hookcell_host::Context::from_trusted_json("{}");
    for hook in ["after_hook", "memory", "alloc", "line\nbreak", "", "constructor"] {
        let error = runtime.call_hook("many_hooks", hook, &context).unwrap_err();
        assert_eq!(error.code(), "ERR_NO_HOOK", "{hook}");
        assert!(error.to_string().ends_with(r#"it has "before_hook", "before_update", "__proto__""#), "{error}");
    }
    for hook in ["before_hook", "before_update", "__proto__"] {
        assert!(runtime.call_hook("many_hooks", hook, &context).unwrap().contains(r#""ok":true"#));
    }
}

#[test]
fn no_fault_harms_the_next_call() {
    let runtime = runtime(&LimitOverrides { timeout_ms: Some(20), ..LimitOverrides::default() });
    runtime.load_plugin_bytes("pass_through", &fixture("pass_through")).unwrap();
    for name in [
        "alloc_lies",
        "alloc_refuses",
        "crash",
        "crash_in_alloc",
        "crash_in_start",
        "endless_alloc",
        "endless_hook",
        "endless_recursion",
        "endless_start",
        "memory_bomb",
        "not_json",
        "result_above_2_gib",
        "result_of_4_gib",
    ] {
        runtime.load_plugin_bytes(name, &fixture(name)).unwrap();
        fault(&call(&runtime, name));
        assert_eq!(call(&runtime, "pass_through")["ok"], true, "after {name}");
    }
}

#[test]
fn a_result_has_only_what_the_guest_answered() {
    let runtime = runtime_with("echo", &LimitOverrides::default());
    for (answer, ok) in [(r#"{"ok":true}"#, true), (r#"{"ok":false}"#, false)] {
        let result = call_with(&runtime, "echo", answer, LimitOverrides::default()).unwrap();
        assert_eq!(result["ok"], ok);
        assert_eq!(result["fault"], json!(null));
    }
}
