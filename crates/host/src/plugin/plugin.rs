//! A plugin: a module that was checked against the contract, compiled and linked, once.

use std::cell;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use wasmtime::{AsContextMut, Instance, InstancePre, Linker, Module, ModuleExport};

use crate::backtrace::source_map::SourceMap;
use crate::compile::cache::code_cache::CodeCache;
use crate::compile::compiler::{self, CodeFrom, ModuleDigest, ModuleIdentity, SharedModule, Wanted};
use crate::compile::process::compiler_process::{CompilerProcess, IsolateCost};
use crate::engine::Engine;
use crate::error::HostError;
use crate::guest_text::quoted;
use crate::limits::{Limit, Limits, SandboxConfig};
use crate::module::bulk_memory::Interruptible;
use crate::module::code_map::CodeMap;
use crate::module::scan;
use crate::plugin::exports::Exports;
use crate::plugin::load_turn::LoadTurn;
use crate::plugin::start_up::StartUp;
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::cell::Cell;
use crate::sandbox::watchdog::StopSignal;

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
    fn next() -> Self {
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

/// How to load a plugin.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// SHA-256 that the module must have, in hexadecimal of either case.
    pub sha256: Option<String>,
    /// Limits for this plugin, over the runtime's.
    pub sandbox: SandboxConfig,
    /// Compile in a child process. Left out, in this one.
    pub isolate: Option<CompilerProcess>,
    /// Run the plugin's start-up now rather than in each call, where that makes no difference. Left out, that is done.
    pub pre_initialize: Option<bool>,
    /// Keep the module's debug information, so that backtraces name files and lines. Left out, that is done. It takes as
    /// much memory as it has bytes in the module; more than 8 MiB are not kept.
    pub source_locations: Option<bool>,
}

/// What a plugin is loaded with.
pub(crate) struct Loading<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) options: &'a LoadOptions,
    pub(crate) limits: &'a Limits,
    /// Where its code may be.
    pub(crate) cache: Option<&'a CodeCache>,
    /// Cancelled with every call and load of the runtime.
    pub(crate) cancel: &'a CancelToken,
    /// When it was asked for, and what cancels it alone.
    pub(crate) turn: &'a LoadTurn,
    /// What compiling in child processes has cost so far.
    pub(crate) isolated: cell::Cell<Option<IsolateCost>>,
    /// When loading began.
    pub(crate) started: Instant,
}

impl Loading<'_> {
    /// Does nobody wait for the load any more?
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled() || self.turn.cancel_token().is_cancelled()
    }

    /// What ends a part of the load that has this deadline.
    pub(crate) fn stop_signal(&self, deadline: Instant) -> StopSignal {
        StopSignal { deadline, runtime: self.cancel.clone(), call: Some(self.turn.cancel_token().clone()) }
    }
}

/// A plugin and the limits it runs under. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Plugin {
    compiled: Arc<Compiled>,
    limits: Limits,
}

struct Compiled {
    info: PluginInfo,
    exports: Exports,
    instance: InstancePre<Cell>,
    code_map: CodeMap,
    /// Where its code comes from in its source, where it says so and that is wanted.
    source_map: Option<SourceMap>,
    /// Keeps the module to be shared with other plugins of the same bytes.
    _shared: Arc<SharedModule>,
}

impl Plugin {
    /// Checks and compiles a module.
    pub(crate) fn compile(key: String, bytes: &[u8], loading: &Loading<'_>) -> Result<Self, HostError> {
        let Loading { engine, options, limits, .. } = *loading;
        let digest = compiler::digest(bytes);
        let sha256 = hexadecimal(&digest);
        check_digest(&key, &sha256, options.sha256.as_deref())?;
        let contract = scan::scan(&key, bytes, limits)?;
        let Interruptible { bytes: interruptible, code_map } = Interruptible::of(bytes);
        let start_up = StartUp::of(&key, &interruptible, digest, loading);
        let ahead = start_up.as_ref().map(StartUp::module).transpose()?.flatten();
        let pre_initialized = ahead.is_some();
        let (module, code_from, shared) = if let Some(module) = ahead {
            module
        } else {
            let wanted = Wanted { plugin: &key, module: ModuleIdentity::plain(digest), loading };
            let make = || engine.compiler().compile(&key, &interruptible, loading);
            engine.compiler().module(engine, wanted, make)?
        };
        check_code(&key, &module, limits)?;
        let exports = Exports::of(&module, &contract)
            .ok_or_else(|| HostError::Internal("the code is not that of the module".to_owned()))?;
        let start_up = start_up.filter(|_| pre_initialized);
        let instance = Linker::new(engine.wasmtime())
            .instantiate_pre(&module)
            .map_err(|error| HostError::compile(&key, &error))?;
        // The image of its data takes a file descriptor on Linux. Where there is none left, it is no call that fails.
        module
            .initialize_copy_on_write_image()
            .map_err(|error| HostError::Internal(format!("no image of the plugin's data: {error:#}")))?;
        let code_map = code_map.moved_by(start_up.as_ref().map_or(0, StartUp::code_moved_by));
        let wants_source = options.source_locations != Some(false);
        let source_map = wants_source.then(|| SourceMap::of(bytes)).flatten();
        let info = PluginInfo {
            number: PluginNumber::next(),
            key,
            sha256,
            bytes: bytes.len(),
            hooks: exports.hook_names(),
            memory: MemoryInfo { min_pages: contract.min_pages, max_pages: contract.max_pages },
            pre_initialized,
            code_from,
            isolate: loading.isolated.get().filter(|_| code_from == CodeFrom::Isolate),
            code_bytes: code_bytes(&module),
            loaded_in_ms: elapsed_ms(loading.started),
        };
        let plugin = Self {
            compiled: Arc::new(Compiled { info, exports, instance, code_map, source_map, _shared: shared }),
            limits: *limits,
        };
        plugin.check_resources(limits)?;
        Ok(plugin)
    }

    /// The same plugin under other limits.
    pub(crate) fn with_limits(&self, sandbox: &SandboxConfig) -> Result<Self, HostError> {
        let limits = self.limits.with(sandbox)?;
        self.check_resources(&limits)?;
        Ok(Self { compiled: Arc::clone(&self.compiled), limits })
    }

    pub(crate) fn check_digest(&self, expected: Option<&str>) -> Result<(), HostError> {
        check_digest(self.key(), &self.compiled.info.sha256, expected)
    }

    pub(crate) fn instantiate(&self, store: impl AsContextMut<Data = Cell>) -> wasmtime::Result<Instance> {
        self.compiled.instance.instantiate(store)
    }

    pub(crate) fn exports(&self) -> &Exports {
        &self.compiled.exports
    }

    /// What each call has to run before it asks for room. Not where that was done when the plugin was loaded.
    pub(crate) fn initialize(&self) -> Option<&ModuleExport> {
        self.exports().initialize.as_ref().filter(|_| !self.info().pre_initialized)
    }

    pub(crate) fn hook(&self, name: &str) -> Result<&ModuleExport, HostError> {
        self.exports().hook(name).ok_or_else(|| HostError::NoHook {
            plugin: self.key().to_owned(),
            hook: name.to_owned(),
            hooks: self.exports().hook_names(),
        })
    }

    /// Where its own code lies in what was compiled.
    pub(crate) fn code_map(&self) -> &CodeMap {
        &self.compiled.code_map
    }

    pub(crate) fn source_map(&self) -> Option<&SourceMap> {
        self.compiled.source_map.as_ref()
    }

    pub(crate) fn key(&self) -> &str {
        &self.compiled.info.key
    }

    pub(crate) fn info(&self) -> &PluginInfo {
        &self.compiled.info
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Refuses a plugin that could not even be instantiated under its limits.
    fn check_resources(&self, limits: &Limits) -> Result<(), HostError> {
        let needed = self.compiled.instance.module().resources_required();
        let checks = [
            (Limit::MEMORY_PAGES, "pages of memory", needed.max_initial_memory_size, limits.max_memory_pages()),
            (Limit::TABLE_ELEMENTS, "table elements", needed.max_initial_table_size, limits.max_table_elements()),
        ];
        for (limit, what, needed, allowed) in checks {
            if needed.is_some_and(|needed| needed > allowed) {
                let (key, needed, name) = (quoted(self.key()), needed.unwrap_or_default(), limit.name);
                let message = format!("plugin {key} starts with {needed} {what}; {name} is {allowed}");
                return Err(HostError::limit(name, message));
            }
        }
        Ok(())
    }
}

fn check_digest(key: &str, actual: &str, expected: Option<&str>) -> Result<(), HostError> {
    match expected {
        Some(expected) if !expected.eq_ignore_ascii_case(actual) => Err(HostError::Digest {
            plugin: key.to_owned(),
            expected: expected.to_ascii_lowercase(),
            actual: actual.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Whether the code was compiled just now or comes from a cache that knows other limits.
fn check_code(key: &str, module: &Module, limits: &Limits) -> Result<(), HostError> {
    let (bytes, most) = (u64::try_from(code_bytes(module)).unwrap_or(u64::MAX), limits.max_code_bytes());
    if bytes <= most {
        return Ok(());
    }
    let (key, name) = (quoted(key), Limit::CODE_BYTES.name);
    Err(HostError::limit(name, format!("plugin {key} has {bytes} bytes of machine code; {name} is {most}")))
}

/// SHA-256 of bytes, as text.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&compiler::digest(bytes))
}

fn hexadecimal(digest: &ModuleDigest) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn code_bytes(module: &Module) -> usize {
    let image = module.image_range();
    (image.end as usize).saturating_sub(image.start as usize)
}

fn elapsed_ms(started: Instant) -> f64 {
    let elapsed: Duration = started.elapsed();
    elapsed.as_secs_f64() * 1_000.0
}
