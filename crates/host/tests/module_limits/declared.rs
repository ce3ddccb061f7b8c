//! Limits that a module declares for itself.

use crate::support::{CONTEXT, call, call_with, runtime};
use hookcell_host::{Limit, LimitOverrides, LoadOptions, PluginInfo, WasmRuntime};
use serde_json::{Value, json};

/// A plugin with these custom sections.
fn module(sections: &[&[u8]], definitions: &str, hook: &str) -> Vec<u8> {
    let sections = sections.iter().map(|section| {
        let escaped: String = section.iter().map(|byte| format!("\\{byte:02x}")).collect();
        format!(r#"(@custom "hookcell.limits" "{escaped}")"#)
    });
    let source = format!(
        r#"(module
            {}
            {definitions}
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64) {hook}))"#,
        sections.collect::<String>()
    );
    wat::parse_str(source).unwrap_or_else(|error| panic!("{error}"))
}

const MEMORY: &str = r#"(memory (export "memory") 1)"#;
const NOTHING: &str = "(i64.const 0)";
const LOOP: &str = "(loop $again (br $again)) unreachable";

fn load(limits: &LimitOverrides, declared: &str, definitions: &str, hook: &str) -> (WasmRuntime, PluginInfo) {
    let runtime = runtime(limits);
    let info = runtime.load_plugin_bytes("plugin", &module(&[declared.as_bytes()], definitions, hook));
    (runtime, info.unwrap_or_else(|error| panic!("{error}")))
}

fn message(runtime: &WasmRuntime) -> String {
    call(runtime, "plugin")["fault"]["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_declared_limit_replaces_the_default() {
    let none = LimitOverrides::default();
    let context = CONTEXT.len() as u64;
    for (declared, fuel) in [
        ("{}", 1_000_000 + 1_000 * context),
        (r#"{"maxFuel":5000000}"#, 5_000_000 + 1_000 * context),
        (r#"{"maxFuel":20,"fuelPerContextByte":0}"#, 20),
        (r#"{"fuelPerContextByte":3}"#, 1_000_000 + 3 * context),
        (r#"{"maxFuel":null}"#, 1_000_000 + 1_000 * context),
    ] {
        let (runtime, _) = load(&none, declared, MEMORY, LOOP);
        assert_eq!(message(&runtime), format!("it used up its fuel of {fuel} (maxFuel) in before_hook"), "{declared}");
    }
    let grows = "(if (i32.eq (memory.grow (i32.const 300)) (i32.const -1)) (then unreachable)) (i64.const 0)";
    let (runtime, _) = load(&none, r#"{"maxMemoryPages":301}"#, MEMORY, grows);
    assert_eq!(call(&runtime, "plugin")["ok"], true);
    let (runtime, _) = load(&none, r#"{"maxMemoryPages":300}"#, MEMORY, grows);
    assert!(message(&runtime).ends_with("301 pages of memory were refused (maxMemoryPages is 300)"));
}

#[test]
fn a_declared_limit_is_enough_to_load_a_module_that_starts_with_more_than_the_default() {
    let large = r#"(memory (export "memory") 400)"#;
    let (runtime, _) = load(&LimitOverrides::default(), r#"{"maxMemoryPages":400}"#, large, NOTHING);
    assert_eq!(call(&runtime, "plugin")["ok"], true);
}

#[test]
fn a_declared_timeout_shortens_the_default() {
    let hook = "(loop $again (br $again)) unreachable";
    let (runtime, _) = load(&LimitOverrides::default(), r#"{"maxFuel":1000000000,"timeoutMs":15}"#, MEMORY, hook);
    assert_eq!(message(&runtime), "it did not finish before_hook within 15 ms (timeoutMs)");
}

#[test]
fn a_limit_that_a_user_sets_replaces_the_declared_one() {
    let declared = r#"{"maxFuel":5000000,"fuelPerContextByte":7,"maxMemoryPages":300,"timeoutMs":20}"#;
    let fuel = |fuel: u64| LimitOverrides { max_fuel: Some(fuel), ..LimitOverrides::default() };
    let said = |fuel: u64| format!("it used up its fuel of {fuel} (maxFuel) in before_hook");
    let (runtime, _) = load(&fuel(30), declared, MEMORY, LOOP);
    assert_eq!(message(&runtime), said(30));
    let (runtime, _) = load(&LimitOverrides::default(), declared, MEMORY, LOOP);
    let result = call_with(&runtime, "plugin", CONTEXT, fuel(40)).unwrap();
    assert_eq!(result["fault"]["message"], said(40));
    let options = LoadOptions { sandbox: fuel(50), ..LoadOptions::default() };
    let bytes = module(&[declared.as_bytes()], MEMORY, LOOP);
    runtime.load_plugin_bytes_with("plugin", &bytes, &options).unwrap();
    assert_eq!(message(&runtime), said(50));
    let small = LimitOverrides { max_memory_pages: Some(2), ..LimitOverrides::default() };
    let grows = "(if (i32.eq (memory.grow (i32.const 2)) (i32.const -1)) (then unreachable)) (i64.const 0)";
    let (runtime, _) = load(&small, declared, MEMORY, grows);
    assert!(message(&runtime).ends_with("(maxMemoryPages is 2)"));
}

#[test]
fn a_plugins_description_has_what_its_module_declares() {
    let (_, info) = load(&LimitOverrides::default(), r#" {"maxFuel":5000000,"timeoutMs":20} "#, MEMORY, NOTHING);
    let info: Value = serde_json::to_value(&info).unwrap();
    assert_eq!(info["declaredLimits"], json!({ "maxFuel": 5_000_000, "timeoutMs": 20 }));
    let info = runtime(&LimitOverrides::default()).load_plugin_bytes("plugin", &module(&[], MEMORY, NOTHING)).unwrap();
    assert_eq!(serde_json::to_value(&info).unwrap().get("declaredLimits"), None);
}

#[test]
fn a_declaration_that_is_wrong_is_refused_with_the_section_and_the_key() {
    let long = format!(r#"{{"maxFuel":1{}}}"#, " ".repeat(5_000));
    let name = "x".repeat(500);
    let unknown = format!(r#"{{"{name}\u001b":1}}"#);
    for (section, problem) in [
        ("", "EOF while parsing a value"),
        ("7", "invalid type: integer `7`, expected an object"),
        ("[1,2,3,4]", "invalid type: sequence, expected an object"),
        ("\u{fffd}", "expected value"),
        (r#"{"maxFuel":1} x"#, "trailing characters"),
        (r#"{"maxFuel":1,"maxFuel":2}"#, "duplicate field `maxFuel`"),
        (r#"{"maxfuel":1}"#, "unknown field `maxfuel`"),
        (r#"{"inlineFuel":1}"#, "unknown field `inlineFuel`"),
        (r#"{"maxMemoryBytes":65536}"#, "unknown field `maxMemoryBytes`"),
        (r#"{"maxFuel":0}"#, "maxFuel must be a whole number from 1 to 1000000000, not 0"),
        (r#"{"maxFuel":1000000001}"#, "maxFuel must be a whole number from 1 to 1000000000, not 1000000001"),
        (r#"{"maxFuel":1e3}"#, "maxFuel must be a whole number from 1 to 1000000000, not 1e3"),
        (r#"{"maxFuel":"7"}"#, r#"maxFuel must be a whole number from 1 to 1000000000, not "7""#),
        (r#"{"fuelPerContextByte":10001}"#, "fuelPerContextByte must be a whole number from 0 to 10000, not 10001"),
        (r#"{"maxMemoryPages":1025}"#, "maxMemoryPages must be a whole number from 1 to 1024, not 1025"),
        (r#"{"timeoutMs":1001}"#, "timeoutMs must be a whole number from 1 to 1000, not 1001"),
        (r#"{"timeoutMs":-1}"#, "timeoutMs must be a whole number from 1 to 1000, not -1"),
        (&long, "it has 5013 bytes; the most is 4096"),
        (&unknown, "unknown field `xxxxx"),
    ] {
        let runtime = runtime(&LimitOverrides::default());
        let error = runtime.load_plugin_bytes("plugin", &module(&[section.as_bytes()], MEMORY, NOTHING)).unwrap_err();
        let message = error.to_string();
        assert_eq!(error.code(), "ERR_ABI", "{message}");
        assert!(message.contains(&format!("section \"hookcell.limits\": {problem}")), "{message}\n{problem}");
        assert!(message.len() < 500 && !message.contains('\u{1b}'), "{message}");
    }
    let twice = module(&[br#"{"maxFuel":7}"#, b"{}"], MEMORY, NOTHING);
    let error = runtime(&LimitOverrides::default()).load_plugin_bytes("plugin", &twice).unwrap_err();
    assert!(error.to_string().contains("section \"hookcell.limits\": there are two of it"), "{error}");
}

#[test]
fn a_module_cannot_give_itself_more_time_than_the_default() {
    assert_eq!(Limit::TIMEOUT_MS.default, 1_000);
    let longest = LimitOverrides { timeout_ms: Some(60_000), ..LimitOverrides::default() };
    let bytes = module(&[br#"{"timeoutMs":2000}"#], MEMORY, NOTHING);
    assert!(runtime(&longest).load_plugin_bytes("plugin", &bytes).is_err());
}
