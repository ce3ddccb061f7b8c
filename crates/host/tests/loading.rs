//! Loading: what a path means, what is checked, and what stays if a load fails.

mod support;

use std::fs;
use std::path::Path;
use std::sync::Barrier;

use hookcell_host::{LimitOverrides, LoadOptions, LoadTurn};
use support::directory::Directory;
use support::{call, fault, fixture, runtime};

fn with_digest(sha256: &str) -> LoadOptions {
    LoadOptions { sha256: Some(sha256.to_owned()), ..LoadOptions::default() }
}

#[test]
fn a_path_means_the_same_plugin_in_every_spelling() {
    let directory = Directory::new("spelled").with("guest.wasm", "pass_through");
    fs::create_dir(directory.0.join("sub")).unwrap();
    let runtime = runtime(&LimitOverrides::default());
    let info = runtime.load_plugin(directory.path("sub/../guest.wasm")).unwrap();
    assert_eq!(info.key, directory.path("guest.wasm"));
    let mut spellings = vec![directory.path("guest.wasm"), directory.path("./sub/../guest.wasm")];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(directory.path("guest.wasm"), directory.path("link.wasm")).unwrap();
        spellings.push(directory.path("link.wasm"));
    }
    for spelling in spellings {
        assert!(runtime.is_loaded(&spelling), "{spelling}");
        assert_eq!(call(&runtime, &spelling)["ok"], true);
        assert_eq!(runtime.load_plugin(&spelling).unwrap(), info);
    }
    assert_eq!(runtime.plugins(), [info]);
    assert!(runtime.unload_plugin(&directory.path("sub/../guest.wasm")));
    assert!(!runtime.is_loaded(&directory.path("guest.wasm")));
    assert!(!runtime.unload_plugin(&directory.path("guest.wasm")));
}

#[test]
fn a_second_load_of_the_same_file_changes_nothing() {
    let directory = Directory::new("second").with("guest.wasm", "pass_through");
    let runtime = runtime(&LimitOverrides::default());
    let first = runtime.load_plugin(directory.path("guest.wasm")).unwrap();
    let directory = directory.with("guest.wasm", "crash");
    assert_eq!(runtime.load_plugin(directory.path("guest.wasm")).unwrap(), first);
    assert_eq!(call(&runtime, &first.key)["ok"], true);
    let error = runtime.load_plugin_with(&first.key, &with_digest(&"0".repeat(64))).unwrap_err();
    assert_eq!(error.code(), "ERR_DIGEST");
}

#[test]
fn a_second_load_may_change_the_limits() {
    let directory = Directory::new("limits").with("guest.wasm", "pass_through");
    let path = directory.path("guest.wasm");
    let runtime = runtime(&LimitOverrides::default());
    runtime.load_plugin(&path).unwrap();
    let frugal = LimitOverrides { max_fuel: Some(1), ..LimitOverrides::default() };
    runtime.load_plugin_with(&path, &LoadOptions { sandbox: frugal, ..LoadOptions::default() }).unwrap();
    assert_eq!(fault(&call(&runtime, &path)).0, "ERR_FUEL");
    runtime.load_plugin(&path).unwrap();
    assert_eq!(fault(&call(&runtime, &path)).0, "ERR_FUEL");
}

#[test]
fn bytes_replace_the_plugin_with_their_name_unless_they_are_refused() {
    let runtime = runtime(&LimitOverrides::default());
    runtime.load_plugin_bytes("guest", &fixture("pass_through")).unwrap();
    runtime.load_plugin_bytes("guest", b"\0asm\x01\0\0\0").unwrap_err();
    assert_eq!(call(&runtime, "guest")["ok"], true);
    runtime.load_plugin_bytes("guest", &fixture("crash")).unwrap();
    assert_eq!(fault(&call(&runtime, "guest")).0, "ERR_TRAP");
    assert_eq!(runtime.plugins().len(), 1);
}

#[test]
fn a_module_with_another_digest_is_refused() {
    let runtime = runtime(&LimitOverrides::default());
    let guest = fixture("pass_through");
    let sha256 = runtime.load_plugin_bytes("guest", &guest).unwrap().sha256;
    runtime.load_plugin_bytes_with("guest", &guest, &with_digest(&sha256.to_uppercase())).unwrap();
    let error = runtime.load_plugin_bytes_with("other", &fixture("crash"), &with_digest(&sha256)).unwrap_err();
    assert_eq!(error.code(), "ERR_DIGEST");
    assert!(error.to_string().contains(&sha256), "{error}");
    assert!(!runtime.is_loaded("other"));
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_the_reason() {
    let directory = Directory::new("unreadable");
    let runtime = runtime(&LimitOverrides::default());
    for path in [directory.path("nobody.wasm"), directory.path(""), "/dev/zero".to_owned()] {
        let error = runtime.load_plugin(Path::new(&path)).unwrap_err();
        assert_eq!(error.code(), "ERR_READ", "{error}");
        assert!(error.to_string().contains(path.trim_end_matches('/')), "{error}");
    }
}

#[test]
fn a_file_larger_than_its_limit_is_refused() {
    let directory = Directory::new("large").with("guest.wasm", "pass_through");
    let runtime = runtime(&LimitOverrides { max_module_bytes: Some(8), ..LimitOverrides::default() });
    let error = runtime.load_plugin(directory.path("guest.wasm")).unwrap_err();
    assert_eq!((error.code(), error.limit_name()), ("ERR_LIMIT", Some("maxModuleBytes")));
}

#[test]
fn one_error_names_everything_that_is_wrong_with_the_exports() {
    let error = runtime(&LimitOverrides::default()).load_plugin_bytes("x", &fixture("wrong_exports")).unwrap_err();
    assert_eq!(error.code(), "ERR_ABI");
    for problem in [
        r#"export "memory" must be a memory, not a global"#,
        r#"export "alloc" (i32) -> (i32) is missing"#,
        r#"export "dealloc" must be (i32, i32) -> (), not (i32) -> ()"#,
        r#"export "before_hook" must be (i32, i32) -> (i64), not (i64) -> (i64)"#,
    ] {
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn an_import_is_refused_together_with_everything_else_that_is_wrong() {
    let guest = wat::parse_str(r#"(module (import "env" "memory" (memory 1)) (func (export "alloc")))"#).unwrap();
    let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &guest).unwrap_err();
    assert_eq!(error.code(), "ERR_IMPORT");
    for problem in [r#""memory" from "env""#, r#"export "memory" (a memory) is missing"#, r#"export "alloc" must be"#] {
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn names_that_a_guest_chose_are_cut_and_escaped() {
    let name = format!("\\1b[2J{}", "x".repeat(1_000));
    let guest = wat::parse_str(format!(r#"(module (import "e" "{name}" (func)))"#)).unwrap();
    let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &guest).unwrap_err().to_string();
    assert!(error.len() < 1_000 && error.contains("\\u{1b}[2Jxxx") && error.contains('…'), "{error}");
}

#[test]
fn bytes_that_are_not_a_module_do_not_compile() {
    let component = b"\0asm\x0d\0\x01\0";
    for bytes in [&b""[..], b"(module)", b"\x7fELF", &component[..], b"\0asm\x02\0\0\0", b"\0asm\x01\0\0\0\xff"] {
        let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", bytes).unwrap_err();
        assert_eq!(error.code(), "ERR_COMPILE", "{error}");
    }
}

#[test]
fn the_error_for_bytes_that_are_not_a_module_says_in_one_line_what_they_are_and_what_to_do() {
    for (bytes, says) in [
        (&b""[..], &["it is empty"][..]),
        (b"\0as", &["not WebAssembly", "00 61 73"]),
        (b"\0asm\x01", &["cut off after 5 bytes"]),
        (b"(module (func))", &["WebAssembly text", "(module (func))", "wat2wasm"]),
        (b"\n  <!DOCTYPE html>\n<title>404</title>", &["an HTML page", "<!DOCTYPE html>\\n<title>404"]),
        (b"{\"error\":\"not found\"}", &["JSON", "not found"]),
        (b"export function alloc() {}", &["is text", "compiled and linked"]),
        (b"version https://git-lfs.github.com/spec/v1", &["git lfs pull"]),
        (b"\x7fELF\x02\x01\x01\0", &["wasm32", "7f 45 4c 46"]),
        (b"\x1f\x8b\x08\0", &["gzip"]),
        (b"PK\x03\x04\x14\0", &["zip"]),
        (b"AGFzbQEAAAA=", &["base64"]),
        (b"\0asm\x0d\0\x01\0", &["a component", "core module", "wasm32-unknown-unknown"]),
        (b"\0asm\x02\0\0\0", &["version 0x00000002"]),
        ("\u{feff}ключ \u{202e}\u{1b}[31m".as_bytes(), &["not WebAssembly"]),
    ] {
        let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", bytes).unwrap_err();
        let message = error.to_string();
        assert_eq!(error.code(), "ERR_COMPILE", "{message}");
        for part in says {
            assert!(message.contains(part), "{message} has no {part}");
        }
        assert!(message.chars().all(|character| !character.is_control()) && message.len() < 500, "{message}");
    }
    let long = format!("<html>{}", "é".repeat(100_000));
    let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", long.as_bytes()).unwrap_err();
    assert!(error.to_string().len() < 500, "{error}");
}

#[test]
fn the_error_for_imports_says_what_to_change_in_the_build() {
    for (module, name, says) in [
        (
            "wasi_snapshot_preview1",
            "fd_write",
            &["WASI", "wasm32-unknown-unknown", "TinyGo", "Zig", "AssemblyScript"][..],
        ),
        ("wasi:io/streams@0.2.0", "read", &["component model", "core module"]),
        ("gojs", "runtime.wasmExit", &["TinyGo"]),
        ("wbg", "__wbg_now_1", &["wasm-bindgen"]),
        ("env", "abort", &["--use abort="]),
        ("env", "emscripten_resize_heap", &["Emscripten"]),
        ("env", "puts", &["the linker did not find"]),
    ] {
        let guest = wat::parse_str(format!(r#"(module (import "{module}" "{name}" (func)))"#)).unwrap();
        let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &guest).unwrap_err();
        assert_eq!(error.code(), "ERR_IMPORT", "{error}");
        for part in says {
            assert!(error.to_string().contains(part), "{error} has no {part}");
        }
    }
}

#[test]
fn the_error_for_a_memory_with_the_linkers_default_stack_names_the_flag() {
    let guest = |global: &str| {
        let guest = format!(
            r#"(module (memory (export "memory") 257) {global}
                (func (export "alloc") (param i32) (result i32) (i32.const 1024))
                (func (export "dealloc") (param i32 i32))
                (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#
        );
        let error = runtime(&LimitOverrides::default())
            .load_plugin_bytes("guest", &wat::parse_str(guest).unwrap())
            .unwrap_err();
        assert_eq!((error.code(), error.limit_name()), ("ERR_LIMIT", Some("maxMemoryPages")));
        error.to_string()
    };
    let message = guest("(global $__stack_pointer (mut i32) (i32.const 16777216))");
    for part in ["starts with 257 pages of memory; maxMemoryPages is 256", "-z stack-size=65536", "--stack 65536"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!guest("").contains("stack"));
}

#[test]
fn the_error_for_a_command_says_to_build_a_reactor() {
    let guest = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start")))"#).unwrap();
    let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &guest).unwrap_err();
    assert_eq!(error.code(), "ERR_ABI");
    assert!(error.to_string().contains("build a reactor or a library"), "{error}");
}

/// Compiling it would take seconds.
#[test]
fn imports_and_exports_are_checked_before_anything_is_compiled() {
    let body = "(drop (call $work (i32.load (local.get 0))))".repeat(10_000);
    let code = format!("(func $work (param i32) (result i32) {body} (local.get 0))").repeat(1);
    let code: String = (0..20).map(|index| code.replace("$work", &format!("$work{index}"))).collect();
    for (code_of_error, more) in [("ERR_IMPORT", r#"(import "env" "f" (func))"#), ("ERR_ABI", "")] {
        let guest = wat::parse_str(format!("(module {more} (memory 1) {code})")).unwrap();
        let started = std::time::Instant::now();
        let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &guest).unwrap_err();
        assert_eq!(error.code(), code_of_error);
        assert!(started.elapsed().as_millis() < 1_000, "{:?} for {} bytes", started.elapsed(), guest.len());
    }
}

/// Each feature that plugin compilers do not use.
#[test]
fn a_module_that_needs_a_feature_that_is_off_does_not_compile() {
    for (feature, module) in [
        ("memory64", "(module (memory i64 1))"),
        ("multi-memory", "(module (memory 1) (memory 1))"),
        ("threads", "(module (memory 1 1 shared))"),
        ("tail calls", "(module (func $f (return_call $f)))"),
        ("exceptions", "(module (tag (param i32)))"),
        ("gc", "(module (type (struct (field i32))))"),
        ("function references", "(module (type $t (func)) (func (param (ref null $t))))"),
        (
            "relaxed simd",
            "(module (func (param v128 v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))))",
        ),
        ("custom page sizes", "(module (memory 1 (pagesize 1)))"),
        (
            "wide arithmetic",
            "(module (func (param i64 i64 i64 i64) (result i64 i64) (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3))))",
        ),
    ] {
        let error = runtime(&LimitOverrides::default())
            .load_plugin_bytes("guest", &wat::parse_str(module).unwrap())
            .unwrap_err();
        assert_eq!(error.code(), "ERR_COMPILE", "{feature}: {error}");
    }
}

#[test]
fn the_features_that_plugin_compilers_use_are_on() {
    let runtime = runtime(&LimitOverrides::default());
    for (feature, code) in [
        ("mutable globals", r#"(global (export "g") (mut i32) (i32.const 0))"#),
        ("sign extension", "(func (param i32) (result i32) (i32.extend8_s (local.get 0)))"),
        ("saturating conversion", "(func (param f64) (result i32) (i32.trunc_sat_f64_s (local.get 0)))"),
        ("bulk memory", "(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)))"),
        ("multi-value", "(func (result i32 i32) (i32.const 1) (i32.const 2))"),
        ("reference types", "(table 1 funcref) (func (drop (table.size 0)))"),
        ("extended constants", "(global i32 (i32.add (i32.const 1) (i32.const 2)))"),
        ("simd", "(func (result v128) (v128.const i32x4 1 2 3 4))"),
    ] {
        let guest = format!(
            r#"(module (memory (export "memory") 1)
                (func (export "alloc") (param i32) (result i32) (i32.const 1024))
                (func (export "dealloc") (param i32 i32))
                (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))
                {code})"#
        );
        let loaded = runtime.load_plugin_bytes("guest", &wat::parse_str(guest).unwrap());
        assert!(loaded.is_ok(), "{feature}: {loaded:?}");
        assert_eq!(call(&runtime, "guest")["ok"], true, "{feature}");
    }
}

#[test]
fn a_plugin_is_described_by_what_it_exports_and_declares() {
    let runtime = runtime(&LimitOverrides::default());
    let guest = fixture("many_hooks");
    let info = runtime.load_plugin_bytes("guest", &guest).unwrap();
    assert_eq!((info.key.as_str(), info.bytes), ("guest", guest.len()));
    assert_eq!(info.hooks, ["before_hook", "before_update", "__proto__"]);
    assert_eq!((info.memory.min_pages, info.memory.max_pages), (1, Some(4)));
    let json = serde_json::to_value(&info).unwrap();
    assert_eq!(json["memory"], serde_json::json!({ "minPages": 1, "maxPages": 4 }));
    assert!(json["loadedInMs"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_load_requested_last_wins_even_if_it_ends_first() {
    let runtime = runtime(&LimitOverrides::default());
    let load = |guest: &str, turn: &LoadTurn| {
        runtime.load_plugin_bytes_in_turn("plugin", &fixture(guest), &LoadOptions::default(), turn)
    };
    let [first, second] = [(); 2].map(|()| runtime.take_load_turn("plugin"));
    let newer = load("plugin_error", &second).unwrap();
    let older = load("pass_through", &first).unwrap();
    assert_ne!(older.sha256, newer.sha256);
    assert_eq!(runtime.plugins(), [newer]);

    let [first, second] = [(); 2].map(|()| runtime.take_load_turn("plugin"));
    load("wrong_exports", &second).unwrap_err();
    let older = load("pass_through", &first).unwrap();
    assert_eq!(runtime.plugins(), [older], "a later load that was refused leaves the earlier one in place");
}

#[test]
fn an_earlier_load_does_not_bring_back_an_unloaded_plugin() {
    let directory = Directory::new("unloaded").with("guest.wasm", "pass_through");
    let path = directory.path("guest.wasm");
    let runtime = runtime(&LimitOverrides::default());
    let [for_file, for_bytes] = [&path, "name"].map(|plugin| runtime.take_load_turn(plugin));
    runtime.load_plugin_bytes("name", &fixture("crash")).unwrap();
    assert!(!runtime.unload_plugin(&directory.path("./guest.wasm")), "it is not loaded yet");
    assert!(runtime.unload_plugin("name"));

    let info = runtime.load_plugin_in_turn(&path, &LoadOptions::default(), &for_file).unwrap();
    assert_eq!(info.key, path);
    runtime.load_plugin_bytes_in_turn("name", &fixture("crash"), &LoadOptions::default(), &for_bytes).unwrap();
    assert_eq!(runtime.plugins(), []);

    runtime.load_plugin(&path).unwrap();
    runtime.load_plugin_bytes("name", &fixture("crash")).unwrap();
    assert_eq!(runtime.plugins().len(), 2);
}

#[test]
fn overlapping_loads_of_a_file_combine_their_limits_and_later_ones_win() {
    let directory = Directory::new("overlap").with("guest.wasm", "pass_through");
    let path = directory.path("guest.wasm");
    let fuel = |max_fuel| LoadOptions {
        sandbox: LimitOverrides { max_fuel, ..LimitOverrides::default() },
        ..LoadOptions::default()
    };
    let frugal_at_last = [fuel(Some(100_000)), fuel(Some(1)), fuel(None)];
    let wide_at_last = [fuel(Some(1)), fuel(Some(100_000)), fuel(None)];
    for order_of_ends in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for (options, ok) in [(&frugal_at_last, false), (&wide_at_last, true)] {
            let runtime = runtime(&LimitOverrides::default());
            let mut turns = [(); 3].map(|()| Some(runtime.take_load_turn(&path)));
            for index in order_of_ends {
                let turn = turns[index].take().unwrap();
                runtime.load_plugin_in_turn(&path, &options[index], &turn).unwrap();
            }
            assert_eq!(call(&runtime, &path)["ok"], ok, "{order_of_ends:?}");
        }
    }
}

#[test]
fn a_file_that_is_loaded_many_times_at_once_is_one_plugin() {
    let directory = Directory::new("many").with("guest.wasm", "pass_through");
    let path = directory.path("guest.wasm");
    let runtime = runtime(&LimitOverrides::default());
    let start = Barrier::new(16);
    std::thread::scope(|scope| {
        let load = || {
            start.wait();
            runtime.load_plugin(&path).unwrap()
        };
        let loads: Vec<_> = (0..16).map(|_| scope.spawn(load)).collect();
        for load in loads {
            assert_eq!([load.join().unwrap()], runtime.plugins()[..]);
        }
    });
}
