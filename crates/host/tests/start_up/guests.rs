//! Plugins with a start-up, loaded with and without pre-initialization.

use hookcell_host::{LimitOverrides, LoadOptions, PluginInfo, WasmRuntime};
use serde_json::Value;

use crate::support::{CONTEXT, call_with, runtime};

/// A plugin with these definitions, whose `before_hook` calls `$answer` among them.
pub fn guest(memory: &str, definitions: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") {memory})
            {definitions}
            (func (export "alloc") (param i32) (result i32) (i32.const 4096))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64) (call $answer)))"#
    );
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// A hook that does nothing.
pub const SILENT: &str = "(func $answer (result i64) (i64.const 0))";

pub fn unchanged() -> LoadOptions {
    LoadOptions { pre_initialize: Some(false), ..LoadOptions::default() }
}

pub fn load(runtime: &WasmRuntime, name: &str, bytes: &[u8]) -> PluginInfo {
    runtime.load_plugin_bytes(name, bytes).unwrap_or_else(|error| panic!("{error}"))
}

/// Loads a plugin pre-initialized and as it is. Returns whether it could be pre-initialized.
pub fn load_both(runtime: &WasmRuntime, bytes: &[u8], sandbox: &LimitOverrides) -> bool {
    let options = LoadOptions { sandbox: *sandbox, ..LoadOptions::default() };
    let ahead = runtime.load_plugin_bytes_with("ahead", bytes, &options).unwrap();
    let plain =
        runtime.load_plugin_bytes_with("plain", bytes, &LoadOptions { sandbox: *sandbox, ..unchanged() }).unwrap();
    assert!(!plain.pre_initialized);
    let said = |info: &PluginInfo| (info.sha256.clone(), info.bytes, info.hooks.clone(), info.memory);
    assert_eq!(said(&ahead), said(&plain));
    ahead.pre_initialized
}

/// Both results, without what may differ: time, and the fuel of the start-up.
pub fn outcomes(runtime: &WasmRuntime, context: &str) -> [Value; 2] {
    ["ahead", "plain"].map(|plugin| {
        let mut result = call_with(runtime, plugin, context, LimitOverrides::default()).unwrap();
        let usage = result["usage"].take();
        result["memoryBytes"] = usage["memoryBytes"].clone();
        result
    })
}

pub fn is_pre_initialized(bytes: &[u8], sandbox: &LimitOverrides) -> bool {
    let runtime = runtime(&LimitOverrides::default());
    let pre_initialized = load_both(&runtime, bytes, sandbox);
    let [ahead, plain] = outcomes(&runtime, CONTEXT);
    assert_eq!(ahead, plain);
    pre_initialized
}

/// Counts in its memory and in a global, in its start section and in its hook, and returns the counts.
pub fn counter() -> Vec<u8> {
    guest(
        "1",
        r#"(global $count (mut i32) (i32.const 48))
        (data (i32.const 512) "{\"ok\":true,\"ctx\":{\"data\":[0,0]}}")
        (func $up
            (global.set $count (i32.add (global.get $count) (i32.const 1)))
            (i32.store8 (i32.const 538) (i32.add (i32.load8_u (i32.const 538)) (i32.const 1)))
            (i32.store8 (i32.const 540) (global.get $count)))
        (start $up)
        (func $answer (result i64) (call $up) (i64.const 0x200_00000020))"#,
    )
}
