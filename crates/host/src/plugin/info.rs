//! What is told of a plugin.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::compile::compiler::CodeFrom;
use crate::compile::process::cost::IsolateCost;

/// What is known of a loaded plugin.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginInfo {
    /// Which of all the plugins that this process has made it is.
    pub number: PluginNumber,
    /// The name it was loaded under, or the absolute path of its file with links resolved.
    pub key: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Length of its module, in bytes.
    pub bytes: usize,
    /// The names of its hooks: every export of the hook signature.
    pub hooks: Vec<String>,
    /// The memory that it declares.
    pub memory: MemoryInfo,
    /// Was its start-up run when it was loaded, so that each call begins from what that left behind? Not where it has
    /// neither a start section nor an export `_initialize`, and not where that could make a difference.
    pub pre_initialized: bool,
    /// Where its machine code came from.
    pub code_from: CodeFrom,
    /// What compiling in child processes cost, where that was done for this load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolate: Option<IsolateCost>,
    /// Memory that its machine code takes, with the tables that belong to it, in bytes. Plugins of the same module share
    /// it.
    pub code_bytes: usize,
    /// Milliseconds that it took to read, check and compile.
    pub loaded_in_ms: f64,
}

/// A number that no other plugin of the process has, also none that was loaded under the same name before or after.
/// Whoever has been told what is known of a plugin knows it again by that.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub struct PluginNumber(pub u64);

/// It says nothing of the plugin: two that are alike in all else are equal.
impl PartialEq for PluginNumber {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl PluginNumber {
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// The memory that a plugin declares, in pages of 64 KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryInfo {
    /// What it starts with.
    pub min_pages: u64,
    /// What it may grow to, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pages: Option<u64>,
}
