//! The runtime: the plugins of one application, and the limits they run under.

use std::cell::Cell;
use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::call::call::{self, Cancels, HookRequest, ResolvedHook};
use crate::call::chain::{self, ChainRequest, ChainResult};
use crate::call::context::Context;
use crate::compile::cache::code_cache::CodeCache;
use crate::compile::module_id::sha256;
use crate::engine::Engine;
use crate::error::HostError;
use crate::limits::{Limits, SandboxConfig};
use crate::module::file::{self, ModuleFile, canonical_key};
use crate::plugin::info::PluginInfo;
use crate::plugin::load;
use crate::plugin::load_options::LoadOptions;
use crate::plugin::load_turn::LoadTurn;
use crate::plugin::loading::Loading;
use crate::plugin::plugin::Plugin;
use crate::plugin::registry::{Origin, Registry, Replacement};
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::config::Allocation;

/// Calls that a runtime with an engine of its own may run at once.
const DEFAULT_SLOTS: u32 = 16;

/// Why a plugin has no file to be read anew.
const NO_FILE: &str = "it was loaded from bytes, not from a file: give reloadPlugin its new bytes";

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

    /// Says that a load of this path or name is asked for now. Loads and unloads of a plugin take effect in the order in
    /// which they were asked for, whenever they end; the loads that take no turn are asked for when they are called.
    #[must_use]
    pub fn take_load_turn(&self, plugin: &str) -> LoadTurn {
        LoadTurn::take(&self.registry, plugin)
    }

    /// Has the load with this turn come to nothing: a compiler process is ended, a load that compiles in this process
    /// goes on until that is done, and ends in [`HostError::Cancelled`] then. Gives `false` where the load has taken effect
    /// already.
    pub fn cancel_load(&self, turn: &LoadTurn) -> bool {
        let was_pending = turn.abandon();
        self.cancel(turn.cancel_token());
        was_pending
    }

    /// Loads the plugin in a file. A second load of the same file, however its path is spelled, changes nothing, even
    /// where the file has changed ([`Self::has_file_changed`], [`Self::reload_plugin_in_turn`]).
    ///
    /// # Errors
    /// As for [`Self::load_plugin_with`].
    pub fn load_plugin(&self, path: impl AsRef<Path>) -> Result<PluginInfo, HostError> {
        self.load_plugin_with(path, &LoadOptions::default())
    }

    /// As [`Self::load_plugin`], with options. A second load neither reads nor compiles; it checks the digest, and the
    /// limits that it gives apply from then on. Where bytes were loaded under a path to the file, the file takes their place.
    ///
    /// # Errors
    /// [`HostError::Read`], [`HostError::Digest`], [`HostError::Compile`], [`HostError::Import`], [`HostError::Abi`],
    /// [`HostError::Isolate`] or [`HostError::Limit`]; nothing that was loaded before is lost.
    pub fn load_plugin_with(&self, path: impl AsRef<Path>, options: &LoadOptions) -> Result<PluginInfo, HostError> {
        let turn = self.take_load_turn(&path.as_ref().to_string_lossy());
        self.load_plugin_in_turn(path, options, &turn)
    }

    /// As [`Self::load_plugin_with`], for a load that was asked for when this turn was taken. Where an unload was asked for
    /// since, the plugin stays unloaded.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_with`], and [`HostError::Cancelled`] where the load was cancelled.
    pub fn load_plugin_in_turn(
        &self,
        path: impl AsRef<Path>,
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        let started = Instant::now();
        let path = path.as_ref();
        let key = canonical_key(path).map_err(|error| file::read_error(path, error))?;
        self.registry.loads(turn.number(), &key);
        let loaded = match self.registry.origin(&key) {
            Some(Origin::File(stamp)) => self.registry.get(&key).map(|plugin| (plugin, stamp)),
            _ => None,
        };
        let (plugin, stamp) = if let Some(loaded) = loaded {
            loaded
        } else {
            let limits = self.limits.with(&options.sandbox)?;
            let file = ModuleFile::open(&key)?;
            let stamp = file.stamp();
            let bytes = file.read(&limits)?;
            (load::load(key, &bytes, &self.loading(options, &limits, turn, started))?, stamp)
        };
        let plugin = self.registry.join(plugin, stamp, path.to_str(), options, turn.number())?;
        if let Some(spelling) = path.to_str() {
            self.registry.remember(spelling, plugin.key());
        }
        tracing::debug!(plugin = plugin.key(), "plugin loaded");
        Ok(plugin.info().clone())
    }

    /// Reads the plugin's file anew, and puts what it finds in the place of the plugin that this path meant, in one step:
    /// a call gets the one or the other. Limits that were given before hold on, under those of `options`. Where a link in
    /// the path leads to another file by now, whatever meant the plugin means the new one. A plugin that is not loaded is
    /// loaded.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_in_turn`]; the plugin that is loaded stays then.
    pub fn reload_plugin_in_turn(
        &self,
        path: impl AsRef<Path>,
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        let started = Instant::now();
        let path = path.as_ref();
        let spelling = path.to_str();
        let former = spelling.and_then(|spelling| self.registry.key_of(spelling));
        let key =
            canonical_key(path).map_err(|error| match former.as_ref().and_then(|key| self.registry.origin(key)) {
                Some(Origin::Bytes(_)) => file::read_error(path, io::Error::other(NO_FILE)),
                _ => file::read_error(path, error),
            })?;
        self.registry.loads(turn.number(), &key);
        let limits = self.limits_of(former.as_deref(), options)?;
        let file = ModuleFile::open(&key)?;
        let origin = Origin::File(file.stamp());
        let bytes = file.read(&limits)?;
        let plugin = load::load(key, &bytes, &self.loading(options, &limits, turn, started))?;
        let info = plugin.info().clone();
        let (sandbox, takes_over) = (&options.sandbox, former.as_deref());
        let new = Replacement { plugin, sandbox, origin, keeps_limits: true, takes_over, spelling };
        self.registry.replace(new, turn.number())?;
        if let Some(spelling) = spelling {
            self.registry.remember(spelling, &info.key);
        }
        tracing::debug!(plugin = info.key, "plugin reloaded");
        Ok(info)
    }

    /// Has the file of this plugin other contents than when it was loaded? `false` where that is not known: it is gone, or
    /// cannot be read.
    #[must_use]
    pub fn has_file_changed(&self, plugin: &str) -> bool {
        let Some(plugin) = self.registry.find(plugin) else { return false };
        let Some(Origin::File(stamp)) = self.registry.origin(plugin.key()) else { return false };
        let Ok(file) = ModuleFile::open(plugin.key()) else { return false };
        if file.stamp() == stamp {
            return false;
        }
        // One that is too long to be read is another than the one that was loaded.
        file.read(&plugin.limits()).map_or(true, |bytes| plugin.check_digest(Some(&sha256(&bytes))).is_err())
    }

    /// Loads a plugin from its bytes, in place of what has this name.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_with`].
    pub fn load_plugin_bytes(&self, name: &str, bytes: &[u8]) -> Result<PluginInfo, HostError> {
        self.load_plugin_bytes_with(name, bytes, &LoadOptions::default())
    }

    /// As [`Self::load_plugin_bytes`], with options. A name that is a path to a plugin's file replaces that plugin, however
    /// the path is spelled, so that all spellings mean the new one.
    ///
    /// # Errors
    /// [`HostError::Digest`], [`HostError::Compile`], [`HostError::Import`], [`HostError::Abi`], [`HostError::Isolate`] or
    /// [`HostError::Limit`]; the plugin that had the name stays in place then.
    pub fn load_plugin_bytes_with(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
    ) -> Result<PluginInfo, HostError> {
        self.load_plugin_bytes_in_turn(name, bytes, options, &self.take_load_turn(name))
    }

    /// As [`Self::load_plugin_bytes_with`], for a load that was asked for when this turn was taken. Where another load or an
    /// unload of the name was asked for since, the plugin is checked and compiled all the same, and then dropped.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_with`], and [`HostError::Cancelled`] where the load was cancelled.
    pub fn load_plugin_bytes_in_turn(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        self.put_bytes(name, bytes, options, turn, false)
    }

    /// As [`Self::load_plugin_bytes_in_turn`], but limits that were given before hold on, under those of `options`.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_in_turn`].
    pub fn reload_plugin_bytes_in_turn(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        self.put_bytes(name, bytes, options, turn, true)
    }

    /// Refuses a module of so many bytes where its load would refuse it for that, or its reload with `keeps_limits`, before
    /// anybody copies them.
    ///
    /// # Errors
    /// [`HostError::Limit`].
    pub fn check_module_length(
        &self,
        name: &str,
        bytes: usize,
        options: &LoadOptions,
        keeps_limits: bool,
    ) -> Result<(), HostError> {
        let limits = self.limits_of(Some(name).filter(|_| keeps_limits), options)?;
        file::check_length(name, bytes as u64, &limits)
    }

    fn put_bytes(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
        turn: &LoadTurn,
        keeps_limits: bool,
    ) -> Result<PluginInfo, HostError> {
        let started = Instant::now();
        let former = self.registry.key_of(name);
        let key = former.clone().unwrap_or_else(|| name.to_owned());
        self.registry.loads(turn.number(), &key);
        let limits = self.limits_of(former.as_deref().filter(|_| keeps_limits), options)?;
        file::check_length(&key, bytes.len() as u64, &limits)?;
        let plugin = load::load(key, bytes, &self.loading(options, &limits, turn, started))?;
        let info = plugin.info().clone();
        let origin = Origin::Bytes(canonical_key(Path::new(name)).ok());
        let sandbox = &options.sandbox;
        let new = Replacement { plugin, sandbox, origin, keeps_limits, takes_over: None, spelling: None };
        self.registry.replace(new, turn.number())?;
        tracing::debug!(plugin = info.key, "plugin loaded");
        Ok(info)
    }

    /// The limits that a plugin is reloaded under.
    fn limits_of(&self, former: Option<&str>, options: &LoadOptions) -> Result<Limits, HostError> {
        let given = former.map(|key| self.registry.given(key)).unwrap_or_default();
        self.limits.with(&given)?.with(&options.sandbox)
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

    /// The longest context that the plugin may be given, in bytes, as it is loaded now; what the runtime's own limits allow
    /// where it is not.
    #[must_use]
    pub fn most_context_bytes(&self, plugin: &str) -> usize {
        self.registry.find(plugin).map_or(self.limits, |plugin| plugin.limits()).context_bytes()
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
        self.engine.supervisor().look();
    }

    /// Ends all calls and loads of this runtime, those to come as well.
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
        self.registry.find(plugin).ok_or_else(|| {
            let plugin = plugin.to_owned();
            if self.registry.is_loading(&plugin) {
                HostError::StillLoading { plugin }
            } else {
                HostError::NotLoaded { plugin }
            }
        })
    }

    fn cancels<'a>(&'a self, call: Option<&'a CancelToken>) -> Cancels<'a> {
        Cancels { runtime: &self.cancel, call }
    }

    fn loading<'a>(
        &'a self,
        options: &'a LoadOptions,
        limits: &'a Limits,
        turn: &'a LoadTurn,
        started: Instant,
    ) -> Loading<'a> {
        let (engine, cache, cancel) = (&*self.engine, self.code_cache.as_ref(), &self.cancel);
        Loading { engine, options, limits, cache, cancel, turn, isolated: Cell::default(), started }
    }
}
