//! Support for all tests: guests from `fixtures/`, and results as JSON trees.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod chain;
pub mod directory;
pub mod text;

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use hookcell_host::{Allocation, Context, Engine, HookCall, HostError, LimitOverrides, Split, WasmRuntime};
use serde_json::Value;

pub const CONTEXT: &str =
    r#"{"input":{"email":" Ada@Example.com "},"data":null,"user":null,"headers":{},"tenant_id":null}"#;

/// One engine for all tests of a file, as in a process.
static ENGINE: LazyLock<Arc<Engine>> = LazyLock::new(|| Arc::new(Engine::new(64).unwrap().with_split(split())));

/// Which plugins are compiled in halves. `npm test` runs most files twice: the second time, all plugins are that can be.
pub fn split() -> Split {
    match std::env::var("HOOKCELL_TEST_SPLIT").as_deref() {
        Ok("always") => Split::Always,
        Ok("never") => Split::Never,
        Ok(other) => panic!("HOOKCELL_TEST_SPLIT is {other:?}"),
        Err(_) => Split::default(),
    }
}

/// An engine with this allocation.
pub fn engine(allocation: Allocation) -> Arc<Engine> {
    Arc::new(Engine::with_allocation(allocation).unwrap().with_split(split()))
}

/// Why a runtime with these limits is refused.
pub fn load_error(sandbox: &LimitOverrides) -> String {
    WasmRuntime::with_engine(Arc::clone(&ENGINE), sandbox).err().unwrap().to_string()
}

pub fn fixture_path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "fixtures", &format!("{name}.wat")].iter().collect()
}

pub fn fixture(name: &str) -> Vec<u8> {
    wat::parse_file(fixture_path(name)).unwrap_or_else(|error| panic!("{error}"))
}

pub fn runtime(sandbox: &LimitOverrides) -> WasmRuntime {
    WasmRuntime::with_engine(Arc::clone(&ENGINE), sandbox).unwrap()
}

/// A runtime for each allocation of cells.
pub fn runtimes_of_each_allocation() -> Vec<(Allocation, WasmRuntime)> {
    [Allocation::Pooled { slots: 4 }, Allocation::OnDemand]
        .map(|allocation| {
            (allocation, WasmRuntime::with_engine(engine(allocation), &LimitOverrides::default()).unwrap())
        })
        .into()
}

pub fn runtime_with(name: &str, sandbox: &LimitOverrides) -> WasmRuntime {
    let runtime = runtime(sandbox);
    runtime.load_plugin_bytes(name, &fixture(name)).unwrap_or_else(|error| panic!("{error}"));
    runtime
}

/// Calls `before_hook` and returns the result as a tree.
pub fn call(runtime: &WasmRuntime, plugin: &str) -> Value {
    call_with(runtime, plugin, CONTEXT, LimitOverrides::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[expect(clippy::large_types_passed_by_value, reason = "a test is not slowed down by it, and reads better")]
pub fn call_with(
    runtime: &WasmRuntime,
    plugin: &str,
    context: &str,
    sandbox: LimitOverrides,
) -> Result<Value, HostError> {
    let context = Context::from_trusted_json(context);
    let request = HookCall {
        plugin,
        hook: "before_hook",
        context: &context,
        sandbox: Some(&sandbox),
        cancel: None,
        queued_at: None,
    };
    runtime.call_hook_with(&request, |result| serde_json::from_str(&result.to_json().unwrap()).unwrap())
}

/// Loads a fixture, calls it with the default limits, and returns the fault's code and message.
pub fn fault_of(name: &str) -> (String, String) {
    fault(&call(&runtime_with(name, &LimitOverrides::default()), name))
}

pub fn fault(result: &Value) -> (String, String) {
    assert_eq!(result["ok"], false, "{result}");
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no fault: {result}")).to_owned();
    let fault = &result["fault"];
    assert_eq!(text(&result["error"]), format!("WASM plugin trapped: {}", text(&fault["message"])));
    (text(&fault["code"]), text(&fault["message"]))
}
