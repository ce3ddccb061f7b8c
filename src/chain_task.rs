//! A chain of hook calls on one thread of libuv's pool.

use std::sync::Arc;
use std::time::Instant;

use hookcell_host::{CancelToken, ChainRequest, ChainedPlugin, Context, SandboxConfig, WasmRuntime};
use napi::bindgen_prelude::{Env, Result, Task};
use napi_derive::napi;

use crate::options::{LimitOptions, sandbox_config};
use crate::reply;

/// A plugin of a chain, and the limits of its call.
#[napi(object, object_to_js = false)]
pub struct NativeChainedPlugin {
    pub plugin: String,
    pub limits: Option<LimitOptions>,
}

/// The same, on its way to the worker.
pub(crate) struct TaskPlugin {
    plugin: String,
    sandbox: SandboxConfig,
}

impl From<NativeChainedPlugin> for TaskPlugin {
    fn from(NativeChainedPlugin { plugin, limits }: NativeChainedPlugin) -> Self {
        Self { plugin, sandbox: sandbox_config(limits) }
    }
}

/// All that the worker needs, copied on JavaScript's thread.
pub struct ChainTask {
    pub(crate) runtime: Arc<WasmRuntime>,
    pub(crate) plugins: Vec<TaskPlugin>,
    pub(crate) hook: String,
    pub(crate) context: String,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) queued_at: Instant,
}

impl ChainTask {
    fn call(&self) -> String {
        reply::caught(|| {
            let plugins: Vec<_> = self
                .plugins
                .iter()
                .map(|TaskPlugin { plugin, sandbox }| ChainedPlugin { plugin, sandbox: *sandbox })
                .collect();
            let request = ChainRequest {
                plugins: &plugins,
                hook: &self.hook,
                context: &Context::from_trusted_json(self.context.as_str()),
                cancel: self.cancel.as_ref(),
                queued_at: Some(self.queued_at),
            };
            self.runtime.call_chain_with(&request, |result| reply::text(result))
        })
    }
}

#[napi]
impl Task for ChainTask {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> Result<Self::Output> {
        Ok(self.call())
    }

    fn resolve(&mut self, _env: Env, reply: Self::Output) -> Result<Self::JsValue> {
        Ok(reply)
    }
}
