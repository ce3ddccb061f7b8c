//! The work of a patch, counted by its looks at the clock: there is one for each 64 KiB that is read.

use std::cell::Cell;

use crate::call::context::Parts;
use crate::call::patch::apply;
use crate::call::patch::bounds::{Bounds, Unpatched};
use crate::call::patch::patched::Patched;
use crate::json::patience::{Patience, STRIDE};

/// Applies a patch, and counts the looks. It is late from look number `most` on.
fn looks(context: &str, patch: &str, most: usize) -> (Result<Patched, Unpatched>, usize) {
    let looks = Cell::new(0);
    let is_late = || {
        looks.set(looks.get() + 1);
        looks.get() >= most
    };
    let patience = Patience::new(&is_late);
    let bounds = Bounds { operations: 1_000, bytes: 1 << 30, patience: &patience };
    let patched = apply(patch, Parts::find(context).unwrap(), &bounds);
    (patched, looks.get())
}

#[test]
fn one_operation_looks_at_the_clock_for_each_64_kib_and_reads_a_value_only_a_few_times() {
    const BYTES: usize = 64 * STRIDE;
    let long = "x".repeat(BYTES);
    let numbers = "0,".repeat(BYTES / 4);
    let nested = |inside: &str| format!("{}{inside}{}", r#"{"k":"#.repeat(120), "}".repeat(120));
    let steps = "/k".repeat(120);
    let escaped = "\\u0078".repeat(BYTES / 6);
    let keys: String = (0..64).map(|key| format!(r#""{key}\n{}":0,"#, "x".repeat(STRIDE))).collect();
    for (name, value, operation) in [
        ("a long path", nested(&format!(r#""{long}""#)), format!(r#""test","path":"/data{steps}/k","value":1"#)),
        (
            "a long path to add at",
            nested(&format!(r#"{{"x":"{long}"}}"#)),
            format!(r#""add","path":"/data{steps}/y","value":1"#),
        ),
        ("a long array", format!("[{numbers}0]"), r#""remove","path":"/data/7""#.to_owned()),
        ("a long copy", format!("[{numbers}0]"), r#""copy","from":"/data","path":"/input/x""#.to_owned()),
        ("a long move", format!("[[{numbers}0]]"), r#""move","from":"/data/0","path":"/input/x""#.to_owned()),
        ("a test of a long string", format!(r#""{long}""#), format!(r#""test","path":"/data","value":"{long}""#)),
        (
            "a test of escapes",
            format!(r#""{escaped}""#),
            format!(r#""test","path":"/data","value":"{}""#, &long[..BYTES / 6]),
        ),
        ("a test of an array", format!("[{numbers}0]"), format!(r#""test","path":"/data","value":[{numbers}-0]"#)),
        (
            "a test of long keys",
            format!("{{{keys}\"\":0}}"),
            format!(r#""test","path":"/data","value":{{{keys}"":-0}}"#),
        ),
        (
            "a long number",
            format!("1{}", "0".repeat(BYTES)),
            format!(r#""test","path":"/data","value":2{}"#, "0".repeat(BYTES)),
        ),
        ("white space", format!("[0,{}0]", " ".repeat(BYTES)), r#""remove","path":"/data/1""#.to_owned()),
        ("white space in a patch", "0".to_owned(), format!(r#""test","path":"/data",{}"value":0"#, " ".repeat(BYTES))),
    ] {
        let (context, patch) = (format!(r#"{{"input":{{}},"data":{value}}}"#), format!(r#"[{{"op":{operation}}}]"#));
        let (_, looked) = looks(&context, &patch, usize::MAX);
        assert!((32..=64 * 10).contains(&looked), "{name}: {looked} looks at the clock");
        // It ends at once when it is late.
        for most in [1, 2, looked / 2, looked] {
            assert_eq!(looks(&context, &patch, most), (Err(Unpatched::Late), most), "{name}");
        }
    }
}

#[test]
fn a_patch_that_takes_apart_more_than_a_million_values_is_refused() {
    let context = |values: usize| format!(r#"{{"input":{{"a":[{}0],"b":[0]}},"data":null}}"#, "0,".repeat(values - 1));
    let patch = r#"[{"op":"add","path":"/input/a/1","value":[]},{"op":"replace","path":"/input/b/0","value":1}]"#;
    // Two for the input, and one for the other array.
    looks(&context(999_997), patch, usize::MAX).0.unwrap();
    let Err(Unpatched::Refused(reason)) = looks(&context(999_998), patch, usize::MAX).0 else {
        panic!("it is applied")
    };
    assert_eq!(
        reason,
        "patch[1]: it takes apart arrays and objects with more than 1,000,000 values (replace /input/b/0)"
    );
    // What a test takes apart is gone after it.
    let test = r#"{"op":"test","path":"/input","value":{"b":[0],"a":[]}}"#;
    let (tested, _) = looks(&context(600_000), &format!("[{test},{test}]"), usize::MAX);
    assert_eq!(tested, Err(Unpatched::Refused("patch[0]: the value is another one (test /input)".to_owned())));
}
