//! Logs where there can be none.

use hookcell_host::LimitOverrides;
use serde_json::{Value, json};

use crate::guest::{FORMS, call, load, module, result_of};
use crate::support;

fn log_at(form: &str, pointer: i32, length: i32) -> Value {
    let hook = format!("(call $log (i32.const {pointer}) (i32.const {length})) (i64.const 0)");
    let result = result_of(&module(form, "", &hook));
    assert_eq!(result["ok"], true);
    result["log"].clone()
}

#[test]
fn a_log_outside_the_memory_is_a_note_and_no_fault() {
    for form in FORMS {
        for (pointer, length) in [(65_536, 1), (65_535, 2), (0, -1), (-1, -1), (-1, 1), (0x7fff_ffff, 0x7fff_ffff)] {
            let log = log_at(form, pointer, length);
            let message = log[0]["message"].as_str().unwrap();
            assert!(message.starts_with("hookcell: the log is "), "{message}");
            assert!(message.ends_with(", outside the memory of 65536 bytes"), "{message}");
            assert_eq!(log.as_array().unwrap().len(), 1);
        }
    }
}

#[test]
fn a_log_may_end_where_the_memory_ends() {
    let log = log_at(FORMS[0], 65_535, 1);
    assert_eq!(log, json!([{ "level": "info", "message": "\\0" }]));
    let note = "hookcell: the log has 65536 bytes and is cut; maxLogBytes is 16384";
    assert_eq!(log_at(FORMS[0], 0, 65_536)[1]["message"], note);
}

#[test]
fn variables_outside_the_memory_are_no_log() {
    let form = r#"(global (export "log_ptr") i32 (i32.const -1)) (global (export "log_len") i32 (i32.const 65533))"#;
    assert_eq!(result_of(&module(form, "", "(i64.const 0)")).get("log"), None);
    let length_at_end =
        r#"(global (export "log_ptr") i32 (i32.const 0)) (global (export "log_len") i32 (i32.const 65532))"#;
    let result = result_of(&module(length_at_end, "", "(i32.store (i32.const 65532) (i32.const 3)) (i64.const 0)"));
    assert_eq!(result["log"], json!([{ "level": "info", "message": "\\0\\0\\0" }]));
}

#[test]
fn globals_of_another_type_are_refused_at_load_with_all_that_is_wrong() {
    let pointer = r#"(global (export "log_ptr") (mut i32) (i32.const 0))"#;
    for (form, problems) in [
        (pointer.to_owned(), &["export \"log_len\" (a global) is missing: log_ptr and log_len belong together"][..]),
        (
            r#"(global (export "log_ptr") (mut i64) (i64.const 0)) (func (export "log_len"))"#.to_owned(),
            &[
                "export \"log_ptr\" must be a global of type i32, not i64",
                "export \"log_len\" must be a global, not a function",
            ],
        ),
        (
            format!(r#"{pointer} (global (export "log_len") i32 (i32.add (i32.const 1) (i32.const 2)))"#),
            &["export \"log_len\" must be mutable or a constant"],
        ),
    ] {
        let runtime = support::runtime(&LimitOverrides::default());
        let error = runtime.load_plugin_bytes("plugin", &module(&form, "", "(i64.const 0)")).unwrap_err();
        assert_eq!(error.code(), "ERR_ABI");
        for problem in problems {
            assert!(error.to_string().contains(problem), "{error}");
        }
    }
}

#[test]
fn a_limit_of_the_log_is_checked() {
    let too_long = LimitOverrides { max_log_bytes: Some(1_048_577), ..LimitOverrides::default() };
    let error = support::load_error(&too_long);
    assert!(error.contains("maxLogBytes must be a whole number from 0 to 1048576"), "{error}");
}

#[test]
fn the_largest_log_of_the_worst_lines_is_bounded() {
    let limits = LimitOverrides { max_log_bytes: Some(1_048_576), ..LimitOverrides::default() };
    let hook = r"(drop (memory.grow (i32.const 200)))
        (memory.fill (i32.const 65536) (i32.const 1) (i32.const 1048576))
        (call $log (i32.const 65536) (i32.const 13000000)) (i64.const 0)";
    let big = LimitOverrides { max_fuel: Some(1 << 40), ..limits };
    let result = call(&load(&big, &module(FORMS[0], "", hook)));
    assert_eq!(result["log"].as_array().unwrap().len(), 2);
    assert!(result["log"][0]["message"].as_str().unwrap().chars().count() <= 1_048_577);
}
