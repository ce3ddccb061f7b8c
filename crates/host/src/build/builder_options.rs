//! How a builder gets its engine.

use std::sync::Arc;

use crate::compile::cache::code_cache::CodeCache;
use crate::compile::process::compiler_process::CompilerProcess;
use crate::limits::LimitOverrides;
use crate::sandbox::cancel::CancelToken;

/// How a builder gets its engine.
#[derive(Debug, Clone, Default)]
pub struct BuilderOptions {
    /// The cache that the code of the engine and of its plugins may be in. By default it is compiled.
    pub cache: Option<Arc<CodeCache>>,
    /// The child process to compile in. By default this process compiles.
    pub isolate: Option<CompilerProcess>,
    /// The limits of the engine's module, over the defaults.
    pub sandbox: LimitOverrides,
    /// Cancels the load, and all builds afterwards.
    pub cancel: CancelToken,
}
