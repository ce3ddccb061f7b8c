//! The class behind TypeScript's `WasmRuntime`: a `hookcell_host::WasmRuntime` on the engine of the process.

#![expect(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]

use std::sync::Arc;
use std::time::Duration;

use hookcell_host::{Allocation, LoadTurn, WasmRuntime};
use napi::bindgen_prelude::{Env, Error, Function, FunctionCallContext, PromiseRaw, Result};
use napi_derive::napi;

use crate::call::chain::NamedChain;
use crate::call::door::{Door, Taken};
use crate::call::hook::NamedHook;
use crate::call::options::{CallCounts, CallOptions, QueueSettings, bytes, poll_within};
use crate::call::sync::{self, Given};
use crate::grants::GrantOptions;
use crate::limits::{LimitOptions, limit_overrides, number, whole};
use crate::load::{self, Loads, NativeLoadOptions};
use crate::process::{self, CodeCacheOptions};
use crate::queue::batch::{self, BatchText};
use crate::queue::hook_queue::{HookQueue, Wake};
use crate::queue::limits::QueueLimits;
use crate::reply;

/// A function for JavaScript. A call of it costs less than that of a method, whose receiver is checked and registered.
type Made<'env, R> = Function<'env, (), R>;

/// The loaded plugins.
#[napi(object, object_from_js = false)]
pub struct PluginList {
    /// Their numbers, sorted by key.
    pub numbers: Vec<f64>,
    /// A JSON array of `PluginInfo`, for the plugins that were not known.
    pub others: String,
}

/// Loads plugins and calls their hooks. It returns JSON text, including refusals, and numbers; `lib/` reads them.
#[napi]
pub struct NativeRuntime {
    runtime: Arc<WasmRuntime>,
    queue: Arc<HookQueue>,
    door: Arc<Door>,
    loads: Arc<Loads>,
}

#[napi]
impl NativeRuntime {
    /// `wake` is called when there are replies. It must call `takeReplies` on the next turn of the event loop and not at once,
    /// because `wake` can be called again and again, and the loop would never turn.
    ///
    /// The `code` of an error is that of the `HostError`.
    #[napi(constructor)]
    pub fn new(
        env: Env,
        #[napi(ts_arg_type = "() => void")] wake: Wake<'_>,
        queue: QueueSettings,
        limits: Option<LimitOptions>,
        code_cache: Option<CodeCacheOptions>,
    ) -> Result<Self, String> {
        let runtime = process::new_runtime(&limits.as_ref().map(limit_overrides).unwrap_or_default(), code_cache)
            .map_err(|error| Error::new(error.code().to_owned(), error.to_string()))?;
        let queue_timeout = Duration::from_millis(queue.queue_timeout_ms.into());
        let undelivered = bytes(queue.max_undelivered_bytes);
        let limits = QueueLimits::from(queue);
        let queue = HookQueue::new(env, Arc::clone(&runtime), limits, undelivered, &wake)
            .map_err(|error| Error::new("ERR_INTERNAL".to_owned(), error.reason.clone()))?;
        let queue = Arc::new(queue);
        let loads = Arc::new(Loads::new(Arc::clone(&runtime)));
        let door = Door { runtime: Arc::clone(&runtime), queue: Arc::clone(&queue), limits, queue_timeout };
        Ok(Self { runtime, queue, door: Arc::new(door), loads })
    }

    /// Resolves with `{"loaded":PluginInfo}`, `{"loadedBefore":PluginInfo}` if the plugin was already loaded and its file
    /// has changed since, or `{"refused":…}`. `load` is the caller's number for the load, unique among loads in progress.
    #[napi]
    pub fn load_plugin<'env>(
        &self,
        env: &'env Env,
        load: f64,
        path: String,
        options: Option<NativeLoadOptions>,
    ) -> Result<PromiseRaw<'env, String>> {
        let (options, reload) = load::options(options)?;
        let name = path.clone();
        let run = move |runtime: &WasmRuntime, turn: &LoadTurn| {
            if reload {
                return Ok(reply::loaded(&runtime.reload_plugin_in_turn(path, &options, turn)?, false));
            }
            let info = runtime.load_plugin_in_turn(path, &options, turn)?;
            Ok(reply::loaded(&info, runtime.has_file_changed(&info.key)))
        };
        self.loads.spawn(env, load, &name, Box::new(run))
    }

    /// Resolves with `{"loaded":PluginInfo}` or `{"refused":…}`. The bytes are copied before this returns, unless there are
    /// more than a module may have.
    #[napi]
    pub fn load_plugin_bytes<'env>(
        &self,
        env: &'env Env,
        load: f64,
        name: String,
        bytes: &[u8],
        options: Option<NativeLoadOptions>,
    ) -> Result<PromiseRaw<'env, String>> {
        let (options, reload) = load::options(options)?;
        if let Err(error) = self.runtime.check_module_length(&name, bytes.len(), &options, reload) {
            return env.spawn_future(async move { Ok(reply::refused(&error)) });
        }
        // JavaScript could change the bytes while they are compiled.
        let bytes = bytes.to_vec();
        let key = name.clone();
        let run = move |runtime: &WasmRuntime, turn: &LoadTurn| {
            let put =
                if reload { WasmRuntime::reload_plugin_bytes_in_turn } else { WasmRuntime::load_plugin_bytes_in_turn };
            Ok(reply::loaded(&put(runtime, &name, &bytes, &options, turn)?, false))
        };
        self.loads.spawn(env, load, &key, Box::new(run))
    }

    /// Cancels a load: its promise resolves at once, and it has no effect. Returns `false` if it has already taken effect.
    #[napi]
    pub fn cancel_load(&self, load: f64) -> bool {
        self.loads.cancel(load)
    }

    /// Returns a function that calls a hook of a plugin. It keeps both names and not the plugin: each call looks up what they
    /// mean when it runs.
    ///
    /// The function runs the hook on libuv's pool when it gets a slot. `call` is the caller's number for it, a whole number
    /// greater than any before. `options` are JSON text, an object with `limits`, `queueTimeoutMs`, `tenant`, `cancellable` and
    /// `grants`, each optional. It returns the milliseconds within which to `poll`, `NO_POLL` if no poll is needed, or
    /// `{"refused":…}` if the call is not taken, because the queue is full or the context is too long. With `inlineNumbers`, a
    /// call whose limit `inlineFuel` is not 0 is first tried on the calling thread. If it ends there, the text of its reply is
    /// returned. If a text is returned, its numbers are written to `inlineNumbers`, as those of a batch of one.
    #[napi(
        ts_return_type = "(call: number, context: string, options: string | undefined, inlineNumbers: Float64Array | undefined) => number | string"
    )]
    pub fn prepare_hook<'env>(&self, env: &'env Env, plugin: String, hook: String) -> Result<Made<'env, Taken>> {
        let door = Arc::clone(&self.door);
        let named = Arc::new(NamedHook { plugin, hook });
        env.create_function_from_closure("callHook", move |given: FunctionCallContext<'_>| {
            let options: Option<String> = given.get(2)?;
            let options = CallOptions::parse(options.as_deref())?;
            door.call_hook(*given.env, given.get(0)?, &named, given.get(1)?, options, given.get(3)?)
        })
    }

    /// Returns a function that runs a hook of each plugin in order, in one slot; otherwise as a function of `prepareHook`.
    /// `plugins` is a JSON array of `{"plugin","limits","grants"}`.
    #[napi(
        ts_return_type = "(call: number, context: string, options: string | undefined, inlineNumbers: Float64Array | undefined) => number | string"
    )]
    pub fn prepare_chain<'env>(&self, env: &'env Env, plugins: String, hook: String) -> Result<Made<'env, Taken>> {
        let door = Arc::clone(&self.door);
        let named = NamedChain::parse(&plugins, hook).map_err(|error| Error::from_reason(error.to_string()))?;
        let named = Arc::new(named);
        env.create_function_from_closure("callChain", move |given: FunctionCallContext<'_>| {
            let options: Option<String> = given.get(2)?;
            let options = CallOptions::parse(options.as_deref())?;
            door.call_chain(*given.env, given.get(0)?, &named, given.get(1)?, options, given.get(3)?)
        })
    }

    /// Returns a function that runs a hook on the calling thread. It returns the text of the reply, and writes its numbers to
    /// `numbers`, as those of a batch of one.
    #[napi(
        ts_return_type = "(context: string, limits: LimitOptions | undefined, numbers: Float64Array, grants: GrantOptions | undefined) => string"
    )]
    pub fn prepare_hook_sync<'env>(
        &self,
        env: &'env Env,
        plugin: String,
        hook: String,
    ) -> Result<Made<'env, BatchText>> {
        let runtime = Arc::clone(&self.runtime);
        let named = NamedHook { plugin, hook };
        env.create_function_from_closure("callHookSync", move |given: FunctionCallContext<'_>| {
            let context: String = given.get(0)?;
            let limits: Option<LimitOptions> = given.get(1)?;
            let grants: Option<GrantOptions> = given.get(3)?;
            let sandbox = limits.as_ref().map(limit_overrides);
            let call = Given { named: &named, context: &context, sandbox: sandbox.as_ref(), grants: grants.as_ref() };
            Ok(batch::write_reply(sync::call(&runtime, &call), given.get(2)?))
        })
    }

    /// Makes a call on the calling thread and counts the bytes of the pages of 4 KiB that it changes. `{"touched":…}` or
    /// `{"refused":…}`.
    #[napi]
    pub fn touched_bytes(
        &self,
        plugin: String,
        hook: String,
        context: String,
        limits: Option<LimitOptions>,
        grants: Option<GrantOptions>,
    ) -> String {
        let (named, sandbox) = (&NamedHook { plugin, hook }, limits.as_ref().map(limit_overrides));
        let sandbox = sandbox.as_ref();
        sync::touched(&self.runtime, &Given { named, context: &context, sandbox, grants: grants.as_ref() })
    }

    /// Returns a function that takes calls that have ended. It writes their numbers to `numbers`, which has `BATCH_NUMBERS`,
    /// and returns the texts of their replies, one after the other. It takes at most `mostBytes` in total; with `atLeastOne`,
    /// at least one reply of any length. A text is the result as JSON, `{"refused":…}`, or empty if the plugin accepts and
    /// changes nothing.
    #[napi(ts_return_type = "(numbers: Float64Array, mostBytes: number, atLeastOne: boolean) => string")]
    pub fn reply_taker<'env>(&self, env: &'env Env) -> Result<Made<'env, BatchText>> {
        let queue = Arc::clone(&self.queue);
        env.create_function_from_closure("takeReplies", move |given: FunctionCallContext<'_>| {
            let numbers: &mut [f64] = given.get(0)?;
            let (batch, is_left) = queue.take_replies(*given.env, bytes(given.get(1)?), given.get(2)?);
            Ok(batch::write(batch, is_left, numbers))
        })
    }

    /// Ends a `cancellable` call. Returns `true` if it was still waiting; it then gets no reply.
    #[napi]
    pub fn cancel(&self, call: f64) -> bool {
        self.queue.cancel(whole(call))
    }

    /// Refuses calls that have waited too long, and starts workers for calls that a slow one holds up. Returns the
    /// milliseconds within which to poll again, or `NO_POLL`.
    #[napi]
    pub fn poll(&self, env: Env) -> f64 {
        poll_within(self.queue.poll(env))
    }

    /// Do cells come from a pool? Otherwise each call maps its own memory.
    #[napi]
    pub fn is_pooled(&self) -> bool {
        matches!(self.runtime.allocation(), Allocation::Pooled { .. })
    }

    /// How many calls run, and how many wait in the queue.
    #[napi]
    pub fn calls(&self) -> CallCounts {
        let count = |calls| u32::try_from(calls).unwrap_or(u32::MAX);
        let (running, waiting) = self.queue.counts();
        CallCounts { running: count(running), waiting: count(waiting) }
    }

    /// Refuses the waiting calls, and ends the running ones and all later ones.
    #[napi]
    pub fn cancel_all(&self) {
        self.runtime.cancel_all();
        self.queue.clear();
    }

    /// Is a plugin loaded under this name or path?
    #[napi]
    pub fn is_loaded(&self, plugin: String) -> bool {
        self.runtime.is_loaded(&plugin)
    }

    /// Unloads a plugin; was it loaded?
    #[napi]
    pub fn unload_plugin(&self, plugin: String) -> bool {
        self.runtime.unload_plugin(&plugin)
    }

    /// The loaded plugins, without the descriptions of the known ones.
    #[napi]
    pub fn plugins(&self, known: Vec<f64>) -> PluginList {
        let known = known.into_iter().map(whole).collect();
        let (numbers, others) = self.runtime.plugins_beside(&known);
        PluginList { numbers: numbers.into_iter().map(number).collect(), others: reply::text(&others) }
    }
}
