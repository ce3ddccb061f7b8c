//! Support for the benchmarks: guests, and contexts of the same sizes as in `bench/compare/`.
#![allow(dead_code, reason = "each benchmark uses its own part")]

pub mod same_code;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use hookcell_host::{Allocation, Context, Engine, LimitOverrides, WasmRuntime};

/// One item of an order.
const ITEM: &str = r#"{"sku":"LAMP-0042","quantity":2,"price":1995,"note":"Gift wrapped, please"}"#;

/// An order with this many items as JSON: 200 bytes with none, 5 KB with 64, 100 KB with 1,300.
pub fn order(items: usize) -> Context<'static> {
    let items = vec![ITEM; items].join(",");
    Context::from_trusted_json(format!(
        r#"{{"input":{{"email":" Ada@Example.com ","name":"Ada Lovelace","items":[{items}]}},"data":null,"user":{{"id":"1","role":"admin"}},"headers":{{"content-type":"application/json","user-agent":"curl/8.5"}},"tenant_id":"example"}}"#
    ))
}

/// A plugin of `fixtures/`, assembled.
pub fn fixture(name: &str) -> Vec<u8> {
    wat::parse_file(root().join("fixtures").join(format!("{name}.wat"))).unwrap_or_else(|error| panic!("{error}"))
}

/// The committed example of `pdk/` in this language.
pub fn example(language: &str) -> Vec<u8> {
    let file = root().join("pdk").join(language).join("validate_email.wasm");
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A runtime with one plugin and this allocation.
pub fn runtime_with(allocation: Allocation, plugin: &str, bytes: &[u8]) -> WasmRuntime {
    runtime_with_limits(allocation, plugin, bytes, &LimitOverrides::default())
}

/// The same with these limits.
pub fn runtime_with_limits(allocation: Allocation, plugin: &str, bytes: &[u8], limits: &LimitOverrides) -> WasmRuntime {
    let engine = Arc::new(Engine::with_allocation(allocation).unwrap());
    let runtime = WasmRuntime::with_engine(engine, limits).unwrap();
    runtime.load_plugin_bytes(plugin, bytes).unwrap();
    runtime
}

fn root() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect()
}
