//! The options of a load.

use crate::call::grants::Grants;
use crate::compile::process::compiler_process::CompilerProcess;
use crate::limits::LimitOverrides;

/// The options of a load.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The SHA-256 that the module must have, in hexadecimal of either case. By default it is not checked.
    pub sha256: Option<String>,
    /// Limits for this plugin, over the runtime's.
    pub sandbox: LimitOverrides,
    /// What every call of this plugin is granted. If it has a `config`, the plugin's `validate_config` is asked first.
    pub grants: Grants,
    /// The child process to compile in. By default this process compiles.
    pub isolate: Option<CompilerProcess>,
    /// Run the plugin's start-up once at load instead of in each call, if that makes no difference. The default is yes.
    pub pre_initialize: Option<bool>,
    /// Keep the module's debug information and its source map, so that backtraces name files and lines. The default is yes. It takes as much
    /// memory as it has bytes in the module; more than 8 MiB is not kept.
    pub source_locations: Option<bool>,
}
