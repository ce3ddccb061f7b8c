//! Backtraces with lines of the plugin's source, and hostile debug information.

mod support;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hookcell_host::{LimitOverrides, LoadOptions, WasmRuntime};
use serde_json::Value;
use support::{call, fault, runtime};

fn module(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "fixtures", "dwarf", name].iter().collect();
    fs::read(path).unwrap()
}

const MODULES: [&str; 2] = ["traps_in_lines.wasm", "traps_in_lines_dwarf5.wasm"];

fn backtrace(result: &Value) -> Vec<String> {
    serde_json::from_value(result["fault"]["backtrace"].clone()).unwrap_or_else(|error| panic!("{error}: {result}"))
}

fn load(runtime: &WasmRuntime, bytes: &[u8], source_locations: Option<bool>) {
    let options = LoadOptions { source_locations, ..LoadOptions::default() };
    runtime.load_plugin_bytes_with("guest", bytes, &options).unwrap();
}

#[test]
fn a_backtrace_has_files_lines_and_inlined_calls() {
    for name in MODULES {
        let runtime = runtime(&LimitOverrides::default());
        load(&runtime, &module(name), None);
        for _ in 0..2 {
            let result = call(&runtime, "guest");
            let backtrace = backtrace(&result);
            assert_eq!(backtrace.len(), 3, "{backtrace:?}");
            for (line, (function, file_and_line)) in backtrace.iter().zip([
                ("first_of (", "traps_in_lines.c:11:"),
                ("check (", "traps_in_lines.c:16:"),
                ("before_hook (", "traps_in_lines.c:20:"),
            ]) {
                assert!(line.starts_with(function) && line.contains(file_and_line), "{name}: {backtrace:?}");
            }
            let (code, message) = fault(&result);
            assert_eq!(code, "ERR_TRAP");
            assert!(message.contains("in before_hook at ") && message.contains("traps_in_lines.c:11:"), "{message}");
        }
    }
}

#[test]
fn without_source_locations_a_backtrace_has_names_and_offsets() {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &module(MODULES[0]), Some(false));
    let result = call(&runtime, "guest");
    let backtrace = backtrace(&result);
    assert_eq!(backtrace.len(), 2, "{backtrace:?}");
    assert!(backtrace[0].starts_with("check (wasm offset 0x"), "{backtrace:?}");
    assert!(!fault(&result).1.contains(".c:"), "{result}");
}

/// In a snapshot the code has moved.
#[test]
fn lines_are_those_of_the_module_that_was_loaded() {
    let plain = module(MODULES[0]);
    // An empty custom section before all others moves the code, and addresses are relative to its beginning.
    let moved = [&plain[..8], &[0, 5, 4], b"more", &plain[8..]].concat();
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &moved, None);
    let backtrace = backtrace(&call(&runtime, "guest"));
    assert!(backtrace[0].contains("traps_in_lines.c:11:"), "{backtrace:?}");
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

/// A module that traps, with these sections after its code.
fn with_sections(sections: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut module = wat::parse_str(
        r#"(module
            (memory (export "memory") 1)
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "dealloc") (param i32 i32))
            (func $hook (export "before_hook") (param i32 i32) (result i64) (unreachable)))"#,
    )
    .unwrap();
    for (name, data) in sections {
        let content = [leb(name.len()), name.as_bytes().to_vec(), data.clone()].concat();
        module.extend([vec![0], leb(content.len()), content].concat());
    }
    module
}

/// Calls a guest with useless debug information twice, and returns the longer time.
fn time_of_a_fault(bytes: &[u8], what: &str) -> Duration {
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, bytes, None);
    let mut longest = Duration::ZERO;
    for _ in 0..2 {
        let started = Instant::now();
        assert_eq!(fault(&call(&runtime, "guest")).0, "ERR_TRAP", "{what}");
        longest = longest.max(started.elapsed());
    }
    longest
}

/// A unit of version 4 with an abbreviation table at 0, and this after its header.
fn unit(entries: &[u8]) -> Vec<u8> {
    let length = u32::try_from(7 + entries.len()).unwrap();
    [&length.to_le_bytes()[..], &[4, 0, 0, 0, 0, 0, 4], entries].concat()
}

#[test]
fn debug_information_made_to_be_slow_is_given_up() {
    // A root that covers all code, with endlessly nested inlined calls.
    let nested = {
        let abbreviations = vec![
            1, 0x11, 1, 0x11, 1, 0x12, 6, 0x10, 0x17, 0, 0, // compile unit: low_pc, high_pc, stmt_list
            2, 0x2e, 1, 0x11, 1, 0x12, 6, 0, 0, // subprogram: low_pc, high_pc
            3, 0x1d, 1, 0x11, 1, 0x12, 6, 0x31, 0x13, 0, 0, // inlined: low_pc, high_pc, origin
            0,
        ];
        let span = [0, 0, 0, 0, 0xff, 0xff, 0, 0];
        let mut entries = [&[1][..], &span, &[0; 4], &[2], &span].concat();
        for _ in 0..100_000 {
            entries.extend([&[3][..], &span, &[28, 0, 0, 0]].concat());
        }
        vec![(".debug_abbrev", abbreviations), (".debug_info", unit(&entries)), (".debug_line", line_program(&[]))]
    };
    // 100,000 units that share one long abbreviation table.
    let many_units = {
        let mut abbreviations = Vec::new();
        for code in 1..20_000 {
            abbreviations.extend([leb(code), vec![0x11, 0, 0x11, 1, 0, 0]].concat());
        }
        abbreviations.push(0);
        let units = unit(&[1, 0, 0, 0, 0]).repeat(100_000);
        vec![(".debug_abbrev", abbreviations), (".debug_info", units), (".debug_line", line_program(&[]))]
    };
    // An entry with many attributes that take no bytes.
    let flags = {
        let mut abbreviations = vec![1, 0x11, 1];
        abbreviations.extend([0x3f, 0x19].repeat(200_000));
        abbreviations.extend([0, 0, 0]);
        let units = unit(&[1].repeat(10_000)).repeat(100);
        vec![(".debug_abbrev", abbreviations), (".debug_info", units), (".debug_line", line_program(&[]))]
    };
    // Endless rows of lines.
    let rows = {
        let abbreviations = vec![1, 0x11, 0, 0x11, 1, 0x12, 6, 0x10, 0x17, 0, 0, 0];
        let entries = [1, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0];
        let program = line_program(&[1].repeat(3_000_000));
        vec![(".debug_abbrev", abbreviations), (".debug_info", unit(&entries)), (".debug_line", program)]
    };
    for (what, sections) in [("nested", nested), ("many units", many_units), ("flags", flags), ("rows", rows)] {
        let longest = time_of_a_fault(&with_sections(&sections), what);
        println!("{what}: {longest:?}");
        assert!(longest < Duration::from_millis(250), "{what} took {longest:?}");
    }
}

/// A line program of version 4 with one file and these instructions.
fn line_program(instructions: &[u8]) -> Vec<u8> {
    let header = [&[1, 1, 1, 0xfb, 14, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0][..], b"a.c\0", &[0, 0, 0, 0]].concat();
    let rest = [&[4, 0][..], &u32::try_from(header.len()).unwrap().to_le_bytes(), &header, instructions].concat();
    [&u32::try_from(rest.len()).unwrap().to_le_bytes()[..], &rest].concat()
}

#[test]
fn damaged_debug_information_never_hides_a_fault() {
    let mut seed = 0x5eed_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let runtime = runtime(&LimitOverrides::default());
    let mut told = 0;
    for name in MODULES {
        let whole = module(name);
        let begins = whole.windows(13).position(|bytes| bytes == b".debug_abbrev").unwrap() + 13;
        let names: Vec<usize> = (0..whole.len()).filter(|at| whole[*at..].starts_with(b".debug_")).collect();
        let ends = whole.windows(5).rposition(|bytes| bytes == b"\x04name").unwrap() - 3;
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..=random(4) {
                let at = begins + random(ends - begins);
                // The sections keep their offsets.
                if names.iter().all(|name| !(name - 8..name + 18).contains(&at)) {
                    bytes[at] = [0, 1, 0x7f, 0x80, 0xff, u8::try_from(random(256)).unwrap()][random(6)];
                }
            }
            // The name of a section may not be valid text any more.
            if runtime.load_plugin_bytes("guest", &bytes).is_err() {
                continue;
            }
            let started = Instant::now();
            let result = call(&runtime, "guest");
            assert_eq!(fault(&result).0, "ERR_TRAP");
            let backtrace = backtrace(&result);
            assert!((2..=20).contains(&backtrace.len()), "{backtrace:?}");
            assert!(backtrace.iter().all(|line| line.chars().count() < 500), "{backtrace:?}");
            assert!(started.elapsed() < Duration::from_secs(2));
            told += u32::from(backtrace[0].contains(".c:11"));
        }
    }
    assert!(told > 150, "{told}");
}
