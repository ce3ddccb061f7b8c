//! Start-ups of plugins of the same code.

use hookcell_host::{CodeCache, CodeFrom, LoadOptions, Split};

use crate::guest::{Guest, answer, load, runtime};
use crate::support::directory::Directory;

/// A start-up that adds the first byte of its data, a number, to the count, and marks a page of its own.
const START: &str = "
    (func $start
        (global.set $count (i32.add (global.get $count) (i32.sub (i32.load8_u (i32.const 600)) (i32.const 48))))
        (drop (memory.grow (i32.const 1)))
        (i32.store8 (i32.const 65540) (i32.const 7)))
    (start $start)";

fn started(number: u32) -> Vec<u8> {
    let more = format!("{START} (data (i32.const 600) \"{number}\")");
    Guest { more: more.leak(), ..Guest::default() }.bytes()
}

#[test]
fn plugins_of_the_same_code_are_each_as_their_own_start_up_left_them() {
    let runtime = runtime(Split::Always);
    for number in 0..5 {
        let name = number.to_string();
        let info = load(&runtime, &name, &started(number));
        assert!(info.pre_initialized && info.data_bytes > 0);
        assert_eq!(info.code_from, if number == 0 { CodeFrom::Compiler } else { CodeFrom::Memory });
    }
    for number in [3, 1, 4, 0, 2, 3] {
        assert_eq!(answer(&runtime, &number.to_string()), format!("aa{}", number + 1));
    }
}

#[test]
fn a_start_section_that_does_not_run_ahead_keeps_the_module_in_one_piece() {
    let runtime = runtime(Split::Always);
    let options = LoadOptions { pre_initialize: Some(false), ..LoadOptions::default() };
    let info = runtime.load_plugin_bytes_with("guest", &started(2), &options).unwrap();
    assert_eq!((info.pre_initialized, info.data_bytes), (false, 0));
    let traps = Guest { more: "(func $start unreachable) (start $start)", ..Guest::default() };
    let info = load(&runtime, "traps", &traps.bytes());
    assert_eq!((info.pre_initialized, info.data_bytes), (false, 0));
    assert_eq!(answer(&runtime, "guest"), "aa3");
}

#[test]
fn an_initialize_that_does_not_run_ahead_runs_in_each_call_of_both_halves() {
    let initialize = r#"(func (export "_initialize") (global.set $count (i32.const 55)))"#;
    let runtime = runtime(Split::Always);
    let options = LoadOptions { pre_initialize: Some(false), ..LoadOptions::default() };
    let guest = Guest { more: initialize, ..Guest::default() }.bytes();
    let info = runtime.load_plugin_bytes_with("guest", &guest, &options).unwrap();
    assert!(!info.pre_initialized && info.data_bytes > 0);
    assert_eq!(answer(&runtime, "guest"), "aa8");
}

#[test]
fn a_code_cache_keeps_what_each_start_up_left_beside_the_code_of_all() {
    let directory = Directory::new("halves-started");
    for round in 0..2 {
        for number in 0..3 {
            let cache = CodeCache::open(&directory.0, 1 << 30).unwrap();
            let runtime = runtime(Split::Always).with_code_cache(cache);
            let info = load(&runtime, "guest", &started(number));
            let is_first = round == 0 && number == 0;
            assert_eq!(info.code_from, if is_first { CodeFrom::Compiler } else { CodeFrom::Cache });
            assert!(info.pre_initialized);
            assert_eq!(answer(&runtime, "guest"), format!("aa{}", number + 1));
        }
    }
    let files = std::fs::read_dir(&directory.0).unwrap().count();
    assert_eq!(files, 1 + 1 + 3, "the secret, the code half, and three data halves");
}

#[test]
fn memory_that_a_start_up_scatters_keeps_the_module_in_one_piece() {
    let scatter = "
        (func $start
            (drop (memory.grow (i32.const 40)))
            (i32.store8 (i32.const 0x20_0000) (i32.const 1)))
        (start $start)";
    let runtime = runtime(Split::Always);
    let info = load(&runtime, "guest", &Guest { more: scatter, ..Guest::default() }.bytes());
    assert_eq!((info.pre_initialized, info.data_bytes), (true, 0));
    assert_eq!(answer(&runtime, "guest"), "aa1");
}
