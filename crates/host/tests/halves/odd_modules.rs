//! Odd and hostile modules have the same outcome in halves as in one piece.

use std::sync::Arc;

use hookcell_host::{Allocation, Engine, LimitOverrides, LoadOptions, Split, WasmRuntime};
use serde_json::Value;

use crate::support::{CONTEXT, call_with};

/// A hook that runs `$work` and answers with the 64 bytes from address 64 on, in hexadecimal.
const SHELL: &str = r#"
    (func $alloc (export "alloc") (param i32) (result i32) (i32.const 8192))
    (func (export "dealloc") (param i32 i32))
    (func $digit (param $four i32) (result i32)
        (i32.add (i32.add (local.get $four) (i32.const 48))
            (i32.mul (i32.gt_u (local.get $four) (i32.const 9)) (i32.const 39))))
    (func $hook (export "before_hook") (param i32 i32) (result i64)
        (local $at i32) (local $byte i32)
        (call $work)
        (loop $next
            (local.set $byte (i32.load8_u offset=64 (local.get $at)))
            (i32.store8 offset=2048 (i32.shl (local.get $at) (i32.const 1))
                (call $digit (i32.shr_u (local.get $byte) (i32.const 4))))
            (i32.store8 offset=2049 (i32.shl (local.get $at) (i32.const 1))
                (call $digit (i32.and (local.get $byte) (i32.const 15))))
            (br_if $next
                (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 64))))
        (i64.const 0x7e6_0000009d))
    (data (i32.const 2022) "{\22ok\22:true,\22ctx\22:{\22data\22:\22")
    (data (i32.const 2176) "\22}}")"#;

/// A hook that does not answer, because there may be no memory to write to.
const BARE: &str = r#"
    (func (export "alloc") (param i32) (result i32) (i32.const 0))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))"#;

fn runtimes(allocation: Allocation) -> [WasmRuntime; 2] {
    [Split::Never, Split::Always].map(|split| {
        let engine = Engine::with_allocation(allocation).unwrap().with_split(split);
        let limits = LimitOverrides { timeout_ms: Some(60_000), ..LimitOverrides::default() };
        WasmRuntime::with_engine(Arc::new(engine), &limits).unwrap()
    })
}

fn outcome(runtime: &WasmRuntime, sandbox: &LimitOverrides) -> Value {
    match call_with(runtime, "guest", CONTEXT, *sandbox) {
        Ok(mut result) => {
            result["usage"]["runMs"].take();
            result
        }
        Err(error) => error.to_string().into(),
    }
}

/// Compares both forms under many limits. Is the module split, and what is its result?
fn compare(name: &str, bytes: &[u8]) -> Option<(bool, Value)> {
    let mut last = None;
    for allocation in [Allocation::Pooled { slots: 2 }, Allocation::OnDemand] {
        let [whole, halves] = runtimes(allocation);
        for pre_initialize in [Some(true), Some(false)] {
            let options = LoadOptions { pre_initialize, ..LoadOptions::default() };
            let load = |runtime: &WasmRuntime| runtime.load_plugin_bytes_with("guest", bytes, &options);
            let (one, other) = match (load(&whole), load(&halves)) {
                (Ok(one), Ok(other)) => (one, other),
                (Err(one), Err(other)) => {
                    assert_eq!(one.to_string(), other.to_string(), "{name}");
                    continue;
                }
                (one, other) => panic!("{name}: {one:?} and {other:?}"),
            };
            assert_eq!((one.hooks, one.memory), (other.hooks, other.memory), "{name}");
            assert_eq!(one.pre_initialized, other.pre_initialized, "{name}");
            let fuel = |fuel| LimitOverrides { max_fuel: Some(fuel), ..LimitOverrides::default() };
            let all = outcome(&whole, &LimitOverrides::default());
            let used = all["usage"]["fuel"].as_u64().unwrap_or(1_000);
            for limits in [
                LimitOverrides::default(),
                fuel(used.max(1)),
                fuel(used.saturating_sub(1).max(1)),
                fuel(used.div_euclid(2).max(1)),
                fuel(1),
                LimitOverrides { max_memory_pages: Some(1), ..LimitOverrides::default() },
                LimitOverrides { max_memory_pages: Some(2), ..LimitOverrides::default() },
                LimitOverrides { max_table_elements: Some(0), ..LimitOverrides::default() },
                LimitOverrides { max_table_elements: Some(0), max_memory_pages: Some(1), ..LimitOverrides::default() },
                LimitOverrides { max_table_elements: Some(12), ..LimitOverrides::default() },
                LimitOverrides::default(),
            ] {
                let [one, in_halves] = [&whole, &halves].map(|runtime| outcome(runtime, &limits));
                assert_eq!(one, in_halves, "{name}, {allocation:?}, {pre_initialize:?}, {limits:?}");
            }
            last = Some((other.data_bytes > 0, all));
        }
    }
    last
}

fn module_of(memory: &str, more: &str) -> Vec<u8> {
    let text = format!("(module {memory} {SHELL} {more})");
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{more}: {error}"))
}

const NO_WORK: &str = "(func $work)";

#[test]
fn globals_of_each_type_begin_with_their_value_bit_for_bit() {
    let globals = r#"
        (global $i (mut i32) (i32.const -1)) (global $l (export "l") (mut i64) (i64.const -2))
        (global $f (mut f32) (f32.const nan:0x200001)) (global $d (mut f64) (f64.const -nan:0x4000000000001))
        (global $z (mut f32) (f32.const -0)) (global $v (mut v128) (v128.const i64x2 -3 0x1122334455667788))
        (global $c (export "c") i32 (i32.const 77)) (global $e (mut i32) (i32.add (i32.const 77) (i32.const 1)))
        (global $same (mut i32) (i32.sub (i32.const 77) (i32.const 0))) (global $r (mut funcref) (ref.func $alloc)) (global $n funcref (ref.null func))
        (func $work
            (i32.store (i32.const 64) (global.get $i)) (i64.store (i32.const 68) (global.get $l))
            (f32.store (i32.const 76) (global.get $f)) (f64.store (i32.const 80) (global.get $d))
            (f32.store (i32.const 88) (global.get $z)) (v128.store (i32.const 92) (global.get $v))
            (i32.store (i32.const 108) (global.get $c)) (i32.store (i32.const 112) (global.get $e))
            (i32.store (i32.const 116) (global.get $same))
            (i32.store (i32.const 120) (ref.is_null (global.get $r)))
            (global.set $i (i32.const 9)) (global.set $l (i64.const 9)) (global.set $f (f32.const 9))
            (global.set $d (f64.const 9)) (global.set $z (f32.const 9)) (global.set $v (v128.const i64x2 9 9))
            (global.set $e (i32.const 9)) (global.set $same (i32.const 9)) (global.set $r (ref.null func)))"#;
    let memory = r#"(memory (export "memory") 1)"#;
    let (is_split, result) = compare("globals", &module_of(memory, globals)).unwrap();
    assert!(is_split);
    let shown = result["ctx"]["data"].as_str().unwrap();
    let expected = "fffffffffeffffffffffffff0100a07f010000000000f4ff00000080fdffffffffffffff88776655443322114d0000004e0000004d000000";
    assert_eq!(&shown[..expected.len()], expected, "{result}");
    // A start-up reads and changes them.
    for start in [
        "(func $begin (call $work) (global.set $z (f32.const -nan:0x200003))) (start $begin)",
        r#"(func (export "_initialize") (call $work) (global.set $l (i64.const 0)))"#,
    ] {
        for globals in [
            globals.to_owned(),
            globals.replace("(mut funcref)", "funcref").replace("(global.set $r (ref.null func))", ""),
        ] {
            compare("globals after a start-up", &module_of(memory, &format!("{globals} {start}"))).unwrap();
        }
    }
}

#[test]
fn odd_memories_data_and_tables_are_the_same_in_both_forms() {
    let plain = r#"(memory (export "memory") 1)"#;
    let mut split = 0;
    let many = |count: usize, item: &str| item.repeat(count);
    let cases = [
        ("names", r#"(memory (export "memory") (export "") (export "0") (export "g0") (export "\u{1F600}") 1)"#.to_owned(),
            format!(r#"{NO_WORK} (global (export "1") (mut i32) (i32.const 5)) (export "2" (func $work)) (export "3" (func $hook))"#)),
        ("overlap", plain.to_owned(), format!(r#"{NO_WORK} (data (i32.const 64) "aaaaaaaaaaaa") (data (i32.const 68) "bb") (data (i32.const 66) "c\00c")"#)),
        ("at the end", plain.to_owned(), format!(r#"{NO_WORK} (data (i32.const 65530) "abcdef") (data (i32.const 65536) "")"#)),
        ("beyond the end", plain.to_owned(), format!(r#"{NO_WORK} (data (i32.const 65530) "abcdefg")"#)),
        ("empty beyond the end", plain.to_owned(), format!(r#"{NO_WORK} (data (i32.const 65537) "")"#)),
        ("far beyond the end", plain.to_owned(), format!(r#"{NO_WORK} (data (i32.const -1) "x")"#)),
        ("minimum above maximum", plain.to_owned().replace('1', "3 2"), NO_WORK.to_owned()),
        ("at its maximum", plain.to_owned().replace('1', "1 1"), "(func $work (i32.store (i32.const 64) (memory.grow (i32.const 1))))".to_owned()),
        ("grows to its maximum", plain.to_owned().replace('1', "1 3"), "(func $work (i32.store (i32.const 64) (memory.grow (i32.const 2))) (i32.store (i32.const 68) (memory.grow (i32.const 1))) (i32.store (i32.const 72) (memory.size)))".to_owned()),
        ("16 pages", plain.to_owned().replace('1', "16 16"), "(func $work (memory.fill (i32.const 65536) (i32.const 7) (i32.const 900000)) (memory.copy (i32.const 64) (i32.const 65536) (i32.const 8)))".to_owned()),
        ("16 pages without a maximum", plain.to_owned().replace('1', "16"), "(func $work (memory.fill (i32.const 65536) (i32.const 7) (i32.const 900000)) (memory.copy (i32.const 64) (i32.const 65536) (i32.const 8)))".to_owned()),
        ("17 pages", plain.to_owned().replace('1', "17 17"), "(func $work (memory.fill (i32.const 65536) (i32.const 7) (i32.const 1048577)))".to_owned()),
        ("table", plain.to_owned(), r#"(table (export "t") 10 20 funcref) (global $at i32 (i32.const 3)) (type $f (func))
            (elem (offset (i32.const 1)) func $one) (elem (offset (i32.const 3)) func $one $one) (elem $p func $one $one)
            (elem (i32.const 8) funcref (ref.func $one) (ref.null func))
            (func $one (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1))))
            (func $work (call_indirect (type $f) (i32.const 1)) (call_indirect (type $f) (i32.const 4))
                (table.init 0 $p (i32.const 6) (i32.const 0) (i32.const 2)) (call_indirect (type $f) (i32.const 7))
                (i32.store (i32.const 68) (table.grow (ref.null func) (i32.const 5)))
                (elem.drop $p) (call_indirect (type $f) (i32.const 8)))"#.to_owned()),
        ("element computed", plain.to_owned(), "(table 10 funcref) (elem (offset (i32.add (i32.const 3) (i32.const 4))) func $work) (func $work (table.set (i32.const 0) (table.get (i32.const 7))))".to_owned()),
        ("element outside", plain.to_owned(), "(table 10 funcref) (elem (i32.const 10) func $work) (func $work)".to_owned()),
        ("null call", plain.to_owned(), "(type $f (func)) (table 10 funcref) (func $work (call_indirect (type $f) (i32.const 2)))".to_owned()),
        ("other signature", plain.to_owned(), "(type $f (func (param i64))) (table 10 funcref) (elem (i32.const 2) func $work) (func $work (call_indirect (type $f) (i64.const 1) (i32.const 2)))".to_owned()),
        ("externref", plain.to_owned(), format!("{NO_WORK} (global (mut externref) (ref.null extern))")),
        ("externref table", plain.to_owned(), format!("{NO_WORK} (table 3 externref)")),
        ("64 mutable globals", plain.to_owned(), format!("{} (func $work (i32.store (i32.const 64) (global.get 63)))", many(64, "(global (mut i32) (i32.const 3))"))),
        ("65 mutable globals", plain.to_owned(), format!("{} (func $work (i32.store (i32.const 64) (global.get 64)))", many(65, "(global (mut i32) (i32.const 3))"))),
        ("256 functions like hooks", plain.to_owned(), format!("{NO_WORK} {}", many(255, "(func (param i32 i32) (result i64) (i64.const 0))"))),
        ("300 functions like hooks", plain.to_owned(), format!("{NO_WORK} {}", many(300, "(func (param i32 i32) (result i64) (i64.const 0))"))),
        ("recursion", plain.to_owned(), "(func $work (call $work))".to_owned()),
        ("out of bounds", plain.to_owned(), "(func $work (i64.store offset=4294967295 (i32.const 64) (i64.const 1)))".to_owned()),
        ("at the edge", plain.to_owned(), "(func $work (i64.store (i32.const 65529) (i64.const 1)))".to_owned()),
        ("start traps", plain.to_owned(), "(func $work) (func $begin (i32.store (i32.const 64) (i32.const 5)) unreachable) (start $begin)".to_owned()),
        ("start is called again and grows", plain.to_owned(), "(func $work (drop (memory.grow (i32.const 1))) (i32.store (i32.const 64) (memory.size))) (start $work)".to_owned()),
        ("start and initialize", plain.to_owned(), r#"(func $work (i32.store8 (i32.const 64) (i32.add (i32.const 1) (i32.load8_u (i32.const 64))))) (start $work) (export "_initialize" (func $work))"#.to_owned()),
        ("start leaves scattered data", plain.to_owned().replace('1', "40"), "(func $work) (func $begin (i32.store (i32.const 2500000) (i32.const 5))) (start $begin)".to_owned()),
        ("start changes the table", plain.to_owned(), "(table 3 funcref) (func $work (i32.store (i32.const 64) (table.size))) (func $begin (drop (table.grow (ref.null func) (i32.const 1)))) (start $begin)".to_owned()),
        ("wrong name section", plain.to_owned(), "(func $work unreachable) (@custom \"name\" \"\\01\\ff\")".to_owned()),
    ];
    for (name, memory, more) in &cases {
        split += u32::from(compare(name, &module_of(memory, more)).is_some_and(|(is_split, _)| is_split));
    }
    assert!(split > 15, "{split}");
    for memory in ["0", "0 0", "0 16", "0 17", "1"] {
        let memory =
            format!(r#"(module (memory (export "memory") {memory}) {BARE} (data (i32.const 0) "") (data "x"))"#);
        assert!(compare(&memory, &wat::parse_str(&memory).unwrap()).unwrap().0);
    }
}

/// Two subsections with names of functions, or two name sections, are no mistake for the compiler.
#[test]
fn names_of_functions_from_odd_name_sections_are_the_same_in_both_forms() {
    let text = r#"(module (memory (export "memory") 1)
        (func (export "alloc") (param i32) (result i32) (i32.const 8))
        (func (export "dealloc") (param i32 i32))
        (func (export "before_hook") (param i32 i32) (result i64) (call 3) (i64.const 0))
        (func unreachable))"#;
    let plain = wat::parse_str(text).unwrap();
    // A subsection that names one function.
    let functions = |index: u8, name: &str| {
        let mut names = vec![1, index, u8::try_from(name.len()).unwrap()];
        names.extend(name.bytes());
        [&[1, u8::try_from(names.len()).unwrap()], &*names].concat()
    };
    let section = |content: &[u8]| {
        let content = [b"\x04name", content].concat();
        [&[0, u8::try_from(content.len()).unwrap()], &*content].concat()
    };
    let damaged = vec![2, 200, 1];
    for (name, sections) in [
        ("one", vec![section(&functions(3, "deep"))]),
        ("of nothing", vec![section(&functions(99, "deep"))]),
        ("two sections", vec![section(&functions(3, "deep")), section(&functions(2, "hook"))]),
        ("the same twice", vec![section(&functions(3, "deep")), section(&functions(3, "other"))]),
        ("an empty second", vec![section(&functions(3, "deep")), section(&[])]),
        ("two subsections", vec![section(&[functions(2, "hook"), functions(3, "deep")].concat())]),
        ("after damage", vec![section(&[damaged.clone(), functions(3, "deep")].concat())]),
        ("before damage", vec![section(&[functions(3, "deep"), damaged].concat())]),
        ("cut off", vec![section(&[1, 7, 2, 3, 2, b'a', b'b', 2, 50])]),
        ("after an unknown one", vec![section(&[vec![77, 1, 0], functions(3, "deep")].concat())]),
    ] {
        let bytes = [plain.clone(), sections.concat()].concat();
        let (_, result) = compare(name, &bytes).unwrap();
        assert!(!result["fault"]["backtrace"].is_null(), "{result}");
    }
}
