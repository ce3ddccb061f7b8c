//! The limits on a module before it is compiled, each at its edge.

use std::fs;

use hookcell_host::{HostError, Limit, LimitOverrides, compile_work};
use serde::Deserialize;

use crate::support::text::Text;
use crate::support::{fixture_path, runtime};

/// A module that follows the contract, with additions. Without them it has 4 functions, 4 exports and 3 types.
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
    let mut sandbox = LimitOverrides::default();
    assert!(sandbox.set(limit.name, value));
    runtime(&sandbox).load_plugin_bytes("guest", &module(more)).map(drop)
}

/// Loads at the limit, and is refused with the limit's name one below.
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
fn branches_to_a_thousand_results_are_refused_before_they_are_validated() {
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
    // No locals, 100 × `nop`, `end`.
    is_the_edge(Limit::FUNCTION_BYTES, 102, &format!("(func {})", "nop ".repeat(100)));
}

#[test]
fn locals_of_one_function_in_any_grouping() {
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
fn nested_blocks() {
    is_the_edge(Limit::NESTING, 60, &format!("(func {} {})", "block ".repeat(60), "end ".repeat(60)));
    load(Limit::NESTING, 1, &format!("(func {})", "block end ".repeat(60))).unwrap();
}

#[test]
fn nested_loops() {
    is_the_edge(Limit::LOOP_NESTING, 60, &format!("(func {} {})", "loop block ".repeat(60), "end end ".repeat(60)));
    load(Limit::LOOP_NESTING, 1, &format!("(func {})", "loop end ".repeat(60))).unwrap();
}

/// The smallest `maxCompileWork` that a module with this code loads under.
fn least_work(more: &str) -> u64 {
    let (mut refused, mut loads) = (Limit::COMPILE_WORK.min, 1 << 32);
    while loads - refused > 1 {
        let middle = refused + (loads - refused) / 2;
        let sandbox = LimitOverrides {
            max_compile_work: Some(middle),
            max_function_bytes: Some(Limit::FUNCTION_BYTES.max),
            ..LimitOverrides::default()
        };
        if compile_work(&module(more), &sandbox).is_ok() {
            loads = middle;
        } else {
            refused = middle;
        }
    }
    loads
}

#[test]
fn work_beyond_what_code_of_its_length_should_cost() {
    let results = "(call 0 (i32.const 0))".repeat(2_000);
    let guest = format!("(func {results} {})", "drop ".repeat(2_000));
    let least = least_work(&guest);
    let load = |value| load(Limit::COMPILE_WORK, value, &guest);
    load(least).unwrap();
    let error = load(least - 1).unwrap_err();
    assert_eq!(error.limit_name(), Some("maxCompileWork"), "{error}");
    assert!(error.to_string().contains(&format!("maxCompileWork is {}", least - 1)), "{error}");
}

#[test]
fn live_values_at_each_branch_and_call_count() {
    let function =
        |locals: usize, events: &str| format!("(func (local {}) {})", "i32 ".repeat(locals), events.repeat(1_000));
    for event in [
        "(br_if 0 (local.get 0))",
        "(if (local.get 0) (then))",
        "(drop (call 0 (local.get 0)))",
        "(drop (ref.func 0))",
        "(memory.fill (local.get 0) (local.get 0) (local.get 0))",
        "(loop)",
    ] {
        let few = least_work(&function(1, event));
        let many = least_work(&function(1_000, event));
        assert!(many > few + 1_000 * 1_000, "{event}: {few} and {many}");
    }
}

#[test]
fn a_function_alone_may_have_half_of_the_work() {
    let piled = |calls: usize| format!("{} {}", "(call 0 (i32.const 0))".repeat(calls), "drop ".repeat(calls));
    let one = least_work(&format!("(func {})", piled(3_000)));
    let two = least_work(&format!("(func {0}) (func {0})", piled(3_000)));
    assert!(two < one + one / 10, "{one} and {two}");
}

#[test]
fn a_module_with_start_up_counts_twice() {
    let piled = |calls: usize| format!("{} {}", "(call 0 (i32.const 0))".repeat(calls), "drop ".repeat(calls));
    let once = least_work(&format!("(func $f {})", piled(3_000)));
    for start_up in ["(start $f)", "(export \"_initialize\" (func $f))"] {
        let twice = least_work(&format!("(func $f {}) {start_up}", piled(3_000)));
        assert!((once * 19 / 10..once * 21 / 10).contains(&twice), "{start_up}: {once} and {twice}");
    }
}

#[test]
fn element_segments_that_code_has_to_write_count_by_entry() {
    let entries = "0 ".repeat(5_000);
    let free = least_work(&format!("(table 5000 funcref) (elem (i32.const 0) func {entries})"));
    for (kind, segment) in [
        ("passive", format!("(table 5000 funcref) (elem func {entries})")),
        (
            "at a computed offset",
            format!("(table 5000 funcref) (elem (offset (i32.add (i32.const 0) (i32.const 0))) func {entries})"),
        ),
        ("expressions", format!("(table 5000 funcref) (elem (i32.const 0) funcref {})", "(ref.func 0)".repeat(5_000))),
        (
            "after one at a computed offset",
            format!(
                "(table 5000 funcref) (elem (offset (i32.add (i32.const 0) (i32.const 0))) func 0) (elem (i32.const 0) func {entries})"
            ),
        ),
        (
            "into a table that is filled",
            format!("(table 5000 5000 funcref (ref.func 0)) (elem (i32.const 0) func {entries})"),
        ),
    ] {
        // The last one needs a feature that is off.
        if let Ok(bytes) = wat::parse_str(format!("(module {segment} (func))"))
            && compile_work(&bytes, &LimitOverrides { max_compile_work: Some(1 << 40), ..LimitOverrides::default() })
                .is_ok()
        {
            assert!(least_work(&segment) > free + 5_000 * 5_000, "{kind}");
        }
    }
}

#[test]
fn a_segment_that_ends_outside_its_table_is_refused_before_it_is_compiled() {
    for (table, segment, says) in [
        (10, "(elem (i32.const 0) func 0 0 0 0 0 0 0 0 0 0 0)", "ends at 11, outside its table of 10"),
        (10, "(elem (i32.const 10) func 0)", "ends at 11"),
        (0, "(elem (i32.const -1) func 0)", "ends at 4294967296"),
        (10, "(elem (i32.const 9) funcref (ref.func 0) (ref.func 0))", "ends at 11"),
    ] {
        let more = format!("(table {table} funcref) {segment}");
        let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &module(&more)).unwrap_err();
        assert_eq!(error.code(), "ERR_ABI", "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    load(Limit::TABLE_ELEMENTS, 10, "(table 10 funcref) (elem (i32.const 9) func 0)").unwrap();
}

#[test]
fn constants_of_many_operators() {
    let sum = format!("{} {}", "(i32.const 1) ".repeat(10_000), "i32.add ".repeat(9_999));
    assert!(least_work(&format!("(global i32 {sum})")) > 100_000_000);
}

#[test]
fn bytes_of_machine_code() {
    let traps = "i64.trunc_f64_s f64.convert_i64_s ".repeat(2_000);
    let guest = format!("(func (param f64) (local.get 0) {traps} drop)");
    let load = |value| load(Limit::CODE_BYTES, value, &guest);
    load(Limit::CODE_BYTES.default).unwrap();
    let error = load(100_000).unwrap_err();
    assert_eq!((error.code(), error.limit_name()), ("ERR_LIMIT", Some("maxCodeBytes")), "{error}");
    assert!(error.to_string().contains("bytes of machine code; maxCodeBytes is 100000"), "{error}");
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
    let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &bytes).unwrap_err();
    assert_eq!(error.code(), "ERR_COMPILE", "{error}");
}

/// A row of `fixtures/hostile/compile_bombs.json`; the README beside it says what the columns mean.
#[derive(Deserialize)]
struct CompileBomb {
    name: String,
    module: Text,
}

/// Without the limits, each takes seconds or hundreds of megabytes to compile. The scan refuses them all.
#[test]
fn bombs_are_refused_under_the_default_limits() {
    let file = fixture_path("hostile/compile_bombs").with_extension("json");
    let bombs: Vec<CompileBomb> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert!(!bombs.is_empty());
    for CompileBomb { name, module: more } in bombs {
        let bytes = module(&more.expand());
        let error = runtime(&LimitOverrides::default()).load_plugin_bytes("bomb", &bytes).unwrap_err();
        assert_eq!(error.limit_name(), Some("maxCompileWork"), "{name}: {error}");
    }
}

#[test]
fn a_declared_segment_is_not_code_and_does_not_count() {
    let expressions = format!("(elem declare funcref {})", "(ref.func 0)".repeat(10_000)).repeat(4);
    load(Limit::COMPILE_WORK, Limit::COMPILE_WORK.default, &expressions).unwrap();
}

#[test]
fn a_long_module_may_have_no_more_work_than_one_of_4_mib_unless_the_limit_of_its_length_is_set() {
    // Each function is within the limit for one, and together they are more than 4 MiB make room for.
    let function =
        format!("(func (param v128) (result v128) (local.get 0) {})", "(local.get 0) f64x2.max ".repeat(8_000));
    let unbounded = LimitOverrides { max_compile_work: Some(10_000_000_000), ..LimitOverrides::default() };
    let work = compile_work(&module(&function.repeat(80)), &unbounded).unwrap();
    assert!(work > 4_194_304 * 300 + Limit::COMPILE_WORK.default, "{work}");
    let data = format!(r#"(memory 200) (data (i32.const 0) "{}")"#, "x".repeat(8_000_000));
    let text = format!("(module {data} {})", function.repeat(80));
    let long = wat::parse_str(text).unwrap();
    let error = compile_work(&long, &LimitOverrides::default()).unwrap_err();
    assert_eq!(error.limit_name(), Some("maxCompileWork"), "{error}");
    compile_work(&long, &with_bytes(16_777_216)).unwrap();
}

fn with_bytes(max_module_bytes: u64) -> LimitOverrides {
    LimitOverrides { max_module_bytes: Some(max_module_bytes), ..LimitOverrides::default() }
}
