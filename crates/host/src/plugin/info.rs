//! What users see of a plugin.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::compile::compiler::CodeFrom;
use crate::compile::process::cost::IsolateCost;
use crate::limits::declared::DeclaredLimits;
use crate::plugin::metadata::Metadata;

/// A loaded plugin, as users see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginInfo {
    /// Its number among all plugins of this process.
    pub number: PluginNumber,
    /// The name it was loaded under, or the absolute path of its file with links resolved.
    pub key: String,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// The length of its module, in bytes.
    pub bytes: usize,
    /// The names of its hooks: every export of the hook signature.
    pub hooks: Vec<String>,
    /// The memory that it declares.
    pub memory: MemoryInfo,
    /// Was its start-up run at load, so that each call begins from a snapshot? `false` if it has no start-up (a start section or
    /// an export `_initialize`), or if a snapshot could make a difference.
    pub pre_initialized: bool,
    /// Where its machine code came from.
    pub code_from: CodeFrom,
    /// The cost of compiling in child processes, if this load did that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolate: Option<IsolateCost>,
    /// The memory of its machine code with its tables, in bytes. Plugins of the same module share it; with `data_bytes`, all
    /// plugins of the same code do.
    pub code_bytes: usize,
    /// The memory of its data, in bytes, if its code and its data are compiled apart, so that plugins that differ only in their
    /// data share their code. 0 if they are compiled together; then it is part of `code_bytes`.
    #[serde(skip_serializing_if = "is_zero")]
    pub data_bytes: usize,
    /// The memory of its debug information and its source map, in bytes, which backtraces need. 0 if it has none or if the load does
    /// not keep them.
    #[serde(skip_serializing_if = "is_zero")]
    pub source_bytes: usize,
    /// The limits that the module declares for itself, in its section `hookcell.limits`.
    #[serde(skip_serializing_if = "DeclaredLimits::is_empty")]
    pub declared_limits: DeclaredLimits,
    /// What the module says about itself, in its section `hookcell.meta`. Anyone can write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Milliseconds to read, check and compile it.
    pub loaded_in_ms: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_zero(bytes: &usize) -> bool {
    *bytes == 0
}

/// A number that no other plugin of the process has, not even one that is loaded later under the same name.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub struct PluginNumber(pub u64);

/// Numbers do not count in comparisons: plugins that are the same in everything else are equal.
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
    /// The initial size.
    pub min_pages: u64,
    /// The maximum size, if it declares one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pages: Option<u64>,
}
