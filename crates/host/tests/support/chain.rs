//! Support for tests of chains.

use std::fmt::Write;

use hookcell_host::{ChainCall, ChainResult, ChainedPlugin, Context, HostError, WasmRuntime};
use serde_json::Value;

use super::fixture;

/// The context of the chains, with a value in each part that no plugin may change.
pub const CALLER: &str =
    r#"{"input":{"a":1},"data":null,"user":{"id":"7","role":"editor"},"headers":{"x":"y"},"tenant_id":"acme"}"#;

pub fn load(runtime: &WasmRuntime, names: &[&str]) {
    for name in names {
        runtime.load_plugin_bytes(name, &fixture(name)).unwrap();
    }
}

/// Loads a plugin that answers each call with this text.
pub fn load_answering(runtime: &WasmRuntime, name: &str, answer: &str) {
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

pub fn chain_of<'a>(plugins: &[&'a str]) -> Vec<ChainedPlugin<'a>> {
    plugins.iter().map(|plugin| ChainedPlugin { plugin, sandbox: None, grants: None }).collect()
}

pub fn with_chain<R>(
    runtime: &WasmRuntime,
    plugins: &[ChainedPlugin<'_>],
    context: &str,
    read: impl FnOnce(&ChainResult<'_>) -> R,
) -> Result<R, HostError> {
    let context = &Context::from_trusted_json(context);
    let request = ChainCall { plugins, hook: "before_hook", context, cancel: None, queued_at: None };
    runtime.call_chain_with(&request, read)
}

pub fn try_chain(runtime: &WasmRuntime, plugins: &[ChainedPlugin<'_>], context: &str) -> Result<Value, HostError> {
    with_chain(runtime, plugins, context, |result| serde_json::from_str(&result.to_json().unwrap()).unwrap())
}

/// The input that a chain ends with, as it is written.
pub fn input_after(runtime: &WasmRuntime, plugins: &[&str], context: &str) -> String {
    with_chain(runtime, &chain_of(plugins), context, |result| result.input.unwrap().get().to_owned()).unwrap()
}

pub fn chain(runtime: &WasmRuntime, plugins: &[&str]) -> Value {
    try_chain(runtime, &chain_of(plugins), CALLER).unwrap_or_else(|error| panic!("{error}"))
}

/// Each step: its plugin, and whether it accepted.
pub fn steps(result: &Value) -> Vec<(&str, bool)> {
    let steps = result["steps"].as_array().unwrap().iter();
    steps.map(|step| (step["plugin"].as_str().unwrap(), step["ok"].as_bool().unwrap())).collect()
}
