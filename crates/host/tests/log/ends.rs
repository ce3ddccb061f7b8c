//! A log is read however a call ends.

use hookcell_host::LimitOverrides;
use serde_json::json;

use crate::guest::{FORMS, LOG_AT, call, call_inline, load, logging, module, result_of};

const LINES: &str = "{\"level\":\"warn\",\"message\":\"first\",\"fields\":{\"n\":1}}\nsecond";

const LOOP: &str = "(loop $again (br $again)) unreachable";

#[test]
fn a_log_is_read_however_the_call_ends() {
    for form in FORMS {
        for (rest, code) in [
            ("(i64.const 0)", None),
            ("(i64.const 0x100000000001)", Some("ERR_RESULT")),
            ("unreachable", Some("ERR_TRAP")),
            ("(i64.load (i32.const -8))", Some("ERR_TRAP")),
            (LOOP, Some("ERR_FUEL")),
            ("(call $recurse (i32.const 1))", Some("ERR_STACK")),
            (
                "(if (i32.eq (memory.grow (i32.const 1000)) (i32.const -1)) (then unreachable)) (i64.const 0)",
                Some("ERR_MEMORY"),
            ),
        ] {
            let result = result_of(&logging(form, LINES, rest));
            assert_eq!(result["fault"]["code"].as_str(), code, "{rest}");
            let expected = json!([
                { "level": "warn", "message": "first", "fields": { "n": 1 } },
                { "level": "info", "message": "second" },
            ]);
            assert_eq!(result["log"], expected, "{rest}");
        }
    }
}

#[test]
fn a_log_is_read_after_a_deadline() {
    let limits = LimitOverrides { timeout_ms: Some(20), max_fuel: Some(1 << 50), ..LimitOverrides::default() };
    for form in FORMS {
        let result = call(&load(&limits, &logging(form, "late", LOOP)));
        assert_eq!(result["fault"]["code"], "ERR_TIMEOUT");
        assert_eq!(result["log"], json!([{ "level": "info", "message": "late" }]));
    }
}

#[test]
fn a_log_is_read_if_alloc_or_the_start_up_function_fails() {
    let log = "(call $log (i32.const 4096) (i32.const 1))";
    for part in [
        r#"(func (export "_initialize") LOG unreachable) (func (export "alloc") (param i32) (result i32) (i32.const 8))"#,
        r#"(func (export "alloc") (param i32) (result i32) LOG unreachable)"#,
        r#"(func (export "alloc") (param i32) (result i32) LOG (i32.const 0))"#,
    ] {
        let source = format!(
            r#"(module (memory (export "memory") 1) (data (i32.const 4096) "x") {} {}
                (func (export "dealloc") (param i32 i32))
                (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#,
            FORMS[0],
            part.replace("LOG", log)
        );
        let result = result_of(&wat::parse_str(source).unwrap());
        assert_eq!(result["ok"], false);
        assert_eq!(result["log"], json!([{ "level": "info", "message": "x" }]), "{part}");
    }
}

#[test]
fn a_plugin_that_logs_nothing_has_no_log() {
    for form in FORMS {
        assert_eq!(result_of(&module(form, "", "(i64.const 0)")).get("log"), None);
        assert_eq!(result_of(&logging(form, " \r\n\n", "(i64.const 0)")).get("log"), None);
    }
}

#[test]
fn a_panic_tells_its_message_and_place_in_the_last_line() {
    let told = r#"{"thrown":{"message":"no item 7","backtrace":[{"function":"total","file":"src/lib.rs","line":3,"column":9}]}}"#;
    for form in FORMS {
        let result = result_of(&logging(form, &format!("before\n{told}\n"), "unreachable"));
        assert_eq!(
            result["fault"],
            json!({ "code": "ERR_THROWN", "message": "no item 7", "backtrace": ["total (src/lib.rs:3:9)"] })
        );
        assert_eq!(result["error"], "WASM plugin trapped: no item 7");
        assert_eq!(result["usage"]["fuel"], json!(null));
        assert_eq!(result["log"], json!([{ "level": "info", "message": "before" }]));
    }
}

#[test]
fn a_panic_without_a_place_has_the_backtrace_of_the_trap() {
    let result = result_of(&logging(FORMS[0], r#"{"thrown":{"message":"no"}}"#, "unreachable"));
    assert_eq!(result["fault"]["code"], "ERR_THROWN");
    let backtrace = result["fault"]["backtrace"].as_array().unwrap();
    assert!(backtrace[0].as_str().unwrap().contains("wasm offset 0x"), "{backtrace:?}");
    assert_eq!(result.get("log"), None);
}

#[test]
fn other_faults_stay_what_they_are_whatever_the_log_says() {
    let told = r#"{"thrown":{"message":"no"}}"#;
    for (rest, code) in [
        ("(i64.const 0)", None),
        ("(i64.load (i32.const -8))", Some("ERR_TRAP")),
        (LOOP, Some("ERR_FUEL")),
        ("(call $recurse (i32.const 1))", Some("ERR_STACK")),
        ("(drop (memory.grow (i32.const 1000))) unreachable", Some("ERR_MEMORY")),
    ] {
        let result = result_of(&logging(FORMS[0], told, rest));
        assert_eq!(result["fault"]["code"].as_str(), code, "{rest}");
        assert_eq!(result["log"], json!([{ "level": "error", "message": "no" }]), "{rest}");
    }
}

#[test]
fn a_panic_is_told_after_a_log_that_is_cut() {
    let told = format!("{}\n{}", "x".repeat(2_000), r#"{"thrown":{"message":"no"}}"#);
    let limits = LimitOverrides { max_log_bytes: Some(10), ..LimitOverrides::default() };
    let result = call(&load(&limits, &logging(FORMS[0], &told, "unreachable")));
    assert_eq!(result["fault"]["message"], "no");
    let note = "hookcell: the log has 2001 bytes and is cut; maxLogBytes is 10";
    assert_eq!(
        result["log"],
        json!([{ "level": "info", "message": "x".repeat(10) }, { "level": "warn", "message": note }])
    );
    let nothing = LimitOverrides { max_log_bytes: Some(0), ..LimitOverrides::default() };
    let result = call(&load(&nothing, &logging(FORMS[0], &told, "unreachable")));
    assert_eq!((&result["fault"]["message"], result.get("log")), (&json!("no"), None));
}

#[test]
fn an_inline_call_has_the_same_log_as_one_on_a_worker() {
    for rest in ["(i64.const 0)", "unreachable"] {
        let runtime = load(&LimitOverrides::default(), &logging(FORMS[0], LINES, rest));
        let (inline, worker) = (call_inline(&runtime).unwrap(), call(&runtime));
        assert_eq!(inline["log"], worker["log"]);
        assert_eq!(inline["fault"], worker["fault"]);
    }
}

#[test]
fn an_inline_call_does_not_read_a_long_log() {
    let limits = LimitOverrides { max_log_bytes: Some(30_000), ..LimitOverrides::default() };
    let hook = format!("(call $log (i32.const {LOG_AT}) (i32.const 20000)) (i64.const 0)");
    let runtime = load(&limits, &module(FORMS[0], "x", &hook));
    assert_eq!(call_inline(&runtime), None);
    assert!(call(&runtime)["log"].is_array());
}
