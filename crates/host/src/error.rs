//! Why the host refuses a load or a call. A plugin's own failure is a [`Fault`](crate::Fault).

use std::path::PathBuf;

use thiserror::Error;

use crate::call::fault::Fault;
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
        /// [`HostError::Config`].
        Config = "ERR_CONFIG",
        /// [`HostError::Busy`].
        Busy = "ERR_QUEUE_FULL",
        /// [`HostError::Cancelled`].
        Cancelled = "ERR_CANCELLED",
        /// [`HostError::Internal`].
        Internal = "ERR_INTERNAL",
    }
}

/// The host refused to load a plugin or to run a hook. Except after [`HostError::Cancelled`], no code of the plugin has
/// run.
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
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The directory of a code cache cannot be made or is not safe.
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
        /// The compiler's message, cut and escaped.
        reason: String,
    },
    /// The process to compile in did not start, or failed before it replied.
    #[error("plugin {} is not loaded, because the process of `isolate` did not compile it: {reason}. `isolate: false` compiles in the server itself, for modules that you trust", quoted(.plugin))]
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
        /// Everything that is missing or has the wrong type.
        problems: Vec<String>,
    },
    /// The module has imports; a plugin must not.
    #[error("plugin {} must have no imports, but asks for {}", quoted(.plugin), .problems.join("; "))]
    Import {
        /// The plugin's key.
        plugin: String,
        /// The imports, and everything else that is wrong with the module.
        problems: Vec<String>,
    },
    /// The module is not the one that was expected.
    #[error("plugin {} has the SHA-256 {actual}, not {expected}", quoted(.plugin))]
    Digest {
        /// The plugin's key.
        plugin: String,
        /// The digest that the caller expects, in lower-case hexadecimal.
        expected: String,
        /// The digest of the module's bytes.
        actual: String,
    },
    /// A limit is exceeded, or its value is out of bounds.
    #[error("{message}")]
    Limit {
        /// The name of the limit's option.
        option: &'static str,
        /// What exceeded which limit.
        message: String,
    },
    /// The plugin has no hook of this name.
    #[error("plugin {} has no hook {}; it has {}", quoted(.plugin), quoted(.hook), guest_text::listed(.hooks.iter().map(|hook| quoted(hook))))]
    NoHook {
        /// The plugin's key.
        plugin: String,
        /// The hook that the caller named.
        hook: String,
        /// The hooks that it has.
        hooks: Vec<String>,
    },
    /// The context is not of the contract's shape.
    #[error("the context is not valid: {0}")]
    Context(String),
    /// A part of the context contains a `__proto__` key or nests too deeply.
    #[error("the context is not valid: {path} {what}")]
    HarmfulContext {
        /// The path to it, such as `ctx.input.items[2]`; cut and escaped.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// The configuration of a plugin is not JSON that it can get, or its `validate_config` does not accept it.
    #[error("the config{} is refused: {reason}", .plugin.as_ref().map(|plugin| format!(" of plugin {}", quoted(plugin))).unwrap_or_default())]
    Config {
        /// The plugin's key, if the plugin was asked.
        plugin: Option<String>,
        /// Why; if the plugin was asked, in its own words, cut and escaped.
        reason: String,
        /// The plugin's own details: a JSON array.
        details: Option<String>,
        /// How the plugin failed when it was asked, if it did.
        fault: Option<Box<Fault>>,
    },
    /// All cells of the engine are in use.
    #[error("no cell is free: {0} calls are running")]
    Busy(u32),
    /// The call was cancelled, before or while it ran.
    #[error("the call was cancelled")]
    Cancelled,
    /// A bug of the host or a failure of the machine.
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
            Self::Config { .. } => ErrorCode::Config,
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

    /// The path to the harmful part of the context, for [`HostError::HarmfulContext`].
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::HarmfulContext { path, .. } => Some(path),
            _ => None,
        }
    }

    /// What the plugin says about a configuration that it refuses, for [`HostError::Config`]: a JSON array.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        match self {
            Self::Config { details, .. } => details.as_deref(),
            _ => None,
        }
    }

    /// How the plugin failed when it was asked about a configuration, for [`HostError::Config`].
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Config { fault, .. } => fault.as_deref(),
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
