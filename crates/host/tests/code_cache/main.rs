//! The code cache: which files it uses, which it does not, and that no load fails because of it.

#[cfg(unix)]
mod access;
mod bound;
mod damage;
mod hits;
mod long;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use hookcell_host::{Allocation, CodeCache, CodeFrom, LimitOverrides, WasmRuntime};
use support::{call, engine};

const GIB: u64 = 1 << 30;

/// A runtime as in a new process: its engine shares no code with any other.
fn runtime(directory: &Path, max_bytes: u64) -> WasmRuntime {
    let engine = engine(Allocation::OnDemand);
    let cache = CodeCache::open(directory, max_bytes).unwrap();
    WasmRuntime::with_engine(engine, &LimitOverrides::default()).unwrap().with_code_cache(cache)
}

/// Where a new process gets the guest's code from. The guest also runs.
fn load(directory: &Path, guest: &[u8]) -> CodeFrom {
    let runtime = runtime(directory, GIB);
    let from = runtime.load_plugin_bytes("guest", guest).unwrap().code_from;
    assert_eq!(call(&runtime, "guest")["ok"], true);
    from
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let is_entry =
        |path: &PathBuf| path.extension().is_some_and(|end| end == "code") && path.file_stem().unwrap().len() == 64;
    let mut entries: Vec<_> = files.filter(is_entry).collect();
    entries.sort();
    entries
}

/// The only code file.
fn entry(directory: &Path) -> PathBuf {
    let [entry] = entries(directory).try_into().unwrap();
    entry
}

/// Guests that differ only in a number, so that their code has the same size.
fn numbered(number: u32) -> Vec<u8> {
    let guest = format!(
        r#"(module (memory (export "memory") 1)
            (func (export "alloc") (param i32) (result i32) (i32.const {}))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#,
        1_024 + number,
    );
    wat::parse_str(guest).unwrap()
}
