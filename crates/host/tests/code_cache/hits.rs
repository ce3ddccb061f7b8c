//! When code comes from the cache, and what is checked first.

use std::time::Duration;

use hookcell_host::{
    Allocation, CodeCache, CodeFrom, CompilerProcess, LimitOverrides, LoadOptions, PluginInfo, WasmRuntime,
};

use crate::support::directory::Directory;
use crate::support::{engine, fixture};
use crate::{GIB, entries, load, runtime};

#[test]
fn a_plugin_compiles_once_and_then_comes_from_the_cache() {
    let directory = Directory::new("cache-once");
    let guest = fixture("pass_through");
    let compiled = runtime(&directory.0, GIB).load_plugin_bytes("guest", &guest).unwrap();
    let cached = runtime(&directory.0, GIB).load_plugin_bytes("guest", &guest).unwrap();
    assert_eq!((compiled.code_from, cached.code_from), (CodeFrom::Compiler, CodeFrom::Cache));
    let same = |info: PluginInfo| PluginInfo { code_from: CodeFrom::Compiler, loaded_in_ms: 0.0, ..info };
    assert_eq!(same(compiled), same(cached));
    assert_eq!(load(&directory.0, &guest), CodeFrom::Cache);
}

#[test]
fn a_plugin_of_the_same_bytes_is_shared_before_the_cache_is_asked() {
    let directory = Directory::new("cache-shared");
    let runtime = runtime(&directory.0, GIB);
    let guest = fixture("pass_through");
    runtime.load_plugin_bytes("one", &guest).unwrap();
    let other = runtime.load_plugin_bytes("other", &guest).unwrap();
    assert_eq!(other.code_from, CodeFrom::Memory);
    assert!(other.code_bytes > 0);
}

#[test]
fn a_cached_load_starts_no_compiler_process() {
    let directory = Directory::new("cache-isolate");
    load(&directory.0, &fixture("pass_through"));
    let nothing = CompilerProcess {
        program: directory.path("no such program"),
        arguments: Vec::new(),
        timeout: Duration::from_secs(1),
        max_memory_bytes: GIB,
    };
    let options = LoadOptions { isolate: Some(nothing), ..LoadOptions::default() };
    let runtime = runtime(&directory.0, GIB);
    let cached = runtime.load_plugin_bytes_with("cached", &fixture("pass_through"), &options).unwrap();
    assert_eq!(cached.code_from, CodeFrom::Cache);
    let error = runtime.load_plugin_bytes_with("new", &fixture("crash"), &options).unwrap_err();
    assert_eq!(error.code(), "ERR_ISOLATE");
}

#[test]
fn limits_and_digest_are_checked_before_the_cache_is_asked() {
    let directory = Directory::new("cache-limits");
    let guest = fixture("pass_through");
    load(&directory.0, &guest);
    let runtime = runtime(&directory.0, GIB);
    let frugal = LimitOverrides { max_functions: Some(1), ..LimitOverrides::default() };
    let other = "0".repeat(64);
    for (options, code) in [
        (LoadOptions { sandbox: frugal, ..LoadOptions::default() }, "ERR_LIMIT"),
        (LoadOptions { sha256: Some(other), ..LoadOptions::default() }, "ERR_DIGEST"),
    ] {
        assert_eq!(runtime.load_plugin_bytes_with("guest", &guest, &options).unwrap_err().code(), code);
    }
}

#[test]
fn code_for_another_engine_is_not_used() {
    let directory = Directory::new("cache-engine");
    let guest = fixture("pass_through");
    load(&directory.0, &guest);
    let pooled = engine(Allocation::Pooled { slots: 1 });
    let cache = CodeCache::open(&directory.0, GIB).unwrap();
    let runtime = WasmRuntime::with_engine(pooled, &LimitOverrides::default()).unwrap().with_code_cache(cache);
    assert_eq!(runtime.load_plugin_bytes("guest", &guest).unwrap().code_from, CodeFrom::Compiler);
    assert_eq!(entries(&directory.0).len(), 2);
    assert_eq!(load(&directory.0, &guest), CodeFrom::Cache);
}
