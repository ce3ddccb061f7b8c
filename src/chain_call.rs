//! A chain of hook calls.

use hookcell_host::{ChainRequest, ChainedPlugin, Context, SandboxConfig, WasmRuntime};
use napi_derive::napi;

use crate::hook_queue::{Asked, Run};
use crate::options::{LimitOptions, sandbox_config};
use crate::reply;

/// A plugin of a chain, and the limits of its call.
#[napi(object, object_to_js = false)]
pub struct NativeChainedPlugin {
    pub plugin: String,
    pub limits: Option<LimitOptions>,
}

/// What the chain does when its turn has come.
pub(crate) fn run(plugins: Vec<NativeChainedPlugin>, hook: String, context: String) -> Box<Run> {
    let sandboxes: Vec<SandboxConfig> = plugins.iter().map(|chained| sandbox_config(chained.limits.as_ref())).collect();
    Box::new(move |runtime: &WasmRuntime, Asked { cancel, queued_at }| {
        let plugins: Vec<_> = plugins
            .iter()
            .zip(&sandboxes)
            .map(|(chained, sandbox)| ChainedPlugin { plugin: &chained.plugin, sandbox: *sandbox })
            .collect();
        let context = &Context::from_trusted_json(context);
        let request = ChainRequest { plugins: &plugins, hook: &hook, context, cancel, queued_at: Some(queued_at) };
        runtime.call_chain_with(&request, |result| reply::text(result))
    })
}
