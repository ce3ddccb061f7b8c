//! The class behind TypeScript's `WasmRuntime`: a `hookcell_host::WasmRuntime` on the engine of the process.

#![expect(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookcell_host::{Allocation, CancelToken, Context, HookCall, LoadTurn, WasmRuntime};
use napi::JsString;
use napi::bindgen_prelude::{Either, Env, Error, PromiseRaw, Result};
use napi_derive::napi;

use crate::call::chain;
use crate::call::options::{CallCounts, NativeCallOptions, QueueSettings, RepliesTaken, bytes};
use crate::call::sync;
use crate::limits::{LimitOptions, limit_overrides, number, whole};
use crate::load::{self, Loads, NativeLoadOptions};
use crate::process::{self, CodeCacheOptions};
use crate::queue::hook_queue::{Admission, Deliver, HookQueue, Wake};
use crate::queue::job::{Asked, Job, Run};
use crate::queue::limits::QueueLimits;
use crate::reply;

/// What `callHook`, `callChain` and `poll` return if no poll is needed.
#[napi]
pub const NO_POLL: f64 = 0.0;

/// The loaded plugins.
#[napi(object, object_from_js = false)]
pub struct PluginList {
    /// Their numbers, sorted by key.
    pub numbers: Vec<f64>,
    /// A JSON array of `PluginInfo`, for the plugins that were not known.
    pub others: String,
}

/// Loads plugins and calls their hooks. Everything it returns is JSON text, including refusals; `lib/` reads it.
#[napi]
pub struct NativeRuntime {
    runtime: Arc<WasmRuntime>,
    queue: Arc<HookQueue>,
    loads: Arc<Loads>,
    limits: QueueLimits,
    queue_timeout: Duration,
}

#[napi]
impl NativeRuntime {
    /// `deliver` gets the calls that have ended and, in the same order, the reply to each: the result as JSON, or
    /// `{"refused":…}`. `wake` is called when there are replies. It must call `takeReplies` on the next turn of the event
    /// loop and not at once, because `wake` can be called again and again, and the loop would never turn.
    ///
    /// The `code` of an error is that of the `HostError`.
    #[napi(constructor)]
    pub fn new(
        #[napi(ts_arg_type = "(calls: number[], replies: string[]) => void")] deliver: Deliver<'_>,
        #[napi(ts_arg_type = "() => void")] wake: Wake<'_>,
        queue: QueueSettings,
        limits: Option<LimitOptions>,
        code_cache: Option<CodeCacheOptions>,
    ) -> Result<Self, String> {
        let runtime = process::new_runtime(&limit_overrides(limits.as_ref()), code_cache)
            .map_err(|error| Error::new(error.code().to_owned(), error.to_string()))?;
        let queue_timeout = Duration::from_millis(queue.queue_timeout_ms.into());
        let undelivered = bytes(queue.max_undelivered_bytes);
        let limits = QueueLimits::from(queue);
        let queue = HookQueue::new(Arc::clone(&runtime), limits, undelivered, &deliver, &wake)
            .map_err(|error| Error::new("ERR_INTERNAL".to_owned(), error.reason.clone()))?;
        let loads = Arc::new(Loads::new(Arc::clone(&runtime)));
        Ok(Self { runtime, queue: Arc::new(queue), loads, limits, queue_timeout })
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
        let (options, reload) = load::options(options);
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
        let (options, reload) = load::options(options);
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

    /// Runs a hook on libuv's pool when it gets a slot. `call` is the caller's number for it, a whole number greater than
    /// any before. Returns the milliseconds within which to `poll`, `NO_POLL` if no poll is needed, or
    /// `{"refused":…}` if the call is not taken, because the queue is full or the context is too long.
    #[napi]
    pub fn call_hook(
        &self,
        env: Env,
        call: f64,
        plugin: String,
        hook: String,
        context: JsString<'_>,
        options: Option<NativeCallOptions>,
    ) -> Result<Either<f64, String>> {
        let context = match self.admit(&plugin, context)? {
            Ok(context) => context,
            Err(refused) => return Ok(Either::B(refused)),
        };
        let held = [&plugin, &hook, &context].into_iter().map(String::len).fold(0, usize::saturating_add);
        let options = options.unwrap_or_default();
        let sandbox = limit_overrides(options.limits.as_ref());
        let run = move |runtime: &WasmRuntime, Asked { cancel, queued_at }: Asked<'_>| {
            let context = &Context::from_trusted_json(context);
            let (plugin, hook, queued_at) = (&plugin, &hook, Some(queued_at));
            let request = HookCall { plugin, hook, context, sandbox, cancel, queued_at };
            runtime.call_hook_with(&request, reply::of_hook)?
        };
        Ok(self.offer(env, call, options, held, Box::new(run)))
    }

    /// Runs a hook of each plugin in order, in one slot; otherwise as `callHook`. `plugins` is a JSON array of
    /// `{"plugin","limits"}`.
    #[napi]
    pub fn call_chain(
        &self,
        env: Env,
        call: f64,
        plugins: String,
        hook: String,
        context: JsString<'_>,
        options: Option<NativeCallOptions>,
    ) -> Result<Either<f64, String>> {
        let chain = match chain::parse(&plugins) {
            Ok(chain) => chain,
            Err(error) => return Ok(Either::B(reply::refused(&error))),
        };
        // Only the first plugin is checked now: it can make the context shorter for the next one.
        let first = chain.first().map_or("", |(plugin, _)| plugin);
        let context = match self.admit(first, context)? {
            Ok(context) => context,
            Err(refused) => return Ok(Either::B(refused)),
        };
        let held = [&plugins, &hook, &context].into_iter().map(String::len).fold(0, usize::saturating_add);
        Ok(self.offer(env, call, options.unwrap_or_default(), held, chain::run(chain, hook, context)))
    }

    /// Runs a hook on the calling thread. Returns the result as JSON, or `{"refused":…}`.
    #[napi]
    pub fn call_hook_sync(
        &self,
        plugin: String,
        hook: String,
        context: String,
        limits: Option<LimitOptions>,
    ) -> String {
        sync::call(&self.runtime, &plugin, &hook, &context, &limit_overrides(limits.as_ref()))
    }

    /// Calls `deliver` with calls that have ended and their replies, at most `mostBytes` in total; with `atLeastOne`, it
    /// delivers at least one reply of any length.
    #[napi]
    pub fn take_replies(&self, env: Env, most_bytes: f64, at_least_one: bool) -> Result<RepliesTaken> {
        let (count, is_left) = self.queue.take_replies(env, bytes(most_bytes), at_least_one)?;
        Ok(RepliesTaken { count: u32::try_from(count).unwrap_or(u32::MAX), is_left })
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

impl NativeRuntime {
    /// The context as text, or a refusal if it is longer than the plugin accepts now. A context that is much too long is not
    /// copied.
    fn admit(&self, plugin: &str, context: JsString<'_>) -> Result<std::result::Result<String, String>> {
        let most = self.runtime.most_context_bytes(plugin);
        let refused = |length: usize| reply::refused(&hookcell_host::context_too_long(length, most));
        if context.utf16_len()? > most {
            return Ok(Err(refused(context.utf8_len()?)));
        }
        let text = context.into_utf8()?.into_owned()?;
        Ok(if text.len() > most { Err(refused(text.len())) } else { Ok(text) })
    }

    fn offer(
        &self,
        env: Env,
        call: f64,
        options: NativeCallOptions,
        held: usize,
        run: Box<Run>,
    ) -> Either<f64, String> {
        let NativeCallOptions { queue_timeout_ms, tenant, cancellable, limits: _ } = options;
        // A tenant may be named by its client, in any length.
        let tenant_bytes = tenant.as_ref().map_or(0, String::len);
        let job = Job {
            run,
            bytes: held.saturating_add(tenant_bytes),
            cancel: cancellable.unwrap_or_default().then(CancelToken::default),
            queued_at: Instant::now(),
            queue_timeout: queue_timeout_ms.map_or(self.queue_timeout, |ms| Duration::from_millis(ms.into())),
        };
        let bytes = job.bytes;
        match self.queue.offer(env, whole(call), tenant.as_deref(), job) {
            Admission::Admitted { poll_within: within } => Either::A(poll_within(within)),
            Admission::Refused(full) => Either::B(reply::no_room(full, bytes, &self.limits)),
        }
    }
}

/// The milliseconds within which to poll, or [`NO_POLL`].
fn poll_within(within: Option<Duration>) -> f64 {
    within.map_or(NO_POLL, |within| within.as_secs_f64().max(0.001) * 1_000.0)
}
