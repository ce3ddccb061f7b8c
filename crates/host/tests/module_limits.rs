//! What a module may hold, before anything of it is compiled: every limit at its edge.

mod support;

use hookcell_host::{HostError, Limit, SandboxConfig};
use support::runtime;

/// A module that follows the contract, with more in it. Its own part: 4 functions, 4 exports, 3 types.
fn module(more: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))
            {more})"#
    );
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

fn load(limit: Limit, value: u64, more: &str) -> Result<(), HostError> {
    let mut sandbox = SandboxConfig::default();
    assert!(sandbox.set(limit.name, value));
    runtime(&sandbox).load_plugin_bytes("guest", &module(more)).map(drop)
}

/// Loads at the limit, and is refused by the limit's name one below.
fn is_the_edge(limit: Limit, value: u64, more: &str) {
    load(limit, value, more).unwrap_or_else(|error| panic!("{}: {error}", limit.name));
    let error = load(limit, value - 1, more).unwrap_err();
    assert_eq!((error.code(), error.limit_name()), ("ERR_LIMIT", Some(limit.name)), "{error}");
    let expected = format!("{} is {}", limit.name, value - 1);
    assert!(error.to_string().contains(&expected), "{error}");
}

#[test]
fn parameters_and_results_of_one_type() {
    let guest = format!("(func (param {}) (result {}) unreachable)", "i32 ".repeat(40), "i64 ".repeat(10));
    is_the_edge(Limit::SIGNATURE_VALUES, 50, &guest);
}

#[test]
fn branches_to_a_thousand_results_are_refused_before_anybody_checks_them() {
    let results = "i32 ".repeat(1_000);
    let branches = "(br_table 0 0 0 0 0 0 0 0 (i32.const 0))".repeat(100);
    let start = format!(
        "(func $start (drop (block (result i32) (i32.const 0))) (block (result {results}) unreachable {branches}) unreachable) (start $start)"
    );
    let error = load(Limit::MODULE_BYTES, Limit::MODULE_BYTES.default, &start).unwrap_err();
    assert_eq!(error.limit_name(), Some("maxSignatureValues"), "{error}");
}

#[test]
fn functions() {
    is_the_edge(Limit::FUNCTIONS, 103, &"(func)".repeat(100));
}

#[test]
fn bytes_of_one_function() {
    // No locals, 100 times `nop`, `end`.
    is_the_edge(Limit::FUNCTION_BYTES, 102, &format!("(func {})", "nop ".repeat(100)));
}

#[test]
fn locals_of_one_function_however_they_are_grouped() {
    is_the_edge(Limit::LOCALS, 300, &format!("(func (local {}) (local i64))", "i32 ".repeat(299)));
}

#[test]
fn locals_that_take_no_room_in_the_module() {
    // One group of 50,000 locals has four bytes.
    let guest = format!("(func (local {}))", "i32 ".repeat(50_000));
    let error = load(Limit::MODULE_BYTES, Limit::MODULE_BYTES.default, &guest).unwrap_err();
    assert_eq!(error.limit_name(), Some("maxLocals"), "{error}");
}

#[test]
fn blocks_inside_one_another() {
    is_the_edge(Limit::NESTING, 60, &format!("(func {} {})", "block ".repeat(60), "end ".repeat(60)));
    load(Limit::NESTING, 1, &format!("(func {})", "block end ".repeat(60))).unwrap();
}

#[test]
fn loops_inside_one_another() {
    is_the_edge(Limit::LOOP_NESTING, 60, &format!("(func {} {})", "loop block ".repeat(60), "end end ".repeat(60)));
    load(Limit::LOOP_NESTING, 1, &format!("(func {})", "loop end ".repeat(60))).unwrap();
}

#[test]
fn local_variables_times_branches_of_all_functions() {
    let guest = "(func (local i32 i32 i32 i32 i32) block end loop end (br_table 0 0 0 (i32.const 0)))".repeat(100);
    // 5 variables; a block, a loop and two targets beside the default one.
    is_the_edge(Limit::COMPILE_WORK, 5 * 4 * 100, &guest);
}

#[test]
fn elements_that_are_expressions_and_constants_of_many_operators() {
    let expressions = "(ref.func 0)".repeat(100);
    // Each is an operator and its end; so is the segment's own offset, which is not looked at.
    is_the_edge(Limit::COMPILE_WORK, 2 * 250 * 100, &format!("(table 1 funcref) (elem declare funcref {expressions})"));
    let sum = format!("{} {}", "(i32.const 1) ".repeat(100), "i32.add ".repeat(99));
    is_the_edge(Limit::COMPILE_WORK, 200 * 250, &format!("(global i32 {sum})"));
}

#[test]
fn branches_without_variables() {
    let gets = "(drop (table.get (i32.const 0)))".repeat(6_400);
    is_the_edge(Limit::COMPILE_WORK, 6_400 * 100, &format!("(table 1 funcref) (func {gets})"));
}

#[test]
fn targets_of_one_br_table() {
    is_the_edge(Limit::BR_TABLE_TARGETS, 70, &format!("(func (br_table {} 0 (i32.const 0)))", "0 ".repeat(70)));
}

#[test]
fn items_of_any_one_section() {
    let types: String = (0..50).map(|index| format!("(type (func (param{})))", " i32".repeat(index + 3))).collect();
    for more in [
        types.as_str(),
        &"(global i32 (i32.const 0))".repeat(53),
        &"(data (i32.const 0) \"\")".repeat(53),
        &format!("(table 1 funcref) {}", "(elem func)".repeat(53)),
        &(0..49).map(|index| format!("(export \"e{index}\" (func 0))")).collect::<String>(),
    ] {
        is_the_edge(Limit::SECTION_ITEMS, 53, more);
    }
}

#[test]
fn bytes_of_one_name() {
    is_the_edge(Limit::NAME_BYTES, 90, &format!("(global (export \"{}\") i32 (i32.const 0))", "n".repeat(90)));
}

#[test]
fn a_module_that_cannot_be_read_to_its_end_is_not_compiled_at_all() {
    let mut bytes = module(&"(func)".repeat(10));
    bytes.pop();
    let error = runtime(&SandboxConfig::default()).load_plugin_bytes("guest", &bytes).unwrap_err();
    assert_eq!(error.code(), "ERR_COMPILE", "{error}");
}

/// Each took from 3 to 20 seconds to compile, or hundreds of megabytes, before it was counted.
#[test]
fn bombs_are_refused_under_the_default_limits() {
    let gets = "(drop (table.get (i32.const 1)))".repeat(20_000);
    let expressions = format!("(elem declare funcref {})", "(ref.func 0)".repeat(10_000)).repeat(4);
    for (name, more) in [
        ("blocks", format!("(func {})", "block br 0 end ".repeat(25_000))),
        ("loops", format!("(func {})", "loop end ".repeat(43_000))),
        ("table.get", format!("(table 10 funcref) (func {gets})")),
        ("element expressions", expressions),
        ("a constant expression", format!("(global i32 i32.const 1 {})", "i32.const 1 i32.add ".repeat(100_000))),
    ] {
        let error = runtime(&SandboxConfig::default()).load_plugin_bytes("bomb", &module(&more)).unwrap_err();
        assert_eq!(error.limit_name(), Some("maxCompileWork"), "{name}: {error}");
    }
}
