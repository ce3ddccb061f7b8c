//! What the refusal of a module says.

use hookcell_host::LimitOverrides;

use crate::support::{fixture, runtime};

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
