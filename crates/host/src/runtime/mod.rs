//! The runtime: the plugins of one application, and their limits.

mod config_check;
mod loads;
mod touched;

use std::collections::HashSet;
use std::sync::Arc;

use crate::call::cells::finished_cells::FinishedCells;
use crate::call::chain::{self, ChainCall};
use crate::call::chain_result::ChainResult;
use crate::call::context::Context;
use crate::call::inline::InlineRun;
use crate::call::resolved_hook::ResolvedHook;
use crate::call::{Cancels, Handed, HookCall, Host};
use crate::compile::cache::code_cache::CodeCache;
use crate::engine::Engine;
use crate::error::HostError;
use crate::limits::{LimitOverrides, Limits};
use crate::plugin::Plugin;
use crate::plugin::info::PluginInfo;
use crate::plugin::registry::Registry;
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::config::Allocation;

/// The number of calls that a runtime with its own engine can run at once.
const DEFAULT_SLOTS: u32 = 16;

/// Loads plugins and calls their hooks. All methods may be called from many threads at once.
pub struct WasmRuntime {
    engine: Arc<Engine>,
    limits: Limits,
    registry: Arc<Registry>,
    code_cache: Option<CodeCache>,
    /// Cancels all calls and loads, now and in the future.
    cancel: CancelToken,
}

impl WasmRuntime {
    /// A runtime with the default limits and its own engine, for 16 calls at once.
    ///
    /// # Errors
    /// [`HostError::Internal`] if the machine cannot provide an engine.
    pub fn new() -> Result<Self, HostError> {
        Self::with_sandbox(&LimitOverrides::default())
    }

    /// A runtime with these limits and its own engine, for 16 calls at once.
    ///
    /// # Errors
    /// [`HostError::Limit`] if an option is out of bounds; [`HostError::Internal`] as for [`Self::new`].
    pub fn with_sandbox(sandbox: &LimitOverrides) -> Result<Self, HostError> {
        Self::with_engine(Arc::new(Engine::new(DEFAULT_SLOTS)?), sandbox)
    }

    /// A runtime with these limits on a shared engine.
    ///
    /// # Errors
    /// [`HostError::Limit`] if an option is out of bounds.
    pub fn with_engine(engine: Arc<Engine>, sandbox: &LimitOverrides) -> Result<Self, HostError> {
        let limits = Limits::default().with(sandbox)?;
        Ok(Self { engine, limits, registry: Arc::default(), code_cache: None, cancel: CancelToken::default() })
    }

    /// Looks for compiled code in this cache first, and adds the code that it compiles.
    #[must_use]
    pub fn with_code_cache(mut self, cache: CodeCache) -> Self {
        self.code_cache = Some(cache);
        self
    }

    /// Calls a hook in a fresh cell, and returns the result as JSON text:
    ///
    /// ```json
    /// {"ok":true,"ctx":{"input":{}},"usage":{"fuel":1,"memoryBytes":65536,"queueMs":0.0,"runMs":0.1}}
    /// ```
    ///
    /// `ctx` has only the parts that the plugin changed. See [`HookResult`](crate::HookResult) for the other outcomes.
    ///
    /// # Errors
    /// As for [`Self::call_hook_with`].
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is for one lifetime of a result, not for all"
    )]
    pub fn call_hook(&self, plugin: &str, hook: &str, context: &Context<'_>) -> Result<String, HostError> {
        let call = HookCall { plugin, hook, context, sandbox: None, cancel: None, queued_at: None };
        self.call_hook_with(&call, |result| result.to_json())?
    }

    /// Calls a hook in a fresh cell and gives the result to `read` before the guest's memory, which it borrows from, is freed.
    /// A fault of the plugin is a result ([`Outcome::Fault`](crate::Outcome::Fault)) and not an error.
    ///
    /// # Errors
    /// [`HostError::NotLoaded`], [`HostError::NoHook`], [`HostError::Limit`] if the context is too long or an option is out of
    /// bounds, [`HostError::Busy`] if all cells of the engine are in use, [`HostError::Cancelled`].
    pub fn call_hook_with<R>(
        &self,
        request: &HookCall<'_>,
        read: impl FnOnce(&crate::HookResult<'_>) -> R,
    ) -> Result<R, HostError> {
        self.call_hook_before_reset(request, &mut FinishedCells::none(), read)
    }

    /// [`Self::call_hook_with`], which may return before the call's cell is reset: that is left in `finished`.
    ///
    /// # Errors
    /// As for [`Self::call_hook_with`].
    pub fn call_hook_before_reset<R>(
        &self,
        request: &HookCall<'_>,
        finished: &mut FinishedCells,
        read: impl FnOnce(&crate::HookResult<'_>) -> R,
    ) -> Result<R, HostError> {
        let plugin = self.find(request.plugin)?;
        let hook = ResolvedHook::of_call(&plugin, request)?;
        hook.admit(request.context.as_json())?;
        let context = Handed { json: request.context.as_json(), parts: request.context.check_harmless()? };
        let mut host = self.host(request.cancel, finished);
        let queue_ms = host.waited_ms(request.queued_at);
        hook.run(&mut host, context, queue_ms, |result| read(&result))
    }

    /// [`Self::call_hook_with`] for a thread that must not be held for long: the call runs with the fuel that
    /// [`LimitOverrides::inline_fuel`] sets, on the calling thread. It returns `None` if the call must be made again on another
    /// thread: if there is no such fuel, if the guest needs more, or if the context, the plugin's memory or its result is
    /// large. A plugin that needs more often is not tried for a while.
    ///
    /// # Errors
    /// As for [`Self::call_hook_with`], except [`HostError::Busy`], which is `None`.
    pub fn call_hook_inline<R>(
        &self,
        request: &HookCall<'_>,
        read: impl FnOnce(&crate::HookResult<'_>) -> R,
    ) -> Result<Option<R>, HostError> {
        let plugin = self.find(request.plugin)?;
        let hook = ResolvedHook::of_call(&plugin, request)?;
        let json = request.context.as_json();
        hook.admit(json)?;
        let Some(run) = InlineRun::of(std::iter::once(hook.inline()), hook.context_bytes(json)) else {
            return Ok(None);
        };
        let context = Handed { json, parts: request.context.check_harmless()? };
        hook.run_inline(&mut self.host(request.cancel, &mut FinishedCells::none()), context, run, |result| {
            read(&result)
        })
    }

    /// Calls a hook of several plugins in order, each in a fresh cell, on the context as the plugins before it left it. The first
    /// rejection or fault ends the chain. The result is given to `read`.
    ///
    /// All plugins and hooks are looked up before the first one runs.
    ///
    /// # Errors
    /// As for [`Self::call_hook_with`]. These can occur after some of the plugins have run: [`HostError::Limit`] if a plugin
    /// accepts only a shorter context than the one before it, [`HostError::Busy`], [`HostError::Cancelled`], and
    /// [`HostError::Context`] if a [trusted](Context::from_trusted_json) context is not of the contract's shape.
    pub fn call_chain_with<R>(
        &self,
        request: &ChainCall<'_>,
        read: impl FnOnce(&ChainResult<'_>) -> R,
    ) -> Result<R, HostError> {
        self.call_chain_before_reset(request, &mut FinishedCells::none(), read)
    }

    /// [`Self::call_chain_with`], which may return before the cells are reset: they are left in `finished`.
    ///
    /// # Errors
    /// As for [`Self::call_chain_with`].
    pub fn call_chain_before_reset<R>(
        &self,
        request: &ChainCall<'_>,
        finished: &mut FinishedCells,
        read: impl FnOnce(&ChainResult<'_>) -> R,
    ) -> Result<R, HostError> {
        let plugins = self.find_all(request)?;
        chain::run(&mut self.host(request.cancel, finished), &plugins, request, read)
    }

    /// [`Self::call_chain_with`] on the calling thread, as in [`Self::call_hook_inline`]. All plugins together have the smallest
    /// [`LimitOverrides::inline_fuel`] among them. It returns `None` if they need more, and then none of them has had an effect.
    ///
    /// # Errors
    /// As for [`Self::call_hook_inline`].
    pub fn call_chain_inline<R>(
        &self,
        request: &ChainCall<'_>,
        read: impl FnOnce(&ChainResult<'_>) -> R,
    ) -> Result<Option<R>, HostError> {
        let plugins = self.find_all(request)?;
        chain::run_in(&mut self.host(request.cancel, &mut FinishedCells::none()), &plugins, request, true, read)
    }

    /// The longest context that the loaded plugin accepts, in bytes; that of the runtime's own limits if it is not loaded.
    #[must_use]
    pub fn most_context_bytes(&self, plugin: &str) -> usize {
        self.registry.look_at(plugin, Plugin::most_context_bytes).unwrap_or_else(|| self.limits.context_bytes())
    }

    /// How the cells of this runtime get their memory.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        self.engine.allocation()
    }

    /// Cancels the call with this token, which then ends with [`HostError::Cancelled`]. A call that has not begun never runs, and
    /// a running guest is interrupted at its next loop or function call.
    pub fn cancel(&self, token: &CancelToken) {
        self.engine.cancel(token);
    }

    /// Cancels all calls and loads of this runtime, now and in the future.
    pub fn cancel_all(&self) {
        self.cancel(&self.cancel);
    }

    /// Is a plugin loaded under this name or path?
    #[must_use]
    pub fn is_loaded(&self, plugin: &str) -> bool {
        self.registry.find(plugin).is_some()
    }

    /// Unloads a plugin. Calls under way finish. Returns whether it was loaded.
    pub fn unload_plugin(&self, plugin: &str) -> bool {
        self.registry.remove(plugin)
    }

    /// The plugins that are loaded, sorted by key.
    #[must_use]
    pub fn plugins(&self) -> Vec<PluginInfo> {
        self.registry.all().iter().map(|plugin| plugin.info().clone()).collect()
    }

    /// The numbers of the loaded plugins, sorted by key, and the plugins whose numbers are not in `known`.
    #[must_use]
    pub fn plugins_beside(&self, known: &HashSet<u64>) -> (Vec<u64>, Vec<PluginInfo>) {
        let plugins = self.registry.all();
        let numbers = plugins.iter().map(|plugin| plugin.info().number.0).collect();
        let others = plugins.iter().map(Plugin::info).filter(|info| !known.contains(&info.number.0)).cloned().collect();
        (numbers, others)
    }

    #[cfg(test)]
    pub(crate) fn ready_cells(&self) -> &crate::sandbox::ready_cells::ReadyCells {
        self.engine.ready_cells()
    }

    #[cfg(test)]
    pub(crate) fn ready_count(&self) -> usize {
        self.ready_cells().count()
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

    fn find_all(&self, request: &ChainCall<'_>) -> Result<Vec<Plugin>, HostError> {
        let names = || request.plugins.iter().map(|chained| chained.plugin);
        self.registry.find_known(names()).map_or_else(|| names().map(|name| self.find(name)).collect(), Ok)
    }

    fn host<'a>(&'a self, call: Option<&'a CancelToken>, finished: &'a mut FinishedCells) -> Host<'a> {
        let cancels = Cancels { runtime: &self.cancel, call };
        Host { engine: &self.engine, cancels, finished, watch: None, now: None }
    }
}
