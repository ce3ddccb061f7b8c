//! One hook call on a thread of libuv's pool.

use std::sync::Arc;
use std::time::Instant;

use hookcell_host::{CancelToken, Context, HookRequest, SandboxConfig, WasmRuntime};
use napi::bindgen_prelude::{Env, Result, Task};
use napi_derive::napi;

use crate::reply;

/// All that the worker needs, copied on JavaScript's thread.
pub struct HookTask {
    pub(crate) runtime: Arc<WasmRuntime>,
    pub(crate) plugin: String,
    pub(crate) hook: String,
    pub(crate) context: String,
    pub(crate) sandbox: SandboxConfig,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) queued_at: Instant,
}

impl HookTask {
    fn call(&self) -> String {
        reply::caught(|| {
            let request = HookRequest {
                plugin: &self.plugin,
                hook: &self.hook,
                context: &Context::from_trusted_json(self.context.as_str()),
                sandbox: self.sandbox,
                cancel: self.cancel.as_ref(),
                queued_at: Some(self.queued_at),
            };
            self.runtime.call_hook_with(&request, |result| reply::text(result))
        })
    }
}

#[napi]
impl Task for HookTask {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> Result<Self::Output> {
        Ok(self.call())
    }

    fn resolve(&mut self, _env: Env, reply: Self::Output) -> Result<Self::JsValue> {
        Ok(reply)
    }
}
