//! Nothing that a plugin does, or that is told of it, depends on its form.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookcell_host::{Allocation, Engine, LimitOverrides, LoadOptions, Split, WasmRuntime};
use serde_json::Value;

use crate::support::{CONTEXT, call_with};

fn runtime(allocation: Allocation, split: Split) -> WasmRuntime {
    let engine = Engine::with_allocation(allocation).unwrap().with_split(split);
    let limits = LimitOverrides { timeout_ms: Some(60_000), ..LimitOverrides::default() };
    WasmRuntime::with_engine(Arc::new(engine), &limits).unwrap()
}

/// The result without times.
fn result(runtime: &WasmRuntime) -> Value {
    let mut result = call_with(runtime, "guest", CONTEXT, LimitOverrides::default()).unwrap();
    result["usage"]["runMs"].take();
    result
}

/// All modules of the project, with fuel, memory, faults and backtraces, in each kind of cell.
#[test]
fn a_plugin_has_the_same_result_in_halves_and_in_one_piece() {
    for allocation in [Allocation::Pooled { slots: 2 }, Allocation::OnDemand] {
        let (whole, halves) = (runtime(allocation, Split::Never), runtime(allocation, Split::Always));
        let (mut compared, mut split, mut faults) = (0, 0, 0);
        for (name, bytes) in plugins() {
            for pre_initialize in [Some(true), Some(false)] {
                let options = LoadOptions { pre_initialize, ..LoadOptions::default() };
                let loaded = whole.load_plugin_bytes_with("guest", &bytes, &options);
                let loaded_in_halves = halves.load_plugin_bytes_with("guest", &bytes, &options);
                let (one, other) = match (loaded, loaded_in_halves) {
                    (Ok(one), Ok(other)) => (one, other),
                    (Err(one), Err(other)) => {
                        assert_eq!(one.to_string(), other.to_string(), "{name}");
                        continue;
                    }
                    (one, other) => panic!("{name}: {one:?} and {other:?}"),
                };
                assert_eq!((one.hooks, one.memory), (other.hooks, other.memory), "{name}");
                assert_eq!(one.pre_initialized, other.pre_initialized, "{name}");
                let [one, in_halves] = [&whole, &halves].map(result);
                assert_eq!(one, in_halves, "{name}, {allocation:?}, {pre_initialize:?}");
                compared += 1;
                split += u32::from(other.data_bytes > 0);
                faults += u32::from(!one["fault"].is_null());
            }
        }
        assert!(compared > 60 && split > 50 && faults > 10, "{compared} compared, {split} split, {faults} faults");
    }
}

/// The same for modules with debug information, whose backtraces name lines.
#[test]
fn lines_of_the_source_are_the_same_in_both_forms() {
    let (whole, halves) = (runtime(Allocation::OnDemand, Split::Never), runtime(Allocation::OnDemand, Split::Always));
    for name in ["traps_in_lines.wasm", "traps_in_lines_dwarf5.wasm"] {
        let bytes = fs::read(root().join("fixtures").join("dwarf").join(name)).unwrap();
        whole.load_plugin_bytes("guest", &bytes).unwrap();
        assert!(halves.load_plugin_bytes("guest", &bytes).unwrap().data_bytes > 0);
        let [one, other] = [&whole, &halves].map(result);
        assert!(one["fault"]["backtrace"][0].as_str().unwrap().contains("traps_in_lines.c:11:"), "{one}");
        assert_eq!(one, other, "{name}");
    }
}

fn plugins() -> Vec<(String, Vec<u8>)> {
    let mut plugins = Vec::new();
    for language in ["assemblyscript", "rust", "wat", "zig"] {
        let path = root().join("pdk").join(language).join("validate_email.wasm");
        plugins.push((language.to_owned(), fs::read(path).unwrap()));
    }
    for path in sources(&root().join("fixtures")) {
        let source = fs::read_to_string(&path).unwrap();
        let name = path.display().to_string();
        plugins.push((name.clone(), wat::parse_str(&source).unwrap()));
        let Some(body) = source.trim_end().strip_suffix(')') else { continue };
        if !source.contains("(start ") && source.contains("(export \"memory\")") {
            let start = "(func $started (i32.store (i32.const 60000) (i32.const 1))) (start $started))";
            plugins.push((format!("{name}, started"), wat::parse_str(format!("{body}{start}")).unwrap()));
        }
    }
    plugins
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "wat")).collect()
}

fn root() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect()
}
