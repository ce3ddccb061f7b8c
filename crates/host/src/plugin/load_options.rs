//! How a plugin is loaded.

use crate::compile::process::compiler_process::CompilerProcess;
use crate::limits::LimitOverrides;

/// How to load a plugin.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// SHA-256 that the module must have, in hexadecimal of either case.
    pub sha256: Option<String>,
    /// Limits for this plugin, over the runtime's.
    pub sandbox: LimitOverrides,
    /// Compile in a child process. Left out, in this one.
    pub isolate: Option<CompilerProcess>,
    /// Run the plugin's start-up now rather than in each call, where that makes no difference. Left out, that is done.
    pub pre_initialize: Option<bool>,
    /// Keep the module's debug information, so that backtraces name files and lines. Left out, that is done. It takes as
    /// much memory as it has bytes in the module; more than 8 MiB are not kept.
    pub source_locations: Option<bool>,
}
