//! The class that JavaScript makes: a `hookcell_host::WasmRuntime` on the engine of the process.

#![expect(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]

use std::env;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use hookcell_host::{CancelToken, CodeCache, Engine, HostError, WasmRuntime};
use napi::bindgen_prelude::{AsyncTask, Env, Error, PromiseRaw, Result};
use napi_derive::napi;

use crate::hook_task::HookTask;
use crate::load::{self, LOADS_AT_ONCE, NativeLoadOptions};
use crate::options::{LimitOptions, sandbox_config, whole};
use crate::reply;

/// The engine of the process, which all runtimes in all its threads share. It is never dropped: a worker thread may end
/// while another still runs hooks.
static ENGINE: Mutex<Option<Arc<Engine>>> = Mutex::new(None);

/// The runtimes of the process, of all its threads.
static RUNTIMES: Mutex<Runtimes> = Mutex::new(Runtimes { living: Vec::new(), are_ending: false });

struct Runtimes {
    living: Vec<Weak<WasmRuntime>>,
    are_ending: bool,
}

impl Runtimes {
    fn add(&mut self, runtime: &Arc<WasmRuntime>) {
        if self.are_ending {
            runtime.cancel_all();
        }
        self.living.retain(|living| living.strong_count() > 0);
        self.living.push(Arc::downgrade(runtime));
    }
}

/// Ends the calls of all runtimes in all threads of the process, those to come as well: the process ends.
#[napi]
pub fn cancel_all_of_process() {
    let mut runtimes = RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner);
    runtimes.are_ending = true;
    for runtime in runtimes.living.drain(..).filter_map(|living| living.upgrade()) {
        runtime.cancel_all();
    }
}

/// The variable that sizes libuv's pool, its default, and its bound (libuv's own, all three).
const POOL_VARIABLE: &str = "UV_THREADPOOL_SIZE";
const POOL_DEFAULT: u32 = 4;
const POOL_MAX: u32 = 1_024;

/// Hooks run on libuv's threads, so this many run at once.
fn pool_size() -> u32 {
    let size = env::var(POOL_VARIABLE).ok().and_then(|size| size.trim().parse().ok()).unwrap_or(POOL_DEFAULT);
    size.clamp(1, POOL_MAX)
}

fn engine() -> std::result::Result<Arc<Engine>, HostError> {
    let mut engine = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = &*engine {
        return Ok(Arc::clone(engine));
    }
    // A start-up that runs while a plugin is loaded must not take the cell of a call.
    let new = Arc::new(Engine::new(pool_size().saturating_add(LOADS_AT_ONCE))?);
    *engine = Some(Arc::clone(&new));
    Ok(new)
}

/// What a call can be ended by.
#[napi]
#[derive(Default)]
pub struct Cancellation {
    token: CancelToken,
}

#[napi]
impl Cancellation {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Where compiled code is kept.
#[napi(object, object_to_js = false)]
pub struct CodeCacheOptions {
    pub directory: String,
    pub max_bytes: f64,
}

/// Loads plugins and calls their hooks. Every promise resolves JSON text, refusals included; `lib/` reads it.
#[napi]
pub struct NativeRuntime {
    runtime: Arc<WasmRuntime>,
}

#[napi]
impl NativeRuntime {
    /// The `code` of an error is that of the `HostError`.
    #[napi(constructor)]
    pub fn new(limits: Option<LimitOptions>, code_cache: Option<CodeCacheOptions>) -> Result<Self, String> {
        let runtime = make(limits, code_cache);
        let runtime = runtime.map_err(|error| Error::new(error.code().to_owned(), error.to_string()))?;
        let runtime = Arc::new(runtime);
        RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner).add(&runtime);
        Ok(Self { runtime })
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
        let turn = runtime.take_load_turn();
        load::spawn(env, move || runtime.load_plugin_in_turn(path, &options, &turn))
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
        let turn = runtime.take_load_turn();
        load::spawn(env, move || runtime.load_plugin_bytes_in_turn(&name, &bytes, &options, &turn))
    }

    /// Runs a hook on libuv's pool. Resolves the result as JSON, or `{"refused":…}`. With a cancellation, the call can be
    /// ended before it ends by itself.
    #[napi]
    pub fn call_hook(
        &self,
        plugin: String,
        hook: String,
        context: String,
        limits: Option<LimitOptions>,
        cancellation: Option<&Cancellation>,
    ) -> AsyncTask<HookTask> {
        AsyncTask::new(HookTask {
            runtime: Arc::clone(&self.runtime),
            plugin,
            hook,
            context,
            sandbox: sandbox_config(limits),
            cancel: cancellation.map(|cancellation| cancellation.token.clone()),
            queued_at: Instant::now(),
        })
    }

    /// Ends the calls that were given this cancellation.
    #[napi]
    pub fn cancel(&self, cancellation: &Cancellation) {
        self.runtime.cancel(&cancellation.token);
    }

    /// Ends all calls, those to come as well.
    #[napi]
    pub fn cancel_all(&self) {
        self.runtime.cancel_all();
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

fn make(
    limits: Option<LimitOptions>,
    code_cache: Option<CodeCacheOptions>,
) -> std::result::Result<WasmRuntime, HostError> {
    let runtime = WasmRuntime::with_engine(engine()?, &sandbox_config(limits))?;
    match code_cache {
        Some(CodeCacheOptions { directory, max_bytes }) => {
            Ok(runtime.with_code_cache(CodeCache::open(directory, whole(max_bytes))?))
        }
        None => Ok(runtime),
    }
}
