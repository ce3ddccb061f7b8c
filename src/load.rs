//! Loading on Tokio's blocking pool: reading and compiling a large plugin takes seconds, and libuv has four threads.

use hookcell_host::{HostError, LoadOptions, PluginInfo};
use napi::bindgen_prelude::{Env, PromiseRaw, Result, create_custom_tokio_runtime};
use napi_derive::module_init;
use tokio::runtime::Builder;
use tokio::task::spawn_blocking;

use crate::options::LimitOptions;
use crate::reply;

/// Plugins that may load at once. Each compiles on all cores already.
const LOADS_AT_ONCE: usize = 2;

/// napi-rs would start a worker for every core; all that they do here is to wait for the blocking pool.
#[module_init]
fn start_tokio() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(LOADS_AT_ONCE)
        .thread_name("hookcell-load")
        .build();
    // Where it fails, napi-rs starts its own when the first plugin is loaded, and reports what is wrong.
    if let Ok(runtime) = runtime {
        create_custom_tokio_runtime(runtime);
    }
}

pub(crate) fn options(sha256: Option<String>, limits: Option<LimitOptions>) -> LoadOptions {
    LoadOptions { sha256, sandbox: limits.unwrap_or_default().into() }
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
