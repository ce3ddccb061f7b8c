//! Start-ups that no snapshot is taken of. They run in each call.

use std::time::{Duration, Instant};

use hookcell_host::{LimitOverrides, LoadOptions, Split};

use crate::guests::{SILENT, guest, is_pre_initialized, load_both, unchanged};
use crate::support::{call, fault, runtime, split};

#[test]
fn a_start_up_that_fails_or_is_refused_memory_runs_in_each_call() {
    let frugal = |max_fuel| LimitOverrides { max_fuel: Some(max_fuel), ..LimitOverrides::default() };
    let hasty = LimitOverrides { timeout_ms: Some(20), max_fuel: Some(1 << 50), ..LimitOverrides::default() };
    let ten_pages = LimitOverrides { max_memory_pages: Some(10), ..LimitOverrides::default() };
    for (what, start, sandbox) in [
        ("traps", "unreachable", LimitOverrides::default()),
        ("overflows its stack", "(call $start)", LimitOverrides::default()),
        ("uses up its fuel", "(loop $again (br $again))", frugal(10_000)),
        ("never ends", "(loop $again (br $again))", hasty),
        (
            "is refused memory, and traps",
            "(if (i32.eq (memory.grow (i32.const 10)) (i32.const -1)) (then unreachable))",
            ten_pages,
        ),
        ("is refused memory, and goes on", "(drop (memory.grow (i32.const 10)))", ten_pages),
        ("grows past its own bound, and goes on", "(drop (memory.grow (i32.const 21)))", LimitOverrides::default()),
    ] {
        let bytes = guest("1 20", &format!("(func $start {start}) (start $start) {SILENT}"));
        assert!(!is_pre_initialized(&bytes, &sandbox), "{what}");
    }
}

#[test]
fn a_start_up_may_use_as_much_fuel_as_a_call_and_not_one_unit_more() {
    let bytes =
        guest("1", &format!("(func $start (drop (i32.add (i32.const 1) (i32.const 2)))) (start $start) {SILENT}"));
    let runtime = runtime(&LimitOverrides::default());
    let fuel = |max_fuel| LimitOverrides { max_fuel: Some(max_fuel), ..LimitOverrides::default() };
    let least = (1..100).find(|max_fuel| load_both(&runtime, &bytes, &fuel(*max_fuel))).unwrap();
    assert!(least > 1);
    load_both(&runtime, &bytes, &fuel(least - 1));
    assert_eq!(fault(&call(&runtime, "ahead")).0, "ERR_FUEL");
}

#[test]
fn limits_of_another_load_do_not_apply() {
    let grows = guest("1", &format!("(func $start (drop (memory.grow (i32.const 20)))) (start $start) {SILENT}"));
    let runtime = runtime(&LimitOverrides::default());
    let pages = |pages| LoadOptions {
        sandbox: LimitOverrides { max_memory_pages: Some(pages), ..LimitOverrides::default() },
        ..LoadOptions::default()
    };
    assert!(runtime.load_plugin_bytes_with("wide", &grows, &pages(21)).unwrap().pre_initialized);
    assert!(!runtime.load_plugin_bytes_with("tight", &grows, &pages(20)).unwrap().pre_initialized);
    assert_eq!(call(&runtime, "tight")["ok"], true);
}

#[test]
fn a_start_up_that_leaves_much_behind_runs_in_each_call() {
    let fills = |bytes: u32| {
        let start = format!("(memory.fill (i32.const 65536) (i32.const 1) (i32.const {bytes}))");
        guest("64", &format!("(func $start {start}) (start $start) {SILENT}"))
    };
    assert!(is_pre_initialized(&fills(1_024 * 1_024), &LimitOverrides::default()));
    assert!(!is_pre_initialized(&fills(1_025 * 1_024), &LimitOverrides::default()));
    let speckles = "(local $at i32) (loop $next
        (i32.store8 (local.get $at) (i32.const 1))
        (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 128))) (i32.const 0x20_0000))))";
    let scattered = guest("64", &format!("(func $start {speckles}) (start $start) {SILENT}"));
    assert!(!is_pre_initialized(&scattered, &LimitOverrides::default()), "more segments than a module may have");
}

#[test]
fn a_start_up_that_a_snapshot_cannot_hold_runs_in_each_call() {
    for (what, definitions) in [
        ("a table that changes", "(table 2 funcref) (func $start (table.set (i32.const 0) (ref.null func)))"),
        ("segments that are dropped", r#"(data $d "x") (func $start (data.drop $d))"#),
        ("a global that holds a reference", "(global (mut funcref) (ref.null func)) (func $start)"),
    ] {
        let bytes = guest("1", &format!("{definitions} (start $start) {SILENT}"));
        assert!(!is_pre_initialized(&bytes, &LimitOverrides::default()), "{what}");
    }
}

/// The host exports globals of a module in one piece under such names. A code half has names of its own.
#[test]
fn a_module_with_an_export_of_a_reserved_name_runs_its_start_up_in_each_call() {
    let definitions = r#"(global $g (mut i32) (i32.const 0)) (export "hookcell:global 0" (global $g)) (func $start)"#;
    let bytes = guest("1", &format!("{definitions} (start $start) {SILENT}"));
    assert_eq!(is_pre_initialized(&bytes, &LimitOverrides::default()), split() == Split::Always);
}

#[test]
fn a_plugin_is_refused_before_its_start_up_runs_with_the_same_error() {
    let bytes = wat::parse_str("(module (memory 1) (func $start (loop $again (br $again))) (start $start))").unwrap();
    let patient = LimitOverrides { max_fuel: Some(1 << 50), timeout_ms: Some(60_000), ..LimitOverrides::default() };
    let runtime = runtime(&patient);
    let started = Instant::now();
    let ahead = runtime.load_plugin_bytes("guest", &bytes).unwrap_err();
    let plain = runtime.load_plugin_bytes_with("guest", &bytes, &unchanged()).unwrap_err();
    assert_eq!(ahead.to_string(), plain.to_string());
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_start_up_does_not_delay_a_load_after_its_runtime_is_cancelled() {
    let bytes = guest("1", &format!("(func $start (loop $again (br $again))) (start $start) {SILENT}"));
    let patient = LimitOverrides { max_fuel: Some(1 << 50), timeout_ms: Some(60_000), ..LimitOverrides::default() };
    let runtime = runtime(&patient);
    let started = Instant::now();
    runtime.cancel_all();
    let error = runtime.load_plugin_bytes("guest", &bytes).unwrap_err();
    assert_eq!(error.code(), "ERR_CANCELLED", "{error}");
    assert!(started.elapsed() < Duration::from_secs(30));
}
