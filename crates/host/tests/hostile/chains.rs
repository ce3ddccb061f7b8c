//! Chains with a plugin that attacks those after it.

use hookcell_host::{LimitOverrides, WasmRuntime};
use serde_json::{Value, json};

use crate::support::chain::{CALLER, chain, chain_of, input_after, load, load_answering, steps, try_chain, with_chain};
use crate::support::{fault, runtime};

#[test]
fn hostile_changes_are_faults_and_do_not_reach_the_next_plugin() {
    let deep = |depth: usize| format!(r#"{{"ok":true,"ctx":{{"data":{}1{}}}}}"#, "[".repeat(depth), "]".repeat(depth));
    for (what, answer, message) in [
        ("a key __proto__", r#"{"ok":true,"ctx":{"input":{"__proto__":{}}}}"#.to_owned(), "__proto__"),
        ("nesting", deep(129), "nested more than 128"),
        (
            "a key of ctx twice",
            r#"{"ok":true,"ctx":{"input":{},"input":{"a":2}}}"#.to_owned(),
            "duplicate field `input`",
        ),
        ("an input that is no object", r#"{"ok":true,"ctx":{"input":[]}}"#.to_owned(), "ctx.input must be an object"),
    ] {
        let runtime = runtime(&LimitOverrides::default());
        load(&runtime, &["report_context"]);
        load_answering(&runtime, "hostile", &answer);
        let result = chain(&runtime, &["hostile", "report_context"]);
        let (code, found) = fault(&result);
        assert_eq!(code, "ERR_RESULT", "{what}");
        assert!(found.contains(message), "{what}: {found}");
        assert_eq!(steps(&result), [("hostile", false)], "{what}");
        assert_eq!(result["ctx"], Value::Null, "{what}");
    }

    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["pass_through"]);
    load_answering(&runtime, "deep", &deep(128));
    // Too deep to read into a tree as the other results.
    let plugins = chain_of(&["deep", "pass_through"]);
    let accepted = with_chain(&runtime, &plugins, CALLER, |result| {
        (result.ended_by.is_none(), result.steps.len(), result.data.map(|data| data.get().len()))
    });
    assert_eq!(accepted.unwrap(), (true, 2, Some(257)));
}

#[test]
fn the_plugins_of_a_chain_together_have_no_more_values_than_one_may() {
    let runtime = runtime(&LimitOverrides { max_result_values: Some(1_000), ..LimitOverrides::default() });
    let numbers = vec!["1"; 600].join(",");
    load(&runtime, &["pass_through"]);
    load_answering(&runtime, "input", &format!(r#"{{"ok":true,"ctx":{{"input":{{"a":[{numbers}]}}}}}}"#));
    load_answering(&runtime, "data", &format!(r#"{{"ok":true,"ctx":{{"data":[{numbers}]}}}}"#));
    load_answering(&runtime, "details", &format!(r#"{{"ok":false,"details":[{numbers}]}}"#));
    for plugins in [["input", "data"], ["data", "input"], ["input", "details"]] {
        for one in plugins {
            let alone = chain(&runtime, &[one, "pass_through"]);
            assert_eq!(alone.get("fault"), None, "{one}");
        }
        let result = chain(&runtime, &plugins);
        let (code, message) = fault(&result);
        assert_eq!(code, "ERR_RESULT", "{plugins:?}");
        assert!(message.contains("maxResultValues"), "{message}");
        assert_eq!(steps(&result), [(plugins[0], true), (plugins[1], false)]);
    }
    // A value that was replaced does not count.
    assert_eq!(chain(&runtime, &["input", "input", "pass_through"])["ok"], true);
}

#[test]
fn a_duplicate_key_in_a_change_is_passed_on_as_it_was_written() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["report_context"]);
    load_answering(&runtime, "twice", r#"{"ok":true,"ctx":{"input":{"a":1,"a":"\ud800"}}}"#);
    let input = input_after(&runtime, &["twice", "report_context"], CALLER);
    assert!(input.starts_with(r#"{"seen":{"input":{"a":1,"a":"\ud800"},"data":null,"user":"#), "{input}");
}

/// A plugin whose answer has this many bytes, most of them of its `data`.
fn load_long(runtime: &WasmRuntime, name: &str, bytes: usize) {
    let frame = r#"{"ok":true,"ctx":{"data":""}}"#.len();
    load_answering(runtime, name, &format!(r#"{{"ok":true,"ctx":{{"data":"{}"}}}}"#, "x".repeat(bytes - frame)));
}

#[test]
fn making_the_context_too_long_for_the_next_plugin_is_a_fault() {
    // Both limits are 1 MiB: the longest result leaves no room for the rest of the context.
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["modifier", "pass_through"]);
    load_long(&runtime, "long", 1_048_576);
    let result = chain(&runtime, &["modifier", "long", "pass_through"]);
    let (code, message) = fault(&result);
    assert_eq!(code, "ERR_RESULT");
    assert!(message.contains(r#"maxContextBytes of the next plugin, "pass_through", is 1048576"#), "{message}");
    assert_eq!(steps(&result), [("modifier", true), ("long", false)]);
    assert_eq!(result["ctx"], json!({ "input": { "email": "ada@example.com", "seen": true } }));

    // It is fine at the end of a chain, and with enough room.
    assert_eq!(chain(&runtime, &["modifier", "long"])["ok"], true);
    let mut plugins = chain_of(&["modifier", "long", "pass_through"]);
    let longest = LimitOverrides { max_context_bytes: Some(1_100_000), ..LimitOverrides::default() };
    plugins[2].sandbox = Some(&longest);
    assert_eq!(try_chain(&runtime, &plugins, CALLER).unwrap()["ok"], true);

    // One byte too many is too long, and its own limit still applies.
    load_long(&runtime, "longer", 1_048_577);
    let (code, message) = fault(&chain(&runtime, &["longer"]));
    assert_eq!((code.as_str(), message.contains("maxResultBytes")), ("ERR_RESULT", true), "{message}");
}

#[test]
fn a_context_that_no_plugin_made_longer_is_refused_if_it_is_too_long() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["pass_through", "report_context"]);
    load_answering(&runtime, "shortens", r#"{"ok":true,"ctx":{"input":{}}}"#);
    for first in ["pass_through", "shortens"] {
        let mut plugins = chain_of(&[first, "report_context"]);
        let longest = LimitOverrides { max_context_bytes: Some(50), ..LimitOverrides::default() };
        plugins[1].sandbox = Some(&longest);
        let error = try_chain(&runtime, &plugins, CALLER).unwrap_err();
        assert_eq!(error.limit_name(), Some("maxContextBytes"), "{first}: {error}");
    }
    // A plugin that makes it short enough is accepted.
    let mut plugins = chain_of(&["shortens", "report_context"]);
    let longest = LimitOverrides { max_context_bytes: Some(CALLER.len() as u64 - 1), ..LimitOverrides::default() };
    plugins[1].sandbox = Some(&longest);
    assert_eq!(try_chain(&runtime, &plugins, CALLER).unwrap()["ok"], true);
}

#[test]
fn a_trusted_context_of_the_wrong_shape_is_refused_when_a_plugin_changes_it() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &["pass_through", "modifier"]);
    let chain = |plugins: &[&str]| try_chain(&runtime, &chain_of(plugins), "[]");
    assert_eq!(chain(&["pass_through", "modifier"]).unwrap()["ok"], true);
    assert_eq!(chain(&["modifier", "pass_through"]).unwrap_err().code(), "ERR_CONTEXT");
}
