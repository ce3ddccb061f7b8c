//! What a plugin threw is shown in the sources of its script.

use hookcell_host::{LimitOverrides, LoadOptions};
use serde_json::json;

use crate::guest::{FORMS, call, call_inline, load, logging, result_of};
use crate::support;

/// Column 6 of line 1 of the script is column 3 of line 2 of `plugin.ts`.
const MAP: &str = r#"{"version":3,"sources":["plugin.ts"],"mappings":"AAAA,KACE"}"#;

const THROWN: &str = r#"{"thrown":{"message":"no","backtrace":["f (plugin.js:1:8)",{"file":"plugin.js","line":1,"column":1},"native","g (plugin.js:2:1)"]}}"#;

/// A plugin that answers with what it threw, and has this source map.
fn throwing(map: &str) -> Vec<u8> {
    let hook = format!("(i64.const {})", (4_096_u64 << 32) + THROWN.len() as u64);
    with_map(crate::guest::module("", THROWN, &hook), map)
}

fn with_map(mut module: Vec<u8>, map: &str) -> Vec<u8> {
    let section = wasm_encoder::CustomSection { name: "hookcell.sourcemap".into(), data: map.as_bytes().into() };
    wasm_encoder::Section::append_to(&section, &mut module);
    module
}

const MAPPED: [&str; 4] = ["f (plugin.ts:2:3)", "plugin.ts:1:1", "native", "g (plugin.js:2:1)"];

#[test]
fn a_backtrace_is_told_in_the_sources_of_the_script() {
    for _ in 0..2 {
        let result = result_of(&throwing(MAP));
        assert_eq!(result["fault"], json!({ "code": "ERR_THROWN", "message": "no", "backtrace": MAPPED }));
    }
    let panics = with_map(logging(FORMS[0], THROWN, "unreachable"), MAP);
    assert_eq!(result_of(&panics)["fault"]["backtrace"], json!(MAPPED));
}

#[test]
fn a_source_map_that_cannot_be_read_changes_nothing_but_the_backtrace() {
    for map in ["", "{", "[[[", r#"{"sources":7,"mappings":[]}"#, r#"{"sources":["a"],"mappings":"!!"}"#] {
        let result = result_of(&throwing(map));
        let told = ["f (plugin.js:1:8)", "plugin.js:1:1", "native", "g (plugin.js:2:1)"];
        assert_eq!(result["fault"], json!({ "code": "ERR_THROWN", "message": "no", "backtrace": told }), "{map}");
    }
}

#[test]
fn an_inline_call_that_throws_runs_again_on_a_worker_if_there_is_a_source_map() {
    let runtime = load(&LimitOverrides::default(), &throwing(MAP));
    assert_eq!(call_inline(&runtime), None);
    assert_eq!(call(&runtime)["fault"]["backtrace"], json!(MAPPED));
    let panics = with_map(logging(FORMS[0], THROWN, "unreachable"), MAP);
    assert_eq!(call_inline(&load(&LimitOverrides::default(), &panics)), None);
    let accepts = with_map(logging(FORMS[0], "", "(i64.const 0)"), MAP);
    assert_eq!(call_inline(&load(&LimitOverrides::default(), &accepts)).unwrap()["ok"], true);
}

#[test]
fn a_source_map_counts_as_memory_and_a_load_can_leave_it_out() {
    let runtime = support::runtime(&LimitOverrides::default());
    let info = runtime.load_plugin_bytes("plugin", &throwing(MAP)).unwrap();
    assert_eq!(info.source_bytes, MAP.len());
    let options = LoadOptions { source_locations: Some(false), ..LoadOptions::default() };
    let info = runtime.load_plugin_bytes_with("plugin", &throwing(MAP), &options).unwrap();
    assert_eq!(info.source_bytes, 0);
    assert_eq!(call(&runtime)["fault"]["backtrace"][0], "f (plugin.js:1:8)");
}

#[test]
fn a_source_map_of_more_than_4_mib_is_not_kept() {
    let limits = LimitOverrides { max_module_bytes: Some(16 << 20), ..LimitOverrides::default() };
    let long = format!("{MAP}{}", " ".repeat(4 << 20));
    let runtime = load(&limits, &throwing(&long));
    assert_eq!(call(&runtime)["fault"]["backtrace"][0], "f (plugin.js:1:8)");
}
