//! Each limit at its edge: the limit itself, and one more.

mod support;

use std::time::{Duration, Instant};

use hookcell_host::{Limit, LimitOverrides, Limits, LoadOptions};
use support::{CONTEXT, call, call_with, fault, fixture, runtime, runtime_with};

fn of_length(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn each_option_out_of_bounds_is_refused_by_name() {
    for limit in Limit::ALL {
        let config = |value| {
            let mut config = LimitOverrides::default();
            assert!(config.set(limit.name, value));
            config
        };
        assert!(Limits::default().with(&config(limit.min)).is_ok());
        assert!(Limits::default().with(&config(limit.max)).is_ok());
        for value in [limit.min - 1, limit.max + 1] {
            let error = Limits::default().with(&config(value)).unwrap_err();
            assert_eq!((error.code(), error.limit_name()), ("ERR_LIMIT", Some(limit.name)));
            assert!(error.to_string().contains(limit.name), "{error}");
        }
    }
}

#[test]
fn an_unknown_limit_cannot_be_set() {
    assert!(!LimitOverrides::default().set("maxmemorypages", 1));
}

#[test]
fn memory_grows_to_its_limit_and_no_further() {
    let runtime = runtime_with("grows", &LimitOverrides { max_memory_pages: Some(16), ..LimitOverrides::default() });
    let fits = call_with(&runtime, "grows", &of_length(15), LimitOverrides::default()).unwrap();
    assert_eq!((&fits["ok"], &fits["usage"]["memoryBytes"]), (&true.into(), &(16 * 65_536).into()));
    let (code, message) = fault(&call_with(&runtime, "grows", &of_length(16), LimitOverrides::default()).unwrap());
    assert_eq!(code, "ERR_MEMORY");
    assert!(message.contains("after 17 pages of memory were refused (maxMemoryPages is 16)"), "{message}");
}

#[test]
fn a_call_may_tighten_or_widen_the_memory() {
    let runtime = runtime_with("grows", &LimitOverrides { max_memory_pages: Some(16), ..LimitOverrides::default() });
    let with = |pages| LimitOverrides { max_memory_pages: Some(pages), ..LimitOverrides::default() };
    assert_eq!(fault(&call_with(&runtime, "grows", &of_length(8), with(8)).unwrap()).0, "ERR_MEMORY");
    assert_eq!(call_with(&runtime, "grows", &of_length(299), with(300)).unwrap()["ok"], true);
}

#[test]
fn a_plugin_that_starts_with_more_memory_than_its_limit_is_not_loaded() {
    let runtime = runtime(&LimitOverrides { max_memory_pages: Some(19), ..LimitOverrides::default() });
    let guest = fixture("memory_of_20_pages");
    let error = runtime.load_plugin_bytes("guest", &guest).unwrap_err();
    assert_eq!((error.code(), error.limit_name()), ("ERR_LIMIT", Some("maxMemoryPages")));
    assert!(error.to_string().contains("starts with 20 pages of memory; maxMemoryPages is 19"), "{error}");
}

#[test]
fn memory_is_bounded_at_instantiation_too() {
    let runtime = runtime_with("memory_of_20_pages", &LimitOverrides::default());
    let with = |pages| LimitOverrides { max_memory_pages: Some(pages), ..LimitOverrides::default() };
    assert_eq!(call_with(&runtime, "memory_of_20_pages", CONTEXT, with(20)).unwrap()["ok"], true);
    let (code, message) = fault(&call_with(&runtime, "memory_of_20_pages", CONTEXT, with(19)).unwrap());
    assert_eq!(code, "ERR_MEMORY");
    assert!(message.contains("20 pages of memory were refused (maxMemoryPages is 19)"), "{message}");
}

#[test]
fn a_memory_bomb_is_a_fault_and_a_guest_that_handles_a_refusal_continues() {
    let bomb = call(&runtime_with("memory_bomb", &LimitOverrides::default()), "memory_bomb");
    assert_eq!(fault(&bomb).0, "ERR_MEMORY");
    assert_eq!(bomb["usage"]["memoryBytes"], (1 + 15 * 16) * 65_536);
    assert_eq!(call(&runtime_with("grows_politely", &LimitOverrides::default()), "grows_politely")["ok"], true);
}

#[test]
fn a_table_grows_to_its_limit_and_no_further() {
    let few = LimitOverrides { max_table_elements: Some(100), ..LimitOverrides::default() };
    let runtime = runtime_with("grows_table", &few);
    assert_eq!(call_with(&runtime, "grows_table", &of_length(99), few).unwrap()["ok"], true);
    let (code, message) = fault(&call_with(&runtime, "grows_table", &of_length(100), few).unwrap());
    assert_eq!(code, "ERR_MEMORY");
    assert!(message.contains("after 101 table elements were refused (maxTableElements is 100)"), "{message}");
}

/// Instructions that together take longer than the deadline, with no check of the clock in them or after them.
#[test]
fn a_call_that_ends_after_its_deadline_is_a_fault_with_any_answer() {
    let module = r#"(module
            (memory (export "memory") 1)
            (table 1000000 funcref)
            (elem declare func $nothing)
            (func $nothing)
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64)
                ;; One takes about a millisecond, and nothing looks at the clock in between.
                FILLS
                (i64.const 0)))"#;
    let fills = "(table.fill (i32.const 0) (ref.func $nothing) (i32.const 1000000))".repeat(100);
    let bytes = wat::parse_str(module.replace("FILLS", &fills)).unwrap();
    let sandbox = LimitOverrides {
        timeout_ms: Some(20),
        max_fuel: Some(1 << 50),
        max_table_elements: Some(1_000_000),
        ..LimitOverrides::default()
    };
    for (allocation, runtime) in support::runtimes_of_each_allocation() {
        runtime.load_plugin_bytes_with("guest", &bytes, &LoadOptions { sandbox, ..LoadOptions::default() }).unwrap();
        let result = call_with(&runtime, "guest", CONTEXT, sandbox).unwrap();
        let (code, message) = fault(&result);
        assert_eq!(code, "ERR_TIMEOUT", "{allocation:?}");
        assert!(message.contains("did not finish before_hook within 20 ms (timeoutMs)"), "{message}");
        let patient = LimitOverrides { timeout_ms: Some(60_000), ..sandbox };
        assert_eq!(call_with(&runtime, "guest", CONTEXT, patient).unwrap()["ok"], true, "{allocation:?}");
    }
}

#[test]
fn fuel_is_exact_if_it_is_set() {
    let runtime = runtime_with("spends_fuel", &LimitOverrides::default());
    let used = call(&runtime, "spends_fuel")["usage"]["fuel"].as_u64().unwrap();
    let with = |fuel| LimitOverrides { max_fuel: Some(fuel), ..LimitOverrides::default() };
    let enough = call_with(&runtime, "spends_fuel", CONTEXT, with(used)).unwrap();
    assert_eq!((&enough["ok"], &enough["usage"]["fuel"]), (&true.into(), &used.into()));
    let short = call_with(&runtime, "spends_fuel", CONTEXT, with(used - 1)).unwrap();
    let (code, message) = fault(&short);
    assert_eq!(code, "ERR_FUEL");
    assert!(message.contains(&format!("used up its fuel of {} (maxFuel)", used - 1)), "{message}");
    assert_eq!(short["usage"]["fuel"], used - 1);
}

#[test]
fn fuel_grows_with_the_context_if_it_is_not_set() {
    assert_eq!(Limits::default().fuel(0), 1_000_000);
    assert_eq!(Limits::default().fuel(5_600), 6_600_000);
    let set = Limits::default().with(&LimitOverrides { max_fuel: Some(7), ..LimitOverrides::default() }).unwrap();
    assert_eq!(set.fuel(5_600), 7);
}

#[test]
fn a_context_is_accepted_up_to_its_limit() {
    let runtime =
        runtime_with("pass_through", &LimitOverrides { max_context_bytes: Some(90), ..LimitOverrides::default() });
    assert_eq!(call_with(&runtime, "pass_through", &of_length(90), LimitOverrides::default()).unwrap()["ok"], true);
    let error = call_with(&runtime, "pass_through", &of_length(91), LimitOverrides::default()).unwrap_err();
    assert_eq!((error.code(), error.limit_name()), ("ERR_LIMIT", Some("maxContextBytes")));
    assert!(error.to_string().contains("the context has 91 bytes; maxContextBytes is 90"), "{error}");
}

#[test]
fn a_result_is_accepted_up_to_its_limit() {
    let runtime = runtime_with("echo", &LimitOverrides { max_result_bytes: Some(11), ..LimitOverrides::default() });
    assert_eq!(call_with(&runtime, "echo", r#"{"ok":true}"#, LimitOverrides::default()).unwrap()["ok"], true);
    let (code, message) = fault(&call_with(&runtime, "echo", r#"{"ok":true} "#, LimitOverrides::default()).unwrap());
    assert_eq!(code, "ERR_RESULT");
    assert!(message.contains("the result has 12 bytes; maxResultBytes is 11"), "{message}");
}

#[test]
fn a_result_has_values_up_to_their_limit() {
    // An object with a new key, whose value is an array of two numbers.
    let answer = r#"{"ok":true,"ctx":{"input":{"a":[1,2]}}}"#;
    let with = |values| {
        let runtime = runtime_with("echo", &LimitOverrides { max_result_values: values, ..LimitOverrides::default() });
        call_with(&runtime, "echo", answer, LimitOverrides::default()).unwrap()
    };
    assert_eq!(with(Some(8 + 40 + 8 + 2))["ok"], true);
    let (code, message) = fault(&with(Some(8 + 40 + 8 + 1)));
    assert_eq!(code, "ERR_RESULT");
    assert!(message.contains("too many values for maxResultValues, which is 57"), "{message}");
}

#[test]
fn a_module_is_accepted_up_to_its_limit() {
    let guest = fixture("pass_through");
    let with =
        |bytes: usize| runtime(&LimitOverrides { max_module_bytes: Some(bytes as u64), ..LimitOverrides::default() });
    assert!(with(guest.len()).load_plugin_bytes("guest", &guest).is_ok());
    let error = with(guest.len() - 1).load_plugin_bytes("guest", &guest).unwrap_err();
    assert_eq!((error.code(), error.limit_name()), ("ERR_LIMIT", Some("maxModuleBytes")));
}

#[test]
fn a_guest_that_never_returns_is_stopped_at_its_deadline() {
    let endless = LimitOverrides { timeout_ms: Some(50), max_fuel: Some(Limit::FUEL.max), ..LimitOverrides::default() };
    for (name, ending) in [
        ("endless_hook", "did not finish before_hook within 50 ms (timeoutMs)"),
        ("endless_alloc", "did not finish alloc within 50 ms (timeoutMs)"),
        ("endless_start", "did not finish its start within 50 ms (timeoutMs)"),
    ] {
        let runtime = runtime_with(name, &endless);
        let started = Instant::now();
        let (code, message) = fault(&call(&runtime, name));
        let elapsed = started.elapsed();
        assert_eq!((code.as_str(), message.contains(ending)), ("ERR_TIMEOUT", true), "{message}");
        assert!(elapsed >= Duration::from_millis(50), "{name} was stopped after {elapsed:?}");
        assert!(elapsed < Duration::from_secs(20), "{name} was stopped after {elapsed:?}");
    }
}

#[test]
fn one_calls_deadline_never_shortens_anothers() {
    let endless = |timeout| LimitOverrides {
        timeout_ms: Some(timeout),
        max_fuel: Some(Limit::FUEL.max),
        ..LimitOverrides::default()
    };
    let runtime = runtime_with("endless_hook", &LimitOverrides::default());
    std::thread::scope(|scope| {
        let patient = scope.spawn(|| {
            let started = Instant::now();
            let result = call_with(&runtime, "endless_hook", CONTEXT, endless(300)).unwrap();
            (fault(&result).0, started.elapsed())
        });
        for _ in 0..10 {
            let result = call_with(&runtime, "endless_hook", CONTEXT, endless(10)).unwrap();
            assert_eq!(fault(&result).0, "ERR_TIMEOUT");
        }
        let (code, elapsed) = patient.join().unwrap();
        assert_eq!(code, "ERR_TIMEOUT");
        assert!(elapsed >= Duration::from_millis(300), "stopped after {elapsed:?}");
    });
}

#[test]
fn a_plugins_limits_override_the_runtimes_and_a_calls_override_both() {
    let runtime = runtime(&LimitOverrides { max_fuel: Some(1), ..LimitOverrides::default() });
    let options = hookcell_host::LoadOptions {
        sandbox: LimitOverrides { max_fuel: Some(1_000), ..LimitOverrides::default() },
        ..hookcell_host::LoadOptions::default()
    };
    runtime.load_plugin_bytes("frugal", &fixture("pass_through")).unwrap();
    runtime.load_plugin_bytes_with("plugin", &fixture("pass_through"), &options).unwrap();
    assert_eq!(fault(&call(&runtime, "frugal")).0, "ERR_FUEL");
    assert_eq!(call(&runtime, "plugin")["ok"], true);
    let tight = LimitOverrides { max_fuel: Some(2), ..LimitOverrides::default() };
    assert_eq!(fault(&call_with(&runtime, "plugin", CONTEXT, tight).unwrap()).0, "ERR_FUEL");
}
