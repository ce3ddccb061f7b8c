//! Builds of plugins run on Tokio's blocking pool, because compiling an engine takes a second and a step may take its whole
//! deadline.

#![expect(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookcell_host::{Build, BuildStep, Builder, BuilderOptions, Built, CancelToken, CodeCache, HostError};
use napi::bindgen_prelude::{Env, PromiseRaw, Result, Uint8Array};
use napi_derive::napi;
use serde::Serialize;
use tokio::sync::oneshot::Receiver;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::build_result::{NativeBuilt, Refused};
use crate::limits::{LimitOptions, limit_overrides, whole};
use crate::load::IsolateOptions;
use crate::process::CodeCacheOptions;
use crate::turns::build_queue::{BUILDS, BuildSlot, Tenant, WaitLimits};
use crate::{process, reply};

/// A step of a build: an export of the engine, and what it gets.
#[napi(object, object_to_js = false)]
pub struct NativeBuildStep {
    pub export: String,
    pub input: Uint8Array,
}

/// How a build waits and what it may use.
#[napi(object, object_to_js = false)]
pub struct NativeBuildOptions {
    pub limits: LimitOptions,
    /// Does the last step end in a plugin?
    pub makes_plugin: bool,
    pub tenant: Option<String>,
    pub queue_timeout_ms: u32,
    pub max_queue: u32,
    pub max_queue_per_tenant: u32,
}

/// An engine that builds plugins, and its builds.
#[napi]
pub struct NativeBuilder {
    state: Arc<BuilderState>,
}

#[derive(Default)]
struct BuilderState {
    /// `None` before it is loaded, and after it is closed.
    builder: Mutex<Option<Arc<Builder>>>,
    /// Cancels the load and all builds.
    cancel: CancelToken,
    under_way: Mutex<HashMap<u64, UnderWay>>,
}

impl BuilderState {
    fn builder_options(&self) -> BuilderOptions {
        BuilderOptions { cancel: self.cancel.clone(), ..BuilderOptions::default() }
    }

    /// Builds with this engine from now on.
    fn loaded(&self, builder: Arc<Builder>) -> std::result::Result<String, HostError> {
        let holds_code_of_plugins = builder.holds_code_of_plugins();
        let loaded = reply::text(&Loaded { code_from: builder.code_from(), holds_code_of_plugins });
        if self.cancel.is_cancelled() {
            return Err(HostError::Cancelled);
        }
        *lock(&self.builder) = Some(builder);
        Ok(loaded)
    }
}

fn open(code_cache: Option<CodeCacheOptions>) -> std::result::Result<Option<Arc<CodeCache>>, HostError> {
    Ok(code_cache.map(CodeCacheOptions::open).transpose()?.map(Arc::new))
}

/// A build that waits or runs.
struct UnderWay {
    ticket: u64,
    cancel: CancelToken,
}

/// The reply to a load, if it succeeds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Loaded {
    code_from: hookcell_host::CodeFrom,
    holds_code_of_plugins: bool,
}

#[napi]
impl NativeBuilder {
    /// Without an engine yet.
    #[napi(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self { state: Arc::default() }
    }

    /// Looks off the event loop for the engine with this SHA-256, which need not be read if it has been compiled. Resolves with
    /// `{"codeFrom":…,"holdsCodeOfPlugins":…}`, `null` or `{"refused":…}`.
    #[napi]
    pub fn find<'env>(
        &self,
        env: &'env Env,
        name: String,
        sha256: String,
        code_cache: Option<CodeCacheOptions>,
    ) -> Result<PromiseRaw<'env, String>> {
        let state = Arc::clone(&self.state);
        let find = move || {
            let options = BuilderOptions { cache: open(code_cache)?, ..state.builder_options() };
            let found = process::find_builder(&name, &sha256, &options)?;
            found.map_or_else(|| Ok("null".to_owned()), |builder| state.loaded(builder))
        };
        reply_off_the_loop(env, find)
    }

    /// Gives the engine's module to a builder that was found. Resolves with `{}` or `{"refused":…}`.
    #[napi]
    pub fn provide<'env>(&self, env: &'env Env, engine: &[u8]) -> Result<PromiseRaw<'env, String>> {
        let bytes = engine.to_vec();
        let builder = lock(&self.state.builder).clone();
        reply_off_the_loop(env, move || {
            builder.ok_or(HostError::Cancelled)?.provide(bytes)?;
            Ok("{}".to_owned())
        })
    }

    /// Gets the engine off the event loop. Resolves with `{"codeFrom":…,"holdsCodeOfPlugins":…}` or `{"refused":…}`.
    #[napi]
    pub fn load<'env>(
        &self,
        env: &'env Env,
        name: String,
        engine: &[u8],
        code_cache: Option<CodeCacheOptions>,
        isolate: Option<IsolateOptions>,
        limits: LimitOptions,
    ) -> Result<PromiseRaw<'env, String>> {
        let bytes = engine.to_vec();
        let state = Arc::clone(&self.state);
        let load = move || {
            let (cache, isolate) = (open(code_cache)?, isolate.map(Into::into));
            let sandbox = limit_overrides(&limits);
            let options = BuilderOptions { cache, isolate, sandbox, ..state.builder_options() };
            state.loaded(process::new_builder(&name, bytes, &options)?)
        };
        reply_off_the_loop(env, load)
    }

    /// Runs the steps of a build in one cell off the event loop, when its turn comes. `build` is the caller's number for it.
    #[napi]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        build: f64,
        steps: Vec<NativeBuildStep>,
        options: NativeBuildOptions,
    ) -> Result<PromiseRaw<'env, NativeBuilt>> {
        let run = self.queue(whole(build), &steps, &options);
        let run = async move {
            Ok(match run {
                Ok(run) => run.end().await,
                Err(refused) => Err(refused),
            })
        };
        env.spawn_future_with_callback(run, |_, built| Ok(NativeBuilt::of(built)))
    }

    /// Cancels a build: one that waits never runs, and one that runs is interrupted.
    #[napi]
    pub fn cancel(&self, build: f64) {
        let Some(UnderWay { ticket, cancel }) = lock(&self.state.under_way).remove(&whole(build)) else { return };
        BUILDS.forget(ticket);
        process::cancel(&cancel);
    }

    /// Cancels the load and all builds, now and in the future.
    #[napi]
    pub fn cancel_all(&self) {
        process::cancel(&self.state.cancel);
        for (_, UnderWay { ticket, .. }) in lock(&self.state.under_way).drain() {
            BUILDS.forget(ticket);
        }
    }

    /// Frees the engine as soon as no build uses it.
    #[napi]
    pub fn close(&self) {
        lock(&self.state.builder).take();
    }

    fn queue(
        &self,
        number: u64,
        steps: &[NativeBuildStep],
        options: &NativeBuildOptions,
    ) -> std::result::Result<Queued, Refused> {
        let state = Arc::clone(&self.state);
        let builder = lock(&state.builder).clone().ok_or(Refused::Host(HostError::Cancelled))?;
        let tenant: Tenant = options.tenant.as_deref().map(Arc::from);
        let limits = WaitLimits {
            max_queue: options.max_queue as usize,
            max_queue_per_tenant: options.max_queue_per_tenant as usize,
        };
        let full = |full| Refused::Full(full, limits);
        let (ticket, slot) = BUILDS.enter_within(tenant, limits).map_err(full)?;
        let cancel = CancelToken::default();
        lock(&state.under_way).insert(number, UnderWay { ticket, cancel: cancel.clone() });
        // JavaScript could change the bytes while they are used.
        let steps =
            steps.iter().map(|step| BuildStep { export: step.export.clone(), input: step.input.to_vec() }).collect();
        let wait = Duration::from_millis(options.queue_timeout_ms.into());
        let (sandbox, makes_plugin) = (limit_overrides(&options.limits), options.makes_plugin);
        Ok(Queued { state, builder, number, ticket, slot, wait, steps, sandbox, makes_plugin, cancel })
    }
}

/// A build that waits for its turn.
struct Queued {
    state: Arc<BuilderState>,
    builder: Arc<Builder>,
    number: u64,
    ticket: u64,
    slot: Receiver<BuildSlot>,
    wait: Duration,
    steps: Vec<BuildStep>,
    sandbox: hookcell_host::LimitOverrides,
    makes_plugin: bool,
    cancel: CancelToken,
}

impl Queued {
    /// What the build makes.
    async fn end(self) -> std::result::Result<Built, Refused> {
        let Self { state, builder, number, ticket, slot, wait, steps, sandbox, makes_plugin, cancel } = self;
        let built = match timeout(wait, slot).await {
            Ok(Ok(slot)) => {
                let run = move || {
                    let build = Build { steps: &steps, makes_plugin, sandbox, cancel: Some(&cancel) };
                    let end = builder.run(&build);
                    drop(builder);
                    // Not before the build has ended, though its caller may have left.
                    drop(slot);
                    end
                };
                off_the_loop(run).await.and_then(|built| built).map_err(Refused::Host)
            }
            // It was forgotten.
            Ok(Err(_)) => Err(Refused::Host(HostError::Cancelled)),
            Err(_) => {
                BUILDS.forget(ticket);
                Err(Refused::WaitedTooLong(wait))
            }
        };
        lock(&state.under_way).remove(&number);
        built
    }
}

/// Resolves with this reply, or with a refusal.
fn reply_off_the_loop(
    env: &Env,
    run: impl FnOnce() -> std::result::Result<String, HostError> + Send + 'static,
) -> Result<PromiseRaw<'_, String>> {
    let run = || reply::caught(run);
    env.spawn_future(async move { Ok(off_the_loop(run).await.unwrap_or_else(|error| reply::refused(&error))) })
}

/// Runs this on a thread of Tokio's blocking pool.
async fn off_the_loop<R: Send + 'static>(
    run: impl FnOnce() -> R + Send + 'static,
) -> std::result::Result<R, HostError> {
    let did_not_run = || HostError::Internal("the build did not run".to_owned());
    // Without any thread, Tokio panics and drops the closure.
    let started = panic::catch_unwind(AssertUnwindSafe(|| spawn_blocking(run))).map_err(|_| did_not_run())?;
    started.await.map_err(|_| did_not_run())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
