//! Code that was scanned before is within the limits of every plugin that shares it.

use hookcell_host::{CodeCache, LimitOverrides, LoadOptions, Split};

use crate::guest::{Guest, load, runtime};
use crate::support::directory::Directory;

/// Code that has something of everything that is limited in a function.
const CODE: &str = "(table 5 funcref) (func $deep (param i32) (local i64 i64 i64 i64 i64 i64 i64)
    (block (block (block (block (loop (loop (loop
        (br_table 0 1 2 3 4 5 6 (local.get 0)))))))))
    (drop (f32.convert_i64_u (local.get 1))))";

#[test]
fn a_plugin_with_known_code_is_refused_as_if_it_were_the_first() {
    let of = |set: fn(&mut LimitOverrides)| {
        let mut limits = LimitOverrides::default();
        set(&mut limits);
        limits
    };
    let exports = r#"(export "a name of more than 16 bytes" (func $alloc))"#;
    let guest = |text| Guest { text, memory: "3", exports, more: CODE, ..Guest::default() }.bytes();
    let directory = Directory::new("halves-limits");
    let cached = || {
        let cache = CodeCache::open(&directory.0, 1 << 30).unwrap();
        runtime(Split::Always).with_code_cache(cache)
    };
    let known = cached();
    load(&known, "wide", &guest("aa"));
    for (name, sandbox) in [
        ("maxModuleBytes", of(|limits| limits.max_module_bytes = Some(100))),
        ("maxFunctions", of(|limits| limits.max_functions = Some(2))),
        ("maxFunctionBytes", of(|limits| limits.max_function_bytes = Some(16))),
        ("maxLocals", of(|limits| limits.max_locals = Some(7))),
        ("maxNesting", of(|limits| limits.max_nesting = Some(6))),
        ("maxLoopNesting", of(|limits| limits.max_loop_nesting = Some(2))),
        ("maxBrTableTargets", of(|limits| limits.max_br_table_targets = Some(5))),
        ("maxCompileWork", of(|limits| limits.max_compile_work = Some(1_000))),
        ("maxCodeBytes", of(|limits| limits.max_code_bytes = Some(65_536))),
        ("maxMemoryPages", of(|limits| limits.max_memory_pages = Some(2))),
        ("maxTableElements", of(|limits| limits.max_table_elements = Some(4))),
        ("maxSignatureValues", of(|limits| limits.max_signature_values = Some(2))),
        ("maxNameBytes", of(|limits| limits.max_name_bytes = Some(16))),
        ("maxSectionItems", of(|limits| limits.max_section_items = Some(1))),
    ] {
        let options = LoadOptions { sandbox, ..LoadOptions::default() };
        let in_one_piece = runtime(Split::Never).load_plugin_bytes_with("guest", &guest("bb"), &options);
        for (what, runtime) in [("loaded", &known), ("cached", &cached()), ("new", &runtime(Split::Always))] {
            let split = runtime.load_plugin_bytes_with("guest", &guest("bb"), &options);
            let said =
                |result: &Result<_, hookcell_host::HostError>| result.as_ref().map(drop).map_err(ToString::to_string);
            if name == "maxCodeBytes" {
                // The length itself differs.
                assert_eq!(said(&split).is_err(), said(&in_one_piece).is_err(), "{name}, {what}");
            } else {
                assert!(said(&split).unwrap_err().contains(name), "{name}, {what}");
                assert_eq!(said(&split), said(&in_one_piece), "{name}, {what}");
            }
        }
    }
    load(&known, "other", &guest("bb"));
}
