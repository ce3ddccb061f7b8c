//! A plugin that logs.

use hookcell_host::{Context, HookCall, LimitOverrides, WasmRuntime};
use serde_json::Value;

use crate::support;

/// Where [`logging`] puts its log.
pub const LOG_AT: u32 = 4_096;

const MUTABLE: &str = r#"
    (global $ptr (export "log_ptr") (mut i32) (i32.const 0)) (global $len (export "log_len") (mut i32) (i32.const 0))
    (func $log (param $at i32) (param $bytes i32) (global.set $ptr (local.get $at)) (global.set $len (local.get $bytes)))"#;

const VARIABLES: &str = r#"
    (global (export "log_ptr") i32 (i32.const 16)) (global (export "log_len") i32 (i32.const 20))
    (func $log (param $at i32) (param $bytes i32)
      (i32.store (i32.const 16) (local.get $at)) (i32.store (i32.const 20) (local.get $bytes)))"#;

/// The two forms of the exports.
pub const FORMS: [&str; 2] = [MUTABLE, VARIABLES];

/// A plugin with a function `$log`, whose hook does this. At [`LOG_AT`] is this log.
pub fn module(form: &str, log: &str, hook: &str) -> Vec<u8> {
    let escaped: String = log.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let source = format!(
        r#"(module
            (memory (export "memory") 1)
            (data (i32.const {LOG_AT}) "{escaped}")
            {form}
            (func $recurse (param i32) (result i64) (i64.add (call $recurse (i32.const 1)) (i64.const 1)))
            (func (export "alloc") (param i32) (result i32) (i32.const 32768))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64) {hook}))"#
    );
    wat::parse_str(source).unwrap_or_else(|error| panic!("{error}"))
}

/// A plugin that logs this text, and then does the rest of its hook.
pub fn logging(form: &str, log: &str, rest: &str) -> Vec<u8> {
    module(form, log, &format!("(call $log (i32.const {LOG_AT}) (i32.const {})) {rest}", log.len()))
}

pub fn load(sandbox: &LimitOverrides, module: &[u8]) -> WasmRuntime {
    let runtime = support::runtime(sandbox);
    runtime.load_plugin_bytes("plugin", module).unwrap_or_else(|error| panic!("{error}"));
    runtime
}

pub fn call(runtime: &WasmRuntime) -> Value {
    support::call(runtime, "plugin")
}

/// The result of a plugin with these bytes.
pub fn result_of(module: &[u8]) -> Value {
    call(&load(&LimitOverrides::default(), module))
}

/// The result of an inline call; `None` if it must run on a worker.
pub fn call_inline(runtime: &WasmRuntime) -> Option<Value> {
    let context = &Context::from_trusted_json(support::CONTEXT);
    let sandbox = LimitOverrides { inline_fuel: Some(100_000), ..LimitOverrides::default() };
    let call = HookCall {
        plugin: "plugin",
        hook: "before_hook",
        context,
        sandbox: Some(&sandbox),
        cancel: None,
        queued_at: None,
    };
    let result = runtime.call_hook_inline(&call, |result| serde_json::from_str(&result.to_json().unwrap()).unwrap());
    result.unwrap_or_else(|error| panic!("{error}"))
}
