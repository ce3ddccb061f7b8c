//! A chain of hook calls.

use std::borrow::Cow;

use hookcell_host::{ChainRequest, ChainedPlugin, Context, HostError, WasmRuntime};
use serde::Deserialize;

use crate::hook_queue::{Asked, Run};
use crate::options::{LimitOptions, sandbox_config};
use crate::reply;

/// A plugin of a chain and the limits of its call, as `lib/` writes them.
#[derive(Deserialize)]
struct ChainEntry<'a> {
    #[serde(borrow)]
    plugin: Cow<'a, str>,
    limits: Option<LimitOptions>,
}

/// What the chain does when its turn has come. `plugins` is JSON text: five objects would take longer to cross than a
/// hook takes to run.
pub(crate) fn run(plugins: String, hook: String, context: String) -> Box<Run> {
    Box::new(move |runtime: &WasmRuntime, Asked { cancel, queued_at }| {
        let entries: Vec<ChainEntry> =
            serde_json::from_str(&plugins).map_err(|error| HostError::Internal(error.to_string()))?;
        let plugins: Vec<_> = entries
            .iter()
            .map(|ChainEntry { plugin, limits }| ChainedPlugin { plugin, sandbox: sandbox_config(limits.as_ref()) })
            .collect();
        let context = &Context::from_trusted_json(context);
        let request = ChainRequest { plugins: &plugins, hook: &hook, context, cancel, queued_at: Some(queued_at) };
        runtime.call_chain_with(&request, |result| reply::text(result))
    })
}
