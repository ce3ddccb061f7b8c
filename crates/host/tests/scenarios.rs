//! The seven scenarios that the original runtime was tested with.

mod support;

use hookcell_host::{HostError, LimitOverrides};
use serde_json::json;
use support::{CONTEXT, call, call_with, fault, fixture, runtime, runtime_with};

#[test]
fn pass_through() {
    let result = call(&runtime_with("pass_through", &LimitOverrides::default()), "pass_through");
    assert_eq!((&result["ok"], &result["ctx"]), (&json!(true), &json!(null)));
}

#[test]
fn modifier() {
    let result = call(&runtime_with("modifier", &LimitOverrides::default()), "modifier");
    assert_eq!(result["ok"], true);
    assert_eq!(result["ctx"]["input"]["email"], "ada@example.com");
}

#[test]
fn crash() {
    let runtime = runtime_with("crash", &LimitOverrides::default());
    runtime.load_plugin_bytes("pass_through", &fixture("pass_through")).unwrap();
    let (code, message) = fault(&call(&runtime, "crash"));
    assert_eq!(code, "ERR_TRAP");
    assert!(message.contains("unreachable"), "{message}");
    assert_eq!(call(&runtime, "pass_through")["ok"], true);
}

#[test]
fn plugin_error() {
    let result = call(&runtime_with("plugin_error", &LimitOverrides::default()), "plugin_error");
    assert_eq!(result["ok"], false);
    assert_eq!(result["error"], "the e-mail address is not valid");
    assert_eq!(result["details"], json!([{ "field": "email" }]));
    assert_eq!(result["fault"], json!(null));
}

#[test]
fn not_loaded() {
    let runtime = runtime(&LimitOverrides::default());
    let error = call_with(&runtime, "nobody.wasm", CONTEXT, LimitOverrides::default()).unwrap_err();
    assert!(matches!(&error, HostError::NotLoaded { plugin } if plugin == "nobody.wasm"), "{error}");
}

#[test]
fn fuel_of_one() {
    let frugal = LimitOverrides { max_fuel: Some(1), ..LimitOverrides::default() };
    let (code, _) = fault(&call(&runtime_with("pass_through", &frugal), "pass_through"));
    assert_eq!(code, "ERR_FUEL");
}

#[test]
fn no_wasi() {
    let error = runtime(&LimitOverrides::default()).load_plugin_bytes("wasi", &fixture("wasi")).unwrap_err();
    assert_eq!(error.code(), "ERR_IMPORT");
    assert!(error.to_string().contains(r#""fd_write" from "wasi_snapshot_preview1", "abort" from "env""#), "{error}");
}
