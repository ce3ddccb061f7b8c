//! A canceled call ends at once, whether it waits or runs, and no other call is affected.

mod support;

use std::time::{Duration, Instant};

use hookcell_host::{CancelToken, Context, HookCall, HostError, Limit, LimitOverrides, WasmRuntime};
use support::{CONTEXT, call, fixture, runtime_with};

fn endless() -> LimitOverrides {
    LimitOverrides { max_fuel: Some(Limit::FUEL.max), timeout_ms: Some(60_000), ..LimitOverrides::default() }
}

fn call_until_cancelled(runtime: &WasmRuntime, plugin: &str, cancel: Option<&CancelToken>) -> HostError {
    let context = Context::from_trusted_json(CONTEXT);
    let request =
        HookCall { plugin, hook: "before_hook", context: &context, sandbox: Some(&endless()), cancel, queued_at: None };
    runtime.call_hook_with(&request, |result| panic!("not cancelled: {result:?}")).unwrap_err()
}

#[test]
fn a_call_that_has_not_begun_never_runs() {
    let runtime = runtime_with("endless_hook", &LimitOverrides::default());
    let token = CancelToken::default();
    runtime.cancel(&token);
    let error = call_until_cancelled(&runtime, "endless_hook", Some(&token));
    assert_eq!(error.code(), "ERR_CANCELLED");
}

#[test]
fn a_running_guest_is_interrupted_in_any_function() {
    for name in ["endless_hook", "endless_alloc", "endless_start"] {
        let runtime = runtime_with(name, &LimitOverrides::default());
        let token = CancelToken::default();
        std::thread::scope(|scope| {
            let call = scope.spawn(|| call_until_cancelled(&runtime, name, Some(&token)));
            std::thread::sleep(Duration::from_millis(30));
            assert!(!call.is_finished());
            let cancelled = Instant::now();
            runtime.cancel(&token);
            assert_eq!(call.join().unwrap().code(), "ERR_CANCELLED");
            assert!(cancelled.elapsed() < Duration::from_secs(20), "{name} ended {:?} later", cancelled.elapsed());
        });
    }
}

#[test]
fn one_token_ends_all_its_calls_and_no_others() {
    let runtime = runtime_with("endless_hook", &LimitOverrides::default());
    let (ours, theirs) = (CancelToken::default(), CancelToken::default());
    std::thread::scope(|scope| {
        let mine = [0, 1].map(|_| scope.spawn(|| call_until_cancelled(&runtime, "endless_hook", Some(&ours))));
        let other = scope.spawn(|| call_until_cancelled(&runtime, "endless_hook", Some(&theirs)));
        std::thread::sleep(Duration::from_millis(20));
        runtime.cancel(&ours);
        for call in mine {
            assert_eq!(call.join().unwrap().code(), "ERR_CANCELLED");
        }
        std::thread::sleep(Duration::from_millis(20));
        assert!(!other.is_finished());
        runtime.cancel(&theirs);
        assert_eq!(other.join().unwrap().code(), "ERR_CANCELLED");
    });
}

#[test]
fn a_runtime_that_cancels_all_its_calls_does_not_affect_other_runtimes() {
    let runtime = runtime_with("endless_hook", &LimitOverrides::default());
    let other = runtime_with("pass_through", &LimitOverrides::default());
    std::thread::scope(|scope| {
        let call = scope.spawn(|| call_until_cancelled(&runtime, "endless_hook", None));
        std::thread::sleep(Duration::from_millis(20));
        runtime.cancel_all();
        assert_eq!(call.join().unwrap().code(), "ERR_CANCELLED");
    });
    runtime.load_plugin_bytes("pass_through", &fixture("pass_through")).unwrap();
    assert_eq!(call_until_cancelled(&runtime, "pass_through", None).code(), "ERR_CANCELLED");
    assert_eq!(call(&other, "pass_through")["ok"], true);
}
