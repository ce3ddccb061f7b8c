//! The features of WebAssembly that a plugin may use.

use hookcell_host::LimitOverrides;

use crate::support::{call, runtime};

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
