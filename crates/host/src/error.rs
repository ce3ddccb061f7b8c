//! Why the host refused: misuse, or something it does not run. A plugin's own failure is a [`Fault`](crate::Fault).

use std::path::PathBuf;

use thiserror::Error;

use crate::codes::codes;
use crate::guest_text::{self, quoted};

codes! {
    /// The code of a [`HostError`].
    pub enum ErrorCode {
        /// [`HostError::NotLoaded`] and [`HostError::StillLoading`].
        NotLoaded = "ERR_NOT_LOADED",
        /// [`HostError::Read`].
        Read = "ERR_READ",
        /// [`HostError::CacheDirectory`].
        CacheDirectory = "ERR_CACHE_DIR",
        /// [`HostError::Compile`].
        Compile = "ERR_COMPILE",
        /// [`HostError::Isolate`].
        Isolate = "ERR_ISOLATE",
        /// [`HostError::Abi`].
        Abi = "ERR_ABI",
        /// [`HostError::Import`].
        Import = "ERR_IMPORT",
        /// [`HostError::Digest`].
        Digest = "ERR_DIGEST",
        /// [`HostError::Limit`].
        Limit = "ERR_LIMIT",
        /// [`HostError::NoHook`].
        NoHook = "ERR_NO_HOOK",
        /// [`HostError::Context`] and [`HostError::HarmfulContext`].
        Context = "ERR_CONTEXT",
        /// [`HostError::Busy`].
        Busy = "ERR_QUEUE_FULL",
        /// [`HostError::Cancelled`].
        Cancelled = "ERR_CANCELLED",
        /// [`HostError::Internal`].
        Internal = "ERR_INTERNAL",
    }
}

/// The host refused to load a plugin or to run a hook. Save for [`HostError::Cancelled`], nothing of the plugin has run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HostError {
    /// No plugin is loaded under this name or path.
    #[error("plugin {} is not loaded: load it with loadPlugin or loadPluginBytes first", quoted(.plugin))]
    NotLoaded {
        /// The plugin, as the caller spelled it.
        plugin: String,
    },
    /// The plugin is being loaded.
    #[error("plugin {} is still loading: await loadPlugin or loadPluginBytes before calling it", quoted(.plugin))]
    StillLoading {
        /// The plugin, as the caller spelled it.
        plugin: String,
    },
    /// The plugin's file cannot be read.
    #[error("plugin {} cannot be read: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The directory is not one that a code cache can trust or make.
    #[error("cacheDir {} cannot be used: {reason}", .path.display())]
    CacheDirectory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The bytes are not a WebAssembly module, or use a feature that is off.
    #[error("plugin {} does not compile: {reason}", quoted(.plugin))]
    Compile {
        /// The plugin's key.
        plugin: String,
        /// What the compiler said, cut and escaped.
        reason: String,
    },
    /// There is no process to compile in, or it failed before it had an answer.
    #[error("plugin {} is not loaded, since the process that `isolate` asks for did not compile it: {reason}. With isolate: false it is compiled in the server itself, which is for modules you trust", quoted(.plugin))]
    Isolate {
        /// The plugin's key.
        plugin: String,
        /// What went wrong, cut and escaped.
        reason: String,
    },
    /// The module does not have the exports of the plugin contract.
    #[error("plugin {} does not follow the plugin contract: {}", quoted(.plugin), .problems.join("; "))]
    Abi {
        /// The plugin's key.
        plugin: String,
        /// Everything that is missing or of the wrong type.
        problems: Vec<String>,
    },
    /// The module asks for imports; a plugin gets none.
    #[error("plugin {} must have no imports, but asks for {}", quoted(.plugin), .problems.join("; "))]
    Import {
        /// The plugin's key.
        plugin: String,
        /// The imports, and whatever else is wrong with the module.
        problems: Vec<String>,
    },
    /// The module is not the one that was expected.
    #[error("plugin {} has the SHA-256 {actual}, not {expected}", quoted(.plugin))]
    Digest {
        /// The plugin's key.
        plugin: String,
        /// What the caller expects, in lower-case hexadecimal.
        expected: String,
        /// What the module's bytes have.
        actual: String,
    },
    /// A limit is exceeded, or given a value out of its bounds.
    #[error("{message}")]
    Limit {
        /// The name of the limit's option.
        option: &'static str,
        /// What was exceeded, by what.
        message: String,
    },
    /// The plugin has no hook of this name.
    #[error("plugin {} has no hook {}; it has {}", quoted(.plugin), quoted(.hook), guest_text::listed(.hooks.iter().map(|hook| quoted(hook))))]
    NoHook {
        /// The plugin's key.
        plugin: String,
        /// The hook that was asked for.
        hook: String,
        /// The hooks that there are.
        hooks: Vec<String>,
    },
    /// The context is not of the contract's shape.
    #[error("the context is not valid: {0}")]
    Context(String),
    /// A part of the context has in it what no result may have, or is nested more deeply.
    #[error("the context is not valid: {path} {what}")]
    HarmfulContext {
        /// The part, such as `ctx.input.items[2]`; cut and escaped.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// Every cell is taken: more calls run at once than the engine has room for.
    #[error("no cell is free: {0} calls run already")]
    Busy(u32),
    /// The call was cancelled, before or while it ran.
    #[error("the call was cancelled")]
    Cancelled,
    /// A bug of the host or a failure of the machine beneath it.
    #[error("internal error: {0}")]
    Internal(String),
}

impl HostError {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.error_code().as_str()
    }

    fn error_code(&self) -> ErrorCode {
        match self {
            Self::NotLoaded { .. } | Self::StillLoading { .. } => ErrorCode::NotLoaded,
            Self::Read { .. } => ErrorCode::Read,
            Self::CacheDirectory { .. } => ErrorCode::CacheDirectory,
            Self::Compile { .. } => ErrorCode::Compile,
            Self::Isolate { .. } => ErrorCode::Isolate,
            Self::Abi { .. } => ErrorCode::Abi,
            Self::Import { .. } => ErrorCode::Import,
            Self::Digest { .. } => ErrorCode::Digest,
            Self::Limit { .. } => ErrorCode::Limit,
            Self::NoHook { .. } => ErrorCode::NoHook,
            Self::Context(_) | Self::HarmfulContext { .. } => ErrorCode::Context,
            Self::Busy(_) => ErrorCode::Busy,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// The option whose limit was exceeded, for [`HostError::Limit`].
    #[must_use]
    pub fn limit_name(&self) -> Option<&'static str> {
        match self {
            Self::Limit { option, .. } => Some(option),
            _ => None,
        }
    }

    /// The part of the context that is at fault, for [`HostError::HarmfulContext`].
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::HarmfulContext { path, .. } => Some(path),
            _ => None,
        }
    }

    pub(crate) fn limit(option: &'static str, message: String) -> Self {
        Self::Limit { option, message }
    }

    pub(crate) fn compile(plugin: &str, error: &wasmtime::Error) -> Self {
        Self::Compile { plugin: plugin.to_owned(), reason: guest_text::clean(&format!("{error:#}")) }
    }

    pub(crate) fn internal(error: &wasmtime::Error) -> Self {
        Self::Internal(guest_text::clean(&format!("{error:#}")))
    }
}
