//! Loading on Tokio's blocking pool: reading and compiling a large plugin takes seconds, and libuv has four threads.

#![expect(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]

use std::time::Duration;

use hookcell_host::{CompilerProcess, HostError, LoadOptions, PluginInfo};
use napi::bindgen_prelude::{Env, PromiseRaw, Result, create_custom_tokio_runtime};
use napi_derive::{module_init, napi};
use tokio::runtime::Builder;
use tokio::task::spawn_blocking;

use crate::options::{LimitOptions, sandbox_config, whole};
use crate::reply;

/// Plugins that may load at once. Each compiles on all cores already, and may take a cell for its start-up.
pub(crate) const LOADS_AT_ONCE: u32 = 2;

/// napi-rs would start a worker for every core; all that they do here is to wait for the blocking pool.
#[module_init]
fn start_tokio() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(LOADS_AT_ONCE as usize)
        .thread_name("hookcell-load")
        .build();
    // Where it fails, napi-rs starts its own when the first plugin is loaded, and reports what is wrong.
    if let Ok(runtime) = runtime {
        create_custom_tokio_runtime(runtime);
    }
}

/// A child process to compile in.
#[napi(object, object_to_js = false)]
pub struct IsolateOptions {
    /// The program to start, its arguments before ours.
    pub program: String,
    pub arguments: Vec<String>,
    pub timeout_ms: u32,
    pub max_memory_bytes: f64,
}

/// How to load a plugin.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct NativeLoadOptions {
    pub sha256: Option<String>,
    pub limits: Option<LimitOptions>,
    pub isolate: Option<IsolateOptions>,
    pub pre_initialize: Option<bool>,
}

impl From<NativeLoadOptions> for LoadOptions {
    fn from(options: NativeLoadOptions) -> Self {
        let isolate = options.isolate.map(|isolate| CompilerProcess {
            program: isolate.program,
            arguments: isolate.arguments,
            timeout: Duration::from_millis(isolate.timeout_ms.into()),
            max_memory_bytes: whole(isolate.max_memory_bytes),
        });
        Self {
            sha256: options.sha256,
            sandbox: sandbox_config(options.limits),
            isolate,
            pre_initialize: options.pre_initialize,
        }
    }
}

/// The child's side of `isolate`: compiles what comes on standard input. Gives the exit code.
#[napi]
pub fn compile_for_parent(allocation: String, max_memory_bytes: f64) -> i32 {
    hookcell_host::compile_for_parent(&allocation, whole(max_memory_bytes))
}

/// Runs `load` off the event loop, and resolves its reply.
pub(crate) fn spawn(
    env: &Env,
    load: impl FnOnce() -> std::result::Result<PluginInfo, HostError> + Send + 'static,
) -> Result<PromiseRaw<'_, String>> {
    env.spawn_future(async move {
        let reply = spawn_blocking(|| reply::caught(|| load().map(|info| reply::loaded(&info)))).await;
        Ok(reply.unwrap_or_else(|error| reply::refused(&HostError::Internal(error.to_string()))))
    })
}
