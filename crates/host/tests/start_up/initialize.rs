//! Reactors: plugins with a start-up in `_initialize`, as compilers of C, C++ and Go make them.

use std::time::{Duration, Instant};

use hookcell_host::{LimitOverrides, LoadOptions, WasmRuntime};
use serde_json::Value;

use crate::support::{CONTEXT, call, call_with, fault, fixture, runtime, runtimes_of_each_allocation};

/// A plugin that runs this in `_initialize`, with an empty hook.
fn initializing(memory: &str, body: &str) -> Vec<u8> {
    guest(memory, &format!(r#"(func $initialize (export "_initialize") {body})"#))
}

fn guest(memory: &str, definitions: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") {memory})
            {definitions}
            (func (export "alloc") (param i32) (result i32) (i32.const 4096))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#
    );
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Loads a plugin pre-initialized and as it is. Returns whether it could be pre-initialized.
fn load_both(runtime: &WasmRuntime, bytes: &[u8], sandbox: &LimitOverrides) -> bool {
    let options = |pre_initialize| LoadOptions { sandbox: *sandbox, pre_initialize, ..LoadOptions::default() };
    let plain = runtime.load_plugin_bytes_with("plain", bytes, &options(Some(false))).unwrap();
    assert!(!plain.pre_initialized);
    runtime.load_plugin_bytes_with("ahead", bytes, &options(None)).unwrap().pre_initialized
}

fn fault_of_both(bytes: &[u8], sandbox: &LimitOverrides) -> (String, String) {
    let runtime = runtime(&LimitOverrides::default());
    assert!(!load_both(&runtime, bytes, sandbox), "a start-up that fails leaves nothing to begin from");
    let [ahead, plain] = ["ahead", "plain"].map(|plugin| fault(&call(&runtime, plugin)));
    assert_eq!(ahead, plain);
    plain
}

#[test]
fn a_reactor_is_initialized_before_its_first_export_is_called() {
    for (allocation, runtime) in runtimes_of_each_allocation() {
        assert!(load_both(&runtime, &fixture("reactor"), &LimitOverrides::default()), "{allocation:?}");
        for plugin in ["ahead", "plain", "ahead", "plain"] {
            let result = call(&runtime, plugin);
            assert_eq!(result["error"], "closed on Sundays", "{plugin}, {allocation:?}");
            assert_eq!(result["fault"], Value::Null, "{plugin}, {allocation:?}");
        }
    }
}

#[test]
fn the_start_section_runs_before_initialize() {
    let bytes = guest(
        "1",
        r#"(global $started (mut i32) (i32.const 0))
        (func $start (global.set $started (i32.const 1)))
        (start $start)
        (func (export "_initialize") (if (i32.eqz (global.get $started)) (then (unreachable))))"#,
    );
    let runtime = runtime(&LimitOverrides::default());
    assert!(load_both(&runtime, &bytes, &LimitOverrides::default()));
    for plugin in ["ahead", "plain"] {
        assert_eq!(call(&runtime, plugin)["ok"], true, "{plugin}");
    }
}

#[test]
fn a_trap_in_initialize_is_a_fault_that_names_it() {
    let (code, message) = fault_of_both(&initializing("1", "(unreachable)"), &LimitOverrides::default());
    assert_eq!((code.as_str(), message.contains("in _initialize")), ("ERR_TRAP", true), "{message}");
}

#[test]
fn an_endless_initialize_is_stopped_at_its_deadline_and_by_its_fuel() {
    let endless = initializing("1", "(loop $again (br $again))");
    let hasty = LimitOverrides { timeout_ms: Some(20), max_fuel: Some(1 << 50), ..LimitOverrides::default() };
    let started = Instant::now();
    let (code, message) = fault_of_both(&endless, &hasty);
    assert_eq!(code, "ERR_TIMEOUT");
    assert!(message.contains("did not finish _initialize within 20 ms (timeoutMs)"), "{message}");
    assert!(started.elapsed() < Duration::from_secs(30));
    let (code, message) =
        fault_of_both(&endless, &LimitOverrides { max_fuel: Some(1_000), ..LimitOverrides::default() });
    assert_eq!((code.as_str(), message.contains("in _initialize")), ("ERR_FUEL", true), "{message}");
}

#[test]
fn memory_that_initialize_grows_is_bounded_and_counted() {
    let grows = initializing("1", "(if (i32.eq (memory.grow (i32.const 9)) (i32.const -1)) (then (unreachable)))");
    let runtime = runtime(&LimitOverrides::default());
    assert!(load_both(&runtime, &grows, &LimitOverrides::default()));
    for plugin in ["ahead", "plain"] {
        assert_eq!(call(&runtime, plugin)["usage"]["memoryBytes"], 10 * 65_536, "{plugin}");
    }
    let tight = LimitOverrides { max_memory_pages: Some(9), ..LimitOverrides::default() };
    let (code, message) = fault_of_both(&grows, &tight);
    assert_eq!(code, "ERR_MEMORY");
    assert!(message.contains("in _initialize, after 10 pages of memory were refused"), "{message}");
}

#[test]
fn the_fuel_of_initialize_is_charged_if_a_call_runs_it() {
    let bytes = initializing("1", &"(drop (i32.add (i32.const 1) (i32.const 2)))".repeat(1_000));
    let runtime = runtime(&LimitOverrides::default());
    assert!(load_both(&runtime, &bytes, &LimitOverrides::default()));
    let used = |plugin: &str| call(&runtime, plugin)["usage"]["fuel"].as_u64().unwrap();
    let (ahead, plain) = (used("ahead"), used("plain"));
    assert!(plain > ahead + 1_000, "{plain} and {ahead}");
    let exactly = |max_fuel| LimitOverrides { max_fuel: Some(max_fuel), ..LimitOverrides::default() };
    assert_eq!(call_with(&runtime, "plain", CONTEXT, exactly(plain)).unwrap()["ok"], true);
    assert_eq!(fault(&call_with(&runtime, "plain", CONTEXT, exactly(plain - 1)).unwrap()).0, "ERR_FUEL");
}

#[test]
fn an_initialize_of_another_type_is_refused_and_never_a_hook() {
    for (export, says) in [
        (
            r#"(func (export "_initialize") (param i32 i32) (result i64) (i64.const 0))"#,
            r#"export "_initialize" must be () -> (), not (i32, i32) -> (i64)"#,
        ),
        (
            r#"(func (export "_initialize") (result i32) (i32.const 0))"#,
            r#"export "_initialize" must be () -> (), not () -> (i32)"#,
        ),
        (
            r#"(global (export "_initialize") i32 (i32.const 0))"#,
            r#"export "_initialize" must be () -> (), not a global"#,
        ),
    ] {
        let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &guest("1", export)).unwrap_err();
        assert_eq!(error.code(), "ERR_ABI");
        assert!(error.to_string().contains(says), "{error}");
    }
    let runtime = runtime(&LimitOverrides::default());
    assert!(load_both(&runtime, &fixture("reactor"), &LimitOverrides::default()));
    for info in runtime.plugins() {
        assert_eq!(info.hooks, ["before_hook"]);
    }
}

#[test]
fn a_command_without_hooks_is_told_what_to_build() {
    let bytes = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start")))"#).unwrap();
    let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &bytes).unwrap_err();
    assert_eq!(error.code(), "ERR_ABI");
    assert!(error.to_string().contains(r#"it exports "_start": build a reactor or a library"#), "{error}");
    let both = guest("1", r#"(func (export "_start"))"#);
    runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &both).unwrap();
}
