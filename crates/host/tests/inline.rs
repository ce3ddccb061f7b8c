//! Runs on the calling thread, which are to be brief.

mod support;

use std::time::{Duration, Instant};

use hookcell_host::{
    Allocation, ChainCall, ChainedPlugin, Context, HookCall, HostError, LimitOverrides, LoadOptions, WasmRuntime,
};
use serde_json::Value;
use support::{CONTEXT, call, fixture, runtime, runtime_with, runtimes_of_each_allocation};

const MOST: u64 = 100_000;

#[expect(clippy::large_types_passed_by_value, reason = "a test is not slowed down by it, and reads better")]
fn inline(runtime: &WasmRuntime, plugin: &str, sandbox: LimitOverrides) -> Result<Option<Value>, HostError> {
    let context = &Context::from_trusted_json(CONTEXT);
    let request =
        HookCall { plugin, hook: "before_hook", context, sandbox: Some(&sandbox), cancel: None, queued_at: None };
    runtime.call_hook_inline(&request, |result| serde_json::from_str(&result.to_json().unwrap()).unwrap())
}

fn fuel(inline_fuel: u64) -> LimitOverrides {
    LimitOverrides { inline_fuel: Some(inline_fuel), ..LimitOverrides::default() }
}

/// What a run here ends with that is brief. On a machine that takes its thread's processor away meanwhile, it is tried again.
fn brief<T>(mut run: impl FnMut() -> Option<T>) -> T {
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(result) = run() {
            return result;
        }
        assert!(Instant::now() < patience, "no run ended here");
        std::thread::yield_now();
    }
}

/// A plugin whose hook has this body.
fn hook(body: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "dealloc") (param i32 i32))
            (elem declare func $hook)
            (func $hook (export "before_hook") (param i32 i32) (result i64) {body}))"#
    ))
    .unwrap()
}

#[test]
fn a_call_runs_here_only_if_it_has_fuel_for_that() {
    let runtime = runtime_with("modifier", &LimitOverrides::default());
    assert_eq!(inline(&runtime, "modifier", LimitOverrides::default()).unwrap(), None);
    let result = brief(|| inline(&runtime, "modifier", fuel(MOST)).unwrap());
    assert_eq!(result["ctx"], call(&runtime, "modifier")["ctx"]);
    assert_eq!(result["usage"]["fuel"], call(&runtime, "modifier")["usage"]["fuel"]);
}

#[test]
fn a_guest_that_computes_for_long_for_its_fuel_is_stopped_by_the_clock() {
    // `ref.func` calls the host, and costs one unit.
    let body = format!("(loop $again {} (br $again)) (i64.const 0)", "(drop (ref.func $hook))".repeat(500));
    let runtime = runtime(&LimitOverrides::default());
    // Without the clock, the fault ERR_FUEL would be final.
    let limits = LimitOverrides { max_fuel: Some(MOST), ..fuel(MOST) };
    // On a busy machine the clock's own thread may come too late for one guest. A fresh name has no back-off.
    let is_stopped = (0..100).any(|attempt| {
        let name = format!("slow {attempt}");
        runtime.load_plugin_bytes(&name, &hook(&body)).unwrap();
        inline(&runtime, &name, limits).unwrap().is_none()
    });
    assert!(is_stopped);
}

#[test]
fn a_function_that_holds_the_thread_for_long_is_not_tried() {
    let body = format!("{} (i64.const 0)", "(drop (i32.load (i32.const 0)))".repeat(18_000));
    let runtime = runtime(&LimitOverrides::default());
    runtime.load_plugin_bytes("long", &hook(&body)).unwrap();
    assert_eq!(inline(&runtime, "long", fuel(MOST)).unwrap(), None);
    let body = format!("{} (i64.const 0)", "(drop (i32.load (i32.const 0)))".repeat(10_000));
    runtime.load_plugin_bytes("shorter", &hook(&body)).unwrap();
    brief(|| inline(&runtime, "shorter", fuel(MOST)).unwrap());
}

#[test]
fn a_call_runs_on_a_worker_if_no_cell_is_free_here() {
    for (allocation, runtime) in runtimes_of_each_allocation() {
        let Allocation::Pooled { slots } = allocation else { continue };
        let endless = LoadOptions {
            sandbox: LimitOverrides { max_fuel: Some(u64::MAX >> 11), timeout_ms: Some(60_000), ..fuel(0) },
            ..LoadOptions::default()
        };
        runtime.load_plugin_bytes_with("endless", &fixture("endless_hook"), &endless).unwrap();
        runtime.load_plugin_bytes("modifier", &fixture("modifier")).unwrap();
        brief(|| inline(&runtime, "modifier", fuel(MOST)).unwrap());
        std::thread::scope(|scope| {
            for _ in 0..slots {
                scope.spawn(|| {
                    let context = &Context::from_trusted_json(CONTEXT);
                    let request = HookCall {
                        plugin: "endless",
                        hook: "before_hook",
                        context,
                        sandbox: None,
                        cancel: None,
                        queued_at: None,
                    };
                    // An inline call may have the last cell for a moment, and then this one gets none.
                    let ended = loop {
                        match runtime.call_hook_with(&request, |_| ()) {
                            Err(HostError::Busy(_)) => std::thread::yield_now(),
                            ended => break ended,
                        }
                    };
                    assert!(matches!(ended, Err(HostError::Cancelled)));
                });
            }
            while inline(&runtime, "modifier", fuel(MOST)).unwrap().is_some() {
                std::thread::yield_now();
            }
            runtime.cancel_all();
        });
    }
}

#[test]
fn a_trap_in_a_plugin_with_debug_information_is_looked_up_on_a_worker() {
    let file = support::fixture_path("dwarf/traps_in_lines").with_extension("wasm");
    let bytes = std::fs::read(file).unwrap();
    let runtime = runtime(&LimitOverrides::default());
    runtime.load_plugin_bytes("with", &bytes).unwrap();
    assert_eq!(inline(&runtime, "with", fuel(MOST)).unwrap(), None);
    let without = LoadOptions { source_locations: Some(false), ..LoadOptions::default() };
    runtime.load_plugin_bytes_with("without", &bytes, &without).unwrap();
    let result = brief(|| inline(&runtime, "without", fuel(MOST)).unwrap());
    assert_eq!(result["fault"]["code"], "ERR_TRAP");
}

#[test]
fn a_chain_shares_its_fuel() {
    let runtime = runtime_with("modifier", &LimitOverrides::default());
    let chain = |inline_fuel| {
        let limits = [fuel(inline_fuel), fuel(MOST)];
        let plugins =
            limits.each_ref().map(|sandbox| ChainedPlugin { plugin: "modifier", sandbox: Some(sandbox), grants: None });
        let context = &Context::from_trusted_json(CONTEXT);
        let request = ChainCall { plugins: &plugins, hook: "before_hook", context, cancel: None, queued_at: None };
        runtime.call_chain_inline(&request, |result| result.usage.fuel).unwrap()
    };
    let both = brief(|| chain(MOST)).unwrap();
    assert_eq!(brief(|| chain(both)), Some(both));
    assert_eq!(chain(both - 1), None);
}

#[test]
fn what_the_host_refuses_is_refused_here_as_well() {
    let runtime = runtime_with("modifier", &LimitOverrides::default());
    assert!(matches!(inline(&runtime, "missing", fuel(MOST)), Err(HostError::NotLoaded { .. })));
    assert!(matches!(inline(&runtime, "modifier", fuel(MOST + 1)), Err(HostError::Limit { .. })));
    runtime.cancel_all();
    assert!(matches!(inline(&runtime, "modifier", fuel(MOST)), Err(HostError::Cancelled)));
}
