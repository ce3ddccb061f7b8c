//! Guests of the same code, which differ in everything else.

use std::sync::Arc;

use hookcell_host::{Allocation, Engine, LimitOverrides, PluginInfo, Split, WasmRuntime};
use serde_json::Value;

use crate::support::call;

/// A guest that answers with the text of its data and the count in a global, of which it shows the last four bits.
pub struct Guest {
    /// Two characters.
    pub text: &'static str,
    /// The memory's pages.
    pub memory: &'static str,
    /// What the counter begins with.
    pub count: i32,
    /// Exports beside those that every plugin has.
    pub exports: &'static str,
    /// More of the module.
    pub more: &'static str,
}

impl Default for Guest {
    fn default() -> Self {
        Self { text: "aa", memory: "1", count: 48, exports: "", more: "" }
    }
}

impl Guest {
    pub fn bytes(&self) -> Vec<u8> {
        let Self { text, memory, count, exports, more } = self;
        let text = format!(
            r#"(module
                (memory (export "memory") {memory})
                (global $count (mut i32) (i32.const {count}))
                (func $alloc (export "alloc") (param i32) (result i32) (i32.const 4096))
                (func (export "dealloc") (param i32 i32))
                (func $before (export "before_hook") (param i32 i32) (result i64)
                    (global.set $count (i32.add (global.get $count) (i32.const 1)))
                    (i32.store8 (i32.const 540) (i32.or (i32.const 48) (i32.and (global.get $count) (i32.const 15))))
                    (i64.const 0x200_00000020))
                (func $after (param i32 i32) (result i64) (unreachable))
                {exports}
                (data (i32.const 512) "{{\22ok\22:true,\22ctx\22:{{\22data\22:\22{text} \22}}}}")
                {more})"#
        );
        wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// A runtime whose engine shares no code with any other.
pub fn runtime(split: Split) -> WasmRuntime {
    let engine = Engine::with_allocation(Allocation::Pooled { slots: 4 }).unwrap().with_split(split);
    WasmRuntime::with_engine(Arc::new(engine), &LimitOverrides::default()).unwrap()
}

pub fn load(runtime: &WasmRuntime, name: &str, bytes: &[u8]) -> PluginInfo {
    runtime.load_plugin_bytes(name, bytes).unwrap_or_else(|error| panic!("{error}"))
}

/// The text that a guest answers with: that of its data, and its count.
pub fn answer(runtime: &WasmRuntime, plugin: &str) -> Value {
    call(runtime, plugin)["ctx"]["data"].clone()
}
