//! Pre-initialization: calls must not be able to tell that the start-up ran at load.

use std::fs;
use std::path::{Path, PathBuf};

use hookcell_host::{Allocation, LimitOverrides, WasmRuntime};
use serde_json::json;

use crate::guests::{SILENT, counter, guest, is_pre_initialized, load, load_both, outcomes, unchanged};
use crate::support::{CONTEXT, call, call_with, engine, fault, fixture, runtime, runtimes_of_each_allocation};

#[test]
fn each_call_begins_with_the_effects_of_one_start_up() {
    for (allocation, runtime) in runtimes_of_each_allocation() {
        assert!(load(&runtime, "counter", &counter()).pre_initialized);
        for _ in 0..20 {
            assert_eq!(call(&runtime, "counter")["ctx"]["data"], json!([2, 2]), "{allocation:?}");
        }
    }
}

#[test]
fn the_fuel_of_start_up_is_not_charged_to_a_call() {
    let work = "(drop (i32.add (i32.const 1) (i32.const 2)))".repeat(1_000);
    let runtime = runtime(&LimitOverrides::default());
    let bytes = guest("1", &format!("(func $start {work}) (start $start) {SILENT}"));
    assert!(load_both(&runtime, &bytes, &LimitOverrides::default()));
    let [ahead, plain] = ["ahead", "plain"].map(|plugin| call(&runtime, plugin)["usage"]["fuel"].as_u64().unwrap());
    assert!(plain > ahead + 1_000, "{plain} and {ahead}");
}

#[test]
fn each_kind_of_global_keeps_all_bits() {
    let globals = r#"
        (global $never i32 (i32.add (i32.const 40) (i32.const 2)))
        (global $i32 (export "i32") (mut i32) (i32.const 1))
        (global $i64 (mut i64) (i64.const 1))
        (global $fixed i64 (i64.const -9))
        (global $f32 (mut f32) (f32.const 1))
        (global $f64 (mut f64) (f64.const 1))
        (global $v128 (mut v128) (v128.const i64x2 0 0))
        (func $start
            (global.set $i32 (i32.const 0x8000_0001))
            (global.set $i64 (i64.const 0x8000_0000_0000_0001))
            (global.set $f32 (f32.reinterpret_i32 (i32.const 0xffa1_2345)))
            (global.set $f64 (f64.reinterpret_i64 (i64.const 0x7ff4_0000_dead_beef)))
            (global.set $v128 (v128.const i64x2 0x0123_4567_89ab_cdef -2)))
        (start $start)"#;
    let checks = [
        "(i32.ne (global.get $i32) (i32.const 0x8000_0001))",
        "(i64.ne (global.get $i64) (i64.const 0x8000_0000_0000_0001))",
        "(i32.ne (i32.reinterpret_f32 (global.get $f32)) (i32.const 0xffa1_2345))",
        "(i64.ne (i64.reinterpret_f64 (global.get $f64)) (i64.const 0x7ff4_0000_dead_beef))",
        "(i64.ne (i64x2.extract_lane 0 (global.get $v128)) (i64.const 0x0123_4567_89ab_cdef))",
        "(i64.ne (i64x2.extract_lane 1 (global.get $v128)) (i64.const -2))",
        "(i32.ne (global.get $never) (i32.const 42))",
        "(i64.ne (global.get $fixed) (i64.const -9))",
    ];
    let checks: String = checks.iter().map(|check| format!("(if {check} (then unreachable))")).collect();
    let bytes = guest("1", &format!("{globals} (func $answer (result i64) {checks} (i64.const 0))"));
    for (allocation, runtime) in runtimes_of_each_allocation() {
        assert!(load(&runtime, "guest", &bytes).pre_initialized, "{allocation:?}");
        assert_eq!(call(&runtime, "guest")["ok"], true, "{allocation:?}");
    }
}

#[test]
fn tables_passive_segments_and_grown_memory_are_as_start_up_left_them() {
    let definitions = r#"
        (type $number (func (result i32)))
        (table 3 funcref)
        (elem (i32.const 1) $seven)
        (data $gone (i32.const 512) "never seen")
        (data $later "{\"ok\":true,\"ctx\":{\"data\":7}}")
        (func $seven (result i32) (i32.const 7))
        (func $start
            (drop (memory.grow (i32.const 2)))
            (memory.fill (i32.const 512) (i32.const 0) (i32.const 10))
            (i32.store8 (i32.const 196607) (i32.const 9)))
        (start $start)
        (func $answer (result i64)
            (if (i32.ne (i32.load8_u (i32.const 196607)) (i32.const 9)) (then unreachable))
            (if (i32.ne (memory.size) (i32.const 3)) (then unreachable))
            (if (i32.ne (call_indirect (type $number) (i32.const 1)) (i32.const 7)) (then unreachable))
            (if (i32.load (i32.const 512)) (then unreachable))
            (memory.init $gone (i32.const 600) (i32.const 0) (i32.const 0))
            (memory.init $later (i32.const 512) (i32.const 0) (i32.const 28))
            (i64.const 0x200_0000001c))"#;
    for memory in ["1", "1 20"] {
        assert!(is_pre_initialized(&guest(memory, definitions), &LimitOverrides::default()));
    }
}

#[test]
fn a_plugin_without_a_start_up_is_loaded_as_it_is() {
    let runtime = runtime(&LimitOverrides::default());
    assert!(!load(&runtime, "guest", &fixture("pass_through")).pre_initialized);
}

#[test]
fn a_load_can_turn_it_off() {
    let runtime = runtime(&LimitOverrides::default());
    let info = runtime.load_plugin_bytes_with("guest", &counter(), &unchanged()).unwrap();
    assert!(!info.pre_initialized);
    assert_eq!(call(&runtime, "guest")["ctx"]["data"], json!([2, 2]));
}

#[test]
fn a_call_with_less_memory_than_start_up_took_is_a_fault() {
    let grows = guest("1", &format!("(func $start (drop (memory.grow (i32.const 20)))) (start $start) {SILENT}"));
    let runtime = runtime(&LimitOverrides::default());
    assert!(load(&runtime, "guest", &grows).pre_initialized);
    let tight = LimitOverrides { max_memory_pages: Some(20), ..LimitOverrides::default() };
    let (code, message) = fault(&call_with(&runtime, "guest", CONTEXT, tight).unwrap());
    assert_eq!(code, "ERR_MEMORY", "{message}");
    assert!(message.contains("21 pages of memory were refused (maxMemoryPages is 20)"), "{message}");
}

#[test]
fn a_backtrace_points_into_the_plugins_own_module() {
    let definitions = r#"(global $g (mut i64) (i64.const 1)) (data (i32.const 0) "x")
        (func $start (global.set $g (i64.const -1)))
        (start $start)
        (func $answer (result i64) unreachable)"#;
    let runtime = runtime(&LimitOverrides::default());
    assert!(load_both(&runtime, &guest("1", definitions), &LimitOverrides::default()));
    let [ahead, plain] = outcomes(&runtime, CONTEXT);
    assert!(ahead["fault"]["backtrace"][0].as_str().unwrap().contains("wasm offset"), "{ahead}");
    assert_eq!(ahead, plain);
}

#[test]
fn a_slot_keeps_nothing_of_the_call_before() {
    let engine = engine(Allocation::Pooled { slots: 1 });
    let runtime = WasmRuntime::with_engine(engine, &LimitOverrides::default()).unwrap();
    let others = ["counter", "echo", "memory_bomb", "crash"];
    for name in others {
        load(&runtime, name, &fixture(name));
    }
    assert!(load(&runtime, "guest", &counter()).pre_initialized);
    for other in others.iter().cycle().take(20) {
        call(&runtime, other);
        assert_eq!(call(&runtime, "guest")["ctx"]["data"], json!([2, 2]), "after {other}");
    }
}

/// All modules of the project, and each of them once more with a start section.
#[test]
fn all_plugins_have_the_same_outcomes_with_and_without_it() {
    let runtime = runtime(&LimitOverrides { timeout_ms: Some(5_000), ..LimitOverrides::default() });
    let (mut compared, mut ahead) = (0, 0);
    for (name, bytes) in plugins() {
        if runtime.load_plugin_bytes("plain", &bytes).is_err() {
            continue;
        }
        ahead += u32::from(load_both(&runtime, &bytes, &LimitOverrides::default()));
        let [one, other] = outcomes(&runtime, CONTEXT);
        assert_eq!(one, other, "{name}");
        compared += 1;
    }
    assert!(compared > 30 && ahead > 10, "{compared} compared, {ahead} pre-initialized");
}

fn plugins() -> Vec<(String, Vec<u8>)> {
    let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect();
    let mut plugins = Vec::new();
    for language in ["assemblyscript", "rust", "wat", "zig"] {
        let path = root.join("pdk").join(language).join("validate_email.wasm");
        plugins.push((language.to_owned(), fs::read(path).unwrap()));
    }
    for path in sources(&root.join("fixtures")) {
        let name = path.display().to_string();
        let source = fs::read_to_string(&path).unwrap();
        plugins.push((name.clone(), wat::parse_str(&source).unwrap()));
        let Some(body) = source.trim_end().strip_suffix(')') else { continue };
        if source.contains("(start ") || !source.contains("(export \"memory\")") {
            continue;
        }
        let start = "(func $started (i32.store (i32.const 60000) (i32.const 1))) (start $started))";
        plugins.push((format!("{name}, started"), wat::parse_str(format!("{body}{start}")).unwrap()));
    }
    plugins
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "wat")).collect()
}
