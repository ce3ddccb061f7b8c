//! Builds of plugins run on Tokio's blocking pool, because compiling an engine takes a second and a step may take its whole
//! deadline.

#![expect(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use hookcell_host::{Build, BuildStep, Builder, Built, HostError};
use napi::bindgen_prelude::{Env, Error, PromiseRaw, Result, Uint8Array};
use napi_derive::napi;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::limits::{LimitOptions, limit_overrides};
use crate::{process, reply};

/// Builds that run at once. Each holds an engine's memory, and a server also has loads and calls to make.
const MOST_AT_ONCE: usize = 2;

static BUILDS: Semaphore = Semaphore::const_new(MOST_AT_ONCE);

/// A step of a build: an export of the engine, and what it gets.
#[napi(object, object_to_js = false)]
pub struct NativeBuildStep {
    pub export: String,
    pub input: Uint8Array,
}

/// What a build made, or `{"refused":…}`.
#[napi(object, object_from_js = false)]
pub struct NativeBuilt {
    /// What the steps that ran answered.
    pub answers: Vec<Uint8Array>,
    /// The fault of the step after them, as JSON.
    pub fault: Option<String>,
    /// The plugin's module.
    pub plugin: Option<Uint8Array>,
    pub refused: Option<String>,
}

/// An engine that builds plugins.
#[napi]
pub struct NativeBuilder {
    builder: Arc<Builder>,
}

/// Compiles an engine off the event loop. The promise rejects with the code of a `HostError`.
#[napi]
pub fn load_builder<'env>(env: &'env Env, name: String, engine: &[u8]) -> Result<PromiseRaw<'env, NativeBuilder>> {
    let bytes = engine.to_vec();
    let load = async move {
        let built = spawn_blocking(move || process::new_builder(&name, bytes)).await;
        built
            .map_err(|error| Error::from_reason(error.to_string()))?
            .map_err(|error| Error::from_reason(error.to_string()))
    };
    env.spawn_future_with_callback(load, |_, builder| Ok(NativeBuilder { builder }))
}

#[napi]
impl NativeBuilder {
    /// Runs the steps of a build in one cell off the event loop. `makes_plugin`: the last one ends in a plugin.
    #[napi]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        steps: Vec<NativeBuildStep>,
        limits: LimitOptions,
        makes_plugin: bool,
    ) -> Result<PromiseRaw<'env, NativeBuilt>> {
        let builder = Arc::clone(&self.builder);
        let sandbox = limit_overrides(Some(&limits));
        // JavaScript could change the bytes while they are used.
        let steps: Vec<_> =
            steps.iter().map(|step| BuildStep { export: step.export.clone(), input: step.input.to_vec() }).collect();
        let run = async move {
            let _slot = BUILDS.acquire().await;
            let run = move || builder.run(&Build { steps: &steps, makes_plugin, sandbox });
            let built = spawn_blocking(move || panic::catch_unwind(AssertUnwindSafe(run))).await;
            Ok(built.ok().and_then(std::result::Result::ok).unwrap_or_else(|| Err(did_not_run())))
        };
        env.spawn_future_with_callback(run, |_, built| Ok(to_js(built)))
    }
}

fn to_js(built: std::result::Result<Built, HostError>) -> NativeBuilt {
    match built {
        Ok(Built { answers, fault, plugin }) => NativeBuilt {
            answers: answers.into_iter().map(Uint8Array::from).collect(),
            fault: fault.map(|fault| reply::text(&fault)),
            plugin: plugin.map(Uint8Array::from),
            refused: None,
        },
        Err(error) => {
            NativeBuilt { answers: Vec::new(), fault: None, plugin: None, refused: Some(reply::refused(&error)) }
        }
    }
}

fn did_not_run() -> HostError {
    HostError::Internal("the build did not run".to_owned())
}
