//! The runtime: the plugins of one application, and the limits they run under.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::call::{self, Cancels, HookRequest, ResolvedHook};
use crate::cancel::CancelToken;
use crate::chain::{self, ChainRequest, ChainResult};
use crate::code_cache::CodeCache;
use crate::context::Context;
use crate::engine::{Allocation, Engine};
use crate::error::HostError;
use crate::limits::{Limits, SandboxConfig};
use crate::plugin::{LoadOptions, Loading, Plugin, PluginInfo};
use crate::registry::{LoadTurn, Registry, canonical_key};

/// Calls that a runtime with an engine of its own may run at once.
const DEFAULT_SLOTS: u32 = 16;

/// Loads plugins and calls their hooks. All methods may be used from many threads at once.
pub struct WasmRuntime {
    engine: Arc<Engine>,
    limits: Limits,
    registry: Arc<Registry>,
    code_cache: Option<CodeCache>,
    /// Cancels every call, those to come as well.
    cancel: CancelToken,
}

impl WasmRuntime {
    /// A runtime with the default limits and an engine of its own, for 16 calls at once.
    ///
    /// # Errors
    /// [`HostError::Internal`] where the machine does not give an engine.
    pub fn new() -> Result<Self, HostError> {
        Self::with_sandbox(&SandboxConfig::default())
    }

    /// A runtime with these limits and an engine of its own, for 16 calls at once.
    ///
    /// # Errors
    /// [`HostError::Limit`] names an option that is out of bounds; [`HostError::Internal`] as for [`Self::new`].
    pub fn with_sandbox(sandbox: &SandboxConfig) -> Result<Self, HostError> {
        Self::with_engine(Arc::new(Engine::new(DEFAULT_SLOTS)?), sandbox)
    }

    /// A runtime with these limits on a shared engine.
    ///
    /// # Errors
    /// [`HostError::Limit`] names an option that is out of bounds.
    pub fn with_engine(engine: Arc<Engine>, sandbox: &SandboxConfig) -> Result<Self, HostError> {
        let limits = Limits::default().with(sandbox)?;
        Ok(Self { engine, limits, registry: Arc::default(), code_cache: None, cancel: CancelToken::default() })
    }

    /// Looks for compiled code in this cache first, and keeps there what it compiles.
    #[must_use]
    pub fn with_code_cache(mut self, cache: CodeCache) -> Self {
        self.code_cache = Some(cache);
        self
    }

    /// Says that a load on this runtime is asked for now. Loads and unloads of a plugin take effect in the order in
    /// which they were asked for, whenever they end; the loads that take no turn are asked for when they are called.
    #[must_use]
    pub fn take_load_turn(&self) -> LoadTurn {
        LoadTurn::take(&self.registry)
    }

    /// Loads the plugin in a file. A second load of the same file, however its path is spelled, changes nothing.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_with`].
    pub fn load_plugin(&self, path: impl AsRef<Path>) -> Result<PluginInfo, HostError> {
        self.load_plugin_with(path, &LoadOptions::default())
    }

    /// As [`Self::load_plugin`], with options. A second load neither reads nor compiles; it checks the digest, and the
    /// limits that it gives apply from then on.
    ///
    /// # Errors
    /// [`HostError::Read`], [`HostError::Digest`], [`HostError::Compile`], [`HostError::Import`], [`HostError::Abi`],
    /// or [`HostError::Limit`]; nothing that was loaded before is lost.
    pub fn load_plugin_with(&self, path: impl AsRef<Path>, options: &LoadOptions) -> Result<PluginInfo, HostError> {
        self.load_plugin_in_turn(path, options, &self.take_load_turn())
    }

    /// As [`Self::load_plugin_with`], for a load that was asked for when this turn was taken. Where an unload was asked for
    /// since, the plugin stays unloaded.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_with`].
    pub fn load_plugin_in_turn(
        &self,
        path: impl AsRef<Path>,
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        let started = Instant::now();
        let path = path.as_ref();
        let read_error = |source| HostError::Read { path: path.to_owned(), source };
        let key = canonical_key(path).map_err(read_error)?;
        let plugin = if let Some(plugin) = self.registry.get(&key) {
            plugin
        } else {
            let limits = self.limits.with(&options.sandbox)?;
            let bytes = read_module(Path::new(&key), limits.module_bytes()).map_err(read_error)?;
            Plugin::compile(key, &bytes, &self.loading(options, &limits, started))?
        };
        let plugin = self.registry.join(plugin, options, turn)?;
        if let Some(spelling) = path.to_str() {
            self.registry.remember(spelling, plugin.key());
        }
        tracing::debug!(plugin = plugin.key(), "plugin loaded");
        Ok(plugin.info().clone())
    }

    /// Loads a plugin from its bytes, in place of what has this name.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_with`].
    pub fn load_plugin_bytes(&self, name: &str, bytes: &[u8]) -> Result<PluginInfo, HostError> {
        self.load_plugin_bytes_with(name, bytes, &LoadOptions::default())
    }

    /// As [`Self::load_plugin_bytes`], with options.
    ///
    /// # Errors
    /// [`HostError::Digest`], [`HostError::Compile`], [`HostError::Import`], [`HostError::Abi`] or
    /// [`HostError::Limit`]; the plugin that had the name stays in place then.
    pub fn load_plugin_bytes_with(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
    ) -> Result<PluginInfo, HostError> {
        self.load_plugin_bytes_in_turn(name, bytes, options, &self.take_load_turn())
    }

    /// As [`Self::load_plugin_bytes_with`], for a load that was asked for when this turn was taken. Where another load or an
    /// unload of the name was asked for since, the plugin is checked and compiled all the same, and then dropped.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_with`].
    pub fn load_plugin_bytes_in_turn(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        let started = Instant::now();
        let limits = self.limits.with(&options.sandbox)?;
        let plugin = Plugin::compile(name.to_owned(), bytes, &self.loading(options, &limits, started))?;
        let info = plugin.info().clone();
        self.registry.replace(plugin, &options.sandbox, turn);
        tracing::debug!(plugin = name, "plugin loaded");
        Ok(info)
    }

    /// Calls a hook in a fresh cell, and gives the result as JSON text:
    ///
    /// ```json
    /// {"ok":true,"ctx":{"input":{}},"usage":{"fuel":1,"memoryBytes":65536,"queueMs":0.0,"runMs":0.1}}
    /// ```
    ///
    /// `ctx` holds only what the plugin changed. See [`HookResult`](crate::HookResult) for the other outcomes.
    ///
    /// # Errors
    /// As for [`Self::call_hook_with`].
    pub fn call_hook(&self, plugin: &str, hook: &str, context: &Context<'_>) -> Result<String, HostError> {
        let request =
            HookRequest { plugin, hook, context, sandbox: SandboxConfig::default(), cancel: None, queued_at: None };
        let json = self.call_hook_with(&request, |result| serde_json::to_string(result))?;
        json.map_err(|error| HostError::Internal(error.to_string()))
    }

    /// Calls a hook in a fresh cell and hands the result to `read`, while the guest's memory that it borrows from is
    /// still there. A plugin that breaks is a result ([`Outcome::Faulted`](crate::Outcome::Faulted)), not an error.
    ///
    /// # Errors
    /// [`HostError::NotLoaded`], [`HostError::NoHook`], [`HostError::Limit`] for a context that is too long or an option
    /// out of bounds, [`HostError::Busy`] where the engine's cells are all taken, [`HostError::Cancelled`].
    pub fn call_hook_with<R>(
        &self,
        request: &HookRequest<'_>,
        read: impl FnOnce(&crate::HookResult<'_>) -> R,
    ) -> Result<R, HostError> {
        let plugin = self.find(request.plugin)?;
        let hook = ResolvedHook::resolve(&plugin, request.hook, &request.sandbox)?;
        hook.admit(request.context.as_json())?;
        request.context.check_harmless()?;
        let queue_ms = call::waited_ms(request.queued_at);
        hook.run(&self.engine, self.cancels(request.cancel), request.context.as_json(), queue_ms, read)
    }

    /// Calls a hook of one plugin after the other, each in a fresh cell, on the context as those before it left it; the
    /// first that says no or breaks is the last. What it came to is handed to `read`.
    ///
    /// All plugins and hooks are looked up before the first one runs.
    ///
    /// # Errors
    /// As for [`Self::call_hook_with`], of which these may come when some of the plugins have run:
    /// [`HostError::Limit`] where a plugin may not be given a context as long as the one before it was,
    /// [`HostError::Busy`], [`HostError::Cancelled`], and [`HostError::Context`] where a context that was
    /// [trusted](Context::from_trusted_json) is not of the contract's shape, so that nothing can be changed in it.
    pub fn call_chain_with<R>(
        &self,
        request: &ChainRequest<'_>,
        read: impl FnOnce(&ChainResult<'_>) -> R,
    ) -> Result<R, HostError> {
        let plugins = request.plugins.iter().map(|chained| self.find(chained.plugin)).collect::<Result<Vec<_>, _>>()?;
        chain::run(&self.engine, &plugins, self.cancels(request.cancel), request, read)
    }

    /// How the cells of this runtime get their memory.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        self.engine.allocation()
    }

    /// Ends the call that carries this token: one that has not begun never runs, a running guest is interrupted at its
    /// next loop or function call. It ends in [`HostError::Cancelled`].
    pub fn cancel(&self, token: &CancelToken) {
        self.engine.watchdog().cancel(token);
    }

    /// Ends all calls of this runtime, those to come as well.
    pub fn cancel_all(&self) {
        self.cancel(&self.cancel);
    }

    /// Is a plugin loaded under this name or path?
    #[must_use]
    pub fn is_loaded(&self, plugin: &str) -> bool {
        self.registry.find(plugin).is_some()
    }

    /// Unloads a plugin; calls under way finish. Gives whether it was loaded.
    pub fn unload_plugin(&self, plugin: &str) -> bool {
        self.registry.remove(plugin)
    }

    /// The plugins that are loaded, sorted by key.
    #[must_use]
    pub fn plugins(&self) -> Vec<PluginInfo> {
        self.registry.all().iter().map(|plugin| plugin.info().clone()).collect()
    }

    /// The numbers of the plugins that are loaded, sorted by key, and what is known of those whose number is not among
    /// `known`.
    #[must_use]
    pub fn plugins_beside(&self, known: &HashSet<u64>) -> (Vec<u64>, Vec<PluginInfo>) {
        let plugins = self.registry.all();
        let numbers = plugins.iter().map(|plugin| plugin.info().number.0).collect();
        let others = plugins.iter().map(Plugin::info).filter(|info| !known.contains(&info.number.0)).cloned().collect();
        (numbers, others)
    }

    fn find(&self, plugin: &str) -> Result<Plugin, HostError> {
        self.registry.find(plugin).ok_or_else(|| HostError::NotLoaded { plugin: plugin.to_owned() })
    }

    fn cancels<'a>(&'a self, call: Option<&'a CancelToken>) -> Cancels<'a> {
        Cancels { runtime: &self.cancel, call }
    }

    fn loading<'a>(&'a self, options: &'a LoadOptions, limits: &'a Limits, started: Instant) -> Loading<'a> {
        let (engine, cache, cancel) = (&*self.engine, self.code_cache.as_ref(), &self.cancel);
        Loading { engine, options, limits, cache, cancel, started }
    }
}

/// Reads a file: the whole of it where it has at most `limit` bytes, else enough to tell that it has more.
fn read_module(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    // A pipe or a device may block for ever, or never end.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
