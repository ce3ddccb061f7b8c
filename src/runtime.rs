//! The class that JavaScript makes: a `hookcell_host::WasmRuntime` on the engine of the process.

#![expect(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]

use std::env;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hookcell_host::{Allocation, CancelToken, Context, Engine, HookRequest, HostError, WasmRuntime};
use napi::bindgen_prelude::{Env, Error, PromiseRaw, Result};
use napi_derive::napi;

use crate::chain_call;
use crate::fair_queue::QueueLimits;
use crate::hook_queue::{Admission, Asked, Come, HookQueue, Job, Run, Settle};
use crate::load::{self, NativeLoadOptions};
use crate::options::{LimitOptions, sandbox_config, whole};
use crate::reply;
use crate::sync_call;

/// The engine of the process, which all runtimes in all its threads share. It is never dropped: a worker thread may end
/// while another still runs hooks.
static ENGINE: Mutex<Option<Arc<Engine>>> = Mutex::new(None);

/// The variable that sizes libuv's pool, its default, and its bound (libuv's own, all three).
const POOL_VARIABLE: &str = "UV_THREADPOOL_SIZE";
const POOL_DEFAULT: u32 = 4;
const POOL_MAX: u32 = 1_024;

/// Hooks run on libuv's threads, so this many run at once, beside those that JavaScript waits for on its own threads.
fn pool_size() -> u32 {
    let size = env::var(POOL_VARIABLE).ok().and_then(|size| size.trim().parse().ok()).unwrap_or(POOL_DEFAULT);
    size.clamp(1, POOL_MAX)
}

fn engine() -> std::result::Result<Arc<Engine>, HostError> {
    let mut engine = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = &*engine {
        return Ok(Arc::clone(engine));
    }
    let new = Arc::new(Engine::new(pool_size().saturating_add(sync_call::MOST_AT_ONCE))?);
    *engine = Some(Arc::clone(&new));
    Ok(new)
}

/// How many calls run and wait, and for how long they wait at the most.
#[napi(object, object_to_js = false)]
pub struct QueueSettings {
    pub concurrency: u32,
    pub max_queue: u32,
    pub queue_timeout_ms: u32,
    pub max_concurrency_per_tenant: u32,
    pub max_queue_per_tenant: u32,
}

/// How many calls a runtime has.
#[napi(object, object_from_js = false)]
pub struct CallCounts {
    pub running: u32,
    pub waiting: u32,
}

impl From<QueueSettings> for QueueLimits {
    fn from(settings: QueueSettings) -> Self {
        let size = |value| usize::try_from(value).unwrap_or(usize::MAX);
        Self {
            concurrency: size(settings.concurrency),
            max_queue: size(settings.max_queue),
            max_concurrency_per_tenant: size(settings.max_concurrency_per_tenant),
            max_queue_per_tenant: size(settings.max_queue_per_tenant),
        }
    }
}

/// How one call is made, where it is not made as all are.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct NativeCallOptions {
    pub limits: Option<LimitOptions>,
    pub queue_timeout_ms: Option<u32>,
    pub tenant: Option<String>,
    /// It may be ended with `cancel`.
    pub cancellable: Option<bool>,
}

/// Loads plugins and calls their hooks. All that comes back is JSON text, refusals included; `lib/` reads it.
#[napi]
pub struct NativeRuntime {
    runtime: Arc<WasmRuntime>,
    queue: Arc<HookQueue>,
    queue_timeout: Duration,
}

#[napi]
impl NativeRuntime {
    /// `settle` is called with calls that have ended and, in the same order, the reply to each: the result as JSON, or
    /// `{"refused":…}`. `come` is called when there are such, and has to see to it that `handOver` is called: not there and
    /// then, but when the event loop has turned, since this may come again and again, and the loop turn no more.
    #[napi(constructor)]
    pub fn new(
        #[napi(ts_arg_type = "(calls: number[], replies: string[]) => void")] settle: Settle<'_>,
        #[napi(ts_arg_type = "() => void")] come: Come<'_>,
        queue: QueueSettings,
        limits: Option<LimitOptions>,
    ) -> Result<Self> {
        let runtime = engine().and_then(|engine| WasmRuntime::with_engine(engine, &sandbox_config(limits.as_ref())));
        let runtime = Arc::new(runtime.map_err(|error| Error::from_reason(error.to_string()))?);
        let queue_timeout = Duration::from_millis(queue.queue_timeout_ms.into());
        let queue = Arc::new(HookQueue::new(Arc::clone(&runtime), queue.into(), &settle, &come)?);
        Ok(Self { runtime, queue, queue_timeout })
    }

    /// Resolves `{"loaded":PluginInfo}` or `{"refused":…}`.
    #[napi]
    pub fn load_plugin<'env>(
        &self,
        env: &'env Env,
        path: String,
        options: Option<NativeLoadOptions>,
    ) -> Result<PromiseRaw<'env, String>> {
        let (runtime, options) = (Arc::clone(&self.runtime), options.unwrap_or_default().into());
        load::spawn(env, move || runtime.load_plugin_with(path, &options))
    }

    /// Resolves `{"loaded":PluginInfo}` or `{"refused":…}`. The bytes are copied before this returns.
    #[napi]
    pub fn load_plugin_bytes<'env>(
        &self,
        env: &'env Env,
        name: String,
        bytes: &[u8],
        options: Option<NativeLoadOptions>,
    ) -> Result<PromiseRaw<'env, String>> {
        // JavaScript may write to them while they are compiled.
        let bytes = bytes.to_vec();
        let (runtime, options) = (Arc::clone(&self.runtime), options.unwrap_or_default().into());
        load::spawn(env, move || runtime.load_plugin_bytes_with(&name, &bytes, &options))
    }

    /// Runs a hook on libuv's pool when its turn has come. `call` is what its caller knows it by, a whole number greater
    /// than any before. Gives the milliseconds within which to `look` after it, 0 where that is needless; -1 or -2 where
    /// the call is not taken, since as many wait as may, in all or of its tenant.
    #[napi]
    pub fn call_hook(
        &self,
        env: Env,
        call: f64,
        plugin: String,
        hook: String,
        context: String,
        options: Option<NativeCallOptions>,
    ) -> Result<f64> {
        let options = options.unwrap_or_default();
        let sandbox = sandbox_config(options.limits.as_ref());
        let run = move |runtime: &WasmRuntime, Asked { cancel, queued_at }: Asked<'_>| {
            let context = &Context::from_trusted_json(context);
            let (plugin, hook, queued_at) = (&plugin, &hook, Some(queued_at));
            let request = HookRequest { plugin, hook, context, sandbox, cancel, queued_at };
            runtime.call_hook_with(&request, |result| reply::text(result))
        };
        self.offer(env, call, options, Box::new(run))
    }

    /// Runs a hook of each plugin, a JSON array of `{"plugin","limits"}`, one after the other, in one turn; else as
    /// `callHook`.
    #[napi]
    pub fn call_chain(
        &self,
        env: Env,
        call: f64,
        plugins: String,
        hook: String,
        context: String,
        options: Option<NativeCallOptions>,
    ) -> Result<f64> {
        self.offer(env, call, options.unwrap_or_default(), chain_call::run(plugins, hook, context))
    }

    /// Runs a hook on the calling thread. Gives the result as JSON, or `{"refused":…}`.
    #[napi]
    pub fn call_hook_sync(
        &self,
        plugin: String,
        hook: String,
        context: String,
        limits: Option<LimitOptions>,
    ) -> String {
        sync_call::call(&self.runtime, &plugin, &hook, &context, sandbox_config(limits.as_ref()))
    }

    /// Calls `settle` with the calls that have ended.
    #[napi]
    pub fn hand_over(&self, env: Env) -> Result<()> {
        self.queue.settle(env)
    }

    /// Ends a call that is `cancellable`. Gives whether it still waited: then it has no reply.
    #[napi]
    pub fn cancel(&self, call: f64) -> bool {
        self.queue.cancel(whole(call))
    }

    /// Refuses the calls that have waited too long, and starts those that are held up. Gives the milliseconds within which
    /// to look again, 0 where that is needless.
    #[napi]
    pub fn look(&self, env: Env) -> Result<f64> {
        Ok(self.queue.look(env)?.map_or(0.0, milliseconds))
    }

    /// Does a cell come from a pool? Otherwise each call maps its own.
    #[napi]
    pub fn is_pooled(&self) -> bool {
        matches!(self.runtime.allocation(), Allocation::Pooled { .. })
    }

    /// How many calls run, and how many wait for their turn.
    #[napi]
    pub fn calls(&self) -> CallCounts {
        let count = |calls| u32::try_from(calls).unwrap_or(u32::MAX);
        let (running, waiting) = self.queue.counts();
        CallCounts { running: count(running), waiting: count(waiting) }
    }

    /// Refuses the calls that wait, and ends those that run and those to come.
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

    /// The plugins that are loaded: a JSON array of `PluginInfo`, sorted by key.
    #[napi]
    pub fn plugins(&self) -> String {
        reply::text(&self.runtime.plugins())
    }
}

impl NativeRuntime {
    fn offer(&self, env: Env, call: f64, options: NativeCallOptions, run: Box<Run>) -> Result<f64> {
        let NativeCallOptions { queue_timeout_ms, tenant, cancellable, limits: _ } = options;
        let job = Job {
            run,
            cancel: cancellable.unwrap_or_default().then(CancelToken::default),
            queued_at: Instant::now(),
            queue_timeout: queue_timeout_ms.map_or(self.queue_timeout, |ms| Duration::from_millis(ms.into())),
        };
        Ok(match self.queue.offer(env, whole(call), tenant.as_deref(), job)? {
            Admission::Admitted { look_within } => look_within.map_or(0.0, milliseconds),
            Admission::QueueFull => -1.0,
            Admission::TenantFull => -2.0,
        })
    }
}

/// Never 0, which means something else.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64().max(0.001) * 1_000.0
}
