//! The runtime that all inputs of a process share, with the settings of production.

use std::sync::{Arc, LazyLock};

use hookcell_host::{
    Allocation, Context, Engine, FaultCode, HookCall, HookResult, HostError, LimitOverrides, LoadOptions, Outcome,
    PluginInfo, WasmRuntime,
};

use crate::json;

/// The name that each input is loaded under.
pub const PLUGIN: &str = "fuzzed";

/// Pages of memory that a guest may have, unless a call says otherwise.
pub const MAX_MEMORY_PAGES: u64 = 32;

/// Bytes that a result may have, unless a call says otherwise.
pub const MAX_RESULT_BYTES: u64 = 65_536;

/// The name that an input is loaded under without pre-initialization.
const AS_IT_IS: &str = "fuzzed, as it is";

/// A plugin that marks everything it can.
const INTRUDER: &str = "intruder";

/// Filling costs it one unit for each byte.
const INTRUDER_FUEL: u64 = 10_000_000;

/// The most hooks of a plugin that are called.
const HOOKS_CALLED: usize = 4;

const CONTEXT: &str = r#"{"input":{"email":"ada@example.com"},"data":null,"user":null,"headers":{},"tenant_id":null}"#;

/// One slot, so that each guest runs where the one before it ran.
const SLOTS: u32 = 1;

static RUNTIME: LazyLock<WasmRuntime> = LazyLock::new(|| {
    let engine = Engine::with_allocation(Allocation::Pooled { slots: SLOTS }).expect("address space for one cell");
    let runtime = WasmRuntime::with_engine(Arc::new(engine), &sandbox()).expect("limits within their bounds");
    let intruder = wat::parse_str(include_str!("intruder.wat")).expect("a module");
    runtime.load_plugin_bytes(INTRUDER, &intruder).expect("a plugin");
    runtime
});

/// The runtime of this process.
#[must_use]
pub fn runtime() -> &'static WasmRuntime {
    &RUNTIME
}

/// Limits so that no guest takes long.
#[must_use]
pub fn sandbox() -> LimitOverrides {
    LimitOverrides {
        max_memory_pages: Some(MAX_MEMORY_PAGES),
        max_fuel: Some(20_000),
        timeout_ms: Some(1_000),
        max_result_bytes: Some(MAX_RESULT_BYTES),
        max_table_elements: Some(1_000),
        ..LimitOverrides::default()
    }
}

/// Loads a module and, if it is a plugin, calls its hooks. If it is pre-initialized, its calls must have the same outcomes as
/// without that.
///
/// # Errors
/// The host's refusal of the module.
///
/// # Panics
/// If no module should cause this refusal, or if a call does not keep a promise.
pub fn load_and_call(bytes: &[u8]) -> Result<(), HostError> {
    match runtime().load_plugin_bytes(PLUGIN, bytes) {
        Ok(info) => {
            call_twice(&info);
            if info.pre_initialized {
                compare(&info, bytes);
            }
            Ok(())
        }
        Err(error) => {
            let expected = ["ERR_COMPILE", "ERR_ABI", "ERR_IMPORT", "ERR_LIMIT"];
            assert!(expected.contains(&error.code()), "{}: {error}", error.code());
            Err(error)
        }
    }
}

/// Calls the hooks of the loaded plugin, and again after another plugin has run in the same slot: fresh cells have the same
/// outcome.
fn call_twice(info: &PluginInfo) {
    for hook in info.hooks.iter().take(HOOKS_CALLED) {
        let first = call(PLUGIN, hook);
        intrude();
        let second = call(PLUGIN, hook);
        if let (Some(first), Some(second)) = (first, second) {
            assert_eq!(first, second, "two fresh cells differ");
        }
    }
}

/// Loads the plugin again as it is, and compares its calls with those of the pre-initialized one.
fn compare(info: &PluginInfo, bytes: &[u8]) {
    let as_it_is = LoadOptions { pre_initialize: Some(false), ..LoadOptions::default() };
    runtime().load_plugin_bytes_with(AS_IT_IS, bytes, &as_it_is).expect("a plugin");
    for hook in info.hooks.iter().take(HOOKS_CALLED) {
        let [ahead, as_it_is] = [PLUGIN, AS_IT_IS].map(|plugin| call_with(plugin, hook, end_without_fuel));
        if let (Some(ahead), Some(as_it_is)) = (ahead, as_it_is) {
            assert_eq!(ahead, as_it_is, "start-up makes a difference");
        }
    }
}

/// The outcome of a call without its fuel; `None` if it had too little fuel, of which a pre-initialized plugin has more left.
fn end_without_fuel(result: &HookResult<'_>) -> Option<String> {
    let HookResult { outcome, usage, .. } = result;
    match outcome {
        Outcome::Fault(fault) if matches!(fault.code, FaultCode::Timeout | FaultCode::Fuel) => None,
        _ => Some(format!("{outcome:?}, memory {}", usage.memory_bytes)),
    }
}

fn call(plugin: &str, hook: &str) -> Option<String> {
    call_with(plugin, hook, end)
}

fn call_with(plugin: &str, hook: &str, end: impl Fn(&HookResult<'_>) -> Option<String>) -> Option<String> {
    let context = Context::from_trusted_json(CONTEXT);
    let request = HookCall { plugin, hook, context: &context, sandbox: None, cancel: None, queued_at: None };
    runtime().call_hook_with(&request, end).unwrap_or_else(|error| panic!("{}: {error}", error.code()))
}

/// The outcome of a call without its times; `None` if its deadline passed, which happens at another point in each call.
fn end(result: &HookResult<'_>) -> Option<String> {
    let HookResult { outcome, usage, .. } = result;
    assert_readable(result);
    match outcome {
        Outcome::Fault(fault) if fault.code == FaultCode::Timeout => None,
        _ => Some(format!("{outcome:?}, fuel {:?}, memory {}", usage.fuel, usage.memory_bytes)),
    }
}

/// Reads the result as JavaScript gets it.
///
/// # Panics
/// If it is not JSON.
pub fn assert_readable(result: &HookResult<'_>) {
    let text = result.to_json().expect("JSON");
    assert!(json::read(&text).is_some(), "not JSON: {text}");
}

/// Marks the whole memory and the whole table of the slot.
fn intrude() {
    let context = Context::from_trusted_json(CONTEXT);
    let sandbox = LimitOverrides { max_fuel: Some(INTRUDER_FUEL), ..LimitOverrides::default() };
    let request = HookCall {
        plugin: INTRUDER,
        hook: "before_hook",
        context: &context,
        sandbox: Some(&sandbox),
        cancel: None,
        queued_at: None,
    };
    let done = runtime().call_hook_with(&request, |result| matches!(result.outcome, Outcome::Accepted { .. }));
    assert!(done.is_ok_and(|done| done), "the intruder failed");
}
