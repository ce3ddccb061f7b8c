//! A chain of hook calls on one thread of libuv's pool.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use hookcell_host::{CancelToken, ChainRequest, ChainedPlugin, Context, HostError, WasmRuntime};
use napi::bindgen_prelude::{Env, Result, Task};
use napi_derive::napi;
use serde::Deserialize;

use crate::options::{LimitOptions, sandbox_config};
use crate::reply;

/// A plugin of a chain and the limits of its call, as `lib/` writes them.
#[derive(Deserialize)]
struct ChainEntry<'a> {
    #[serde(borrow)]
    plugin: Cow<'a, str>,
    limits: Option<LimitOptions>,
}

/// All that the worker needs, copied on JavaScript's thread.
pub struct ChainTask {
    pub(crate) runtime: Arc<WasmRuntime>,
    /// JSON text: five objects would take longer to cross than a hook takes to run.
    pub(crate) plugins: String,
    pub(crate) hook: String,
    pub(crate) context: String,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) queued_at: Instant,
}

impl ChainTask {
    fn call(&self) -> String {
        reply::caught(|| {
            let entries: Vec<ChainEntry> =
                serde_json::from_str(&self.plugins).map_err(|error| HostError::Internal(error.to_string()))?;
            let plugins: Vec<_> = entries
                .iter()
                .map(|ChainEntry { plugin, limits }| ChainedPlugin { plugin, sandbox: sandbox_config(limits.as_ref()) })
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
