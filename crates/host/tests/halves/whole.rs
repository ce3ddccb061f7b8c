//! Which modules stay in one piece.

use hookcell_host::Split;

use crate::guest::{Guest, answer, load, runtime};

#[test]
fn a_module_whose_code_needs_its_data_or_its_exports_stays_in_one_piece() {
    let runtime = runtime(Split::Always);
    for (name, more) in [
        ("memory.init", r#"(data $d "x") (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)))"#),
        ("data.drop", r#"(data $d "x") (func (data.drop $d))"#),
        ("ref.func", "(func (export \"f\") (drop (ref.func $alloc)))"),
        ("an offset that is computed", r#"(data (i32.add (i32.const 600) (i32.const 8)) "x")"#),
        ("data all over its memory", r#"(data (i32.const 0x1f_fff0) "x")"#),
    ] {
        let guest = Guest { memory: "32", more, ..Guest::default() };
        let info = load(&runtime, name, &guest.bytes());
        assert_eq!((info.data_bytes, answer(&runtime, name)), (0, "aa1".into()), "{name}");
    }
    let many = "(global (mut i32) (i32.const 1))".repeat(64);
    let guest = Guest { more: many.leak(), ..Guest::default() };
    assert_eq!(load(&runtime, "many globals", &guest.bytes()).data_bytes, 0);
    assert_eq!(answer(&runtime, "many globals"), "aa1");
}

#[test]
fn a_small_module_is_split_only_if_all_are() {
    for (split, is_split) in [(Split::WhenWorthIt, false), (Split::Always, true), (Split::Never, false)] {
        assert_eq!(load(&runtime(split), "guest", &Guest::default().bytes()).data_bytes > 0, is_split, "{split:?}");
    }
    let long = format!("(func {})", "(drop (i32.const 1))".repeat(25_000)).repeat(2);
    let guest = Guest { more: long.leak(), ..Guest::default() };
    for (split, is_split) in [(Split::WhenWorthIt, true), (Split::Never, false)] {
        assert_eq!(load(&runtime(split), "guest", &guest.bytes()).data_bytes > 0, is_split, "{split:?}");
    }
}

#[test]
fn data_that_does_not_fit_the_memory_is_the_same_fault_in_both_forms() {
    let guest = Guest { more: r#"(data (i32.const 65_535) "xx")"#, ..Guest::default() }.bytes();
    let [whole, split] = [Split::Never, Split::Always].map(|split| {
        let runtime = runtime(split);
        load(&runtime, "guest", &guest);
        crate::support::fault(&crate::support::call(&runtime, "guest"))
    });
    assert_eq!(whole, split);
}
