//! A chain of hook calls.

use std::borrow::Cow;

use hookcell_host::{ChainCall, ChainedPlugin, Context, HostError, LimitOverrides, WasmRuntime};
use serde::Deserialize;

use crate::call::asked::Asked;
use crate::call::call_reply::CallReply;
use crate::limits::{LimitOptions, limit_overrides};
use crate::reply;

/// A plugin of a chain and the limits of its call, as `lib/` writes them.
#[derive(Deserialize)]
struct ChainEntry<'a> {
    #[serde(borrow)]
    plugin: Cow<'a, str>,
    limits: Option<LimitOptions>,
}

/// A plugin of a chain, and the limits of its call.
pub(crate) type ChainedCall = (String, LimitOverrides);

/// Reads the plugins of a chain from JSON text, because five objects take longer to cross than a hook takes to run.
pub(crate) fn parse(plugins: &str) -> Result<Vec<ChainedCall>, HostError> {
    let entries: Vec<ChainEntry> =
        serde_json::from_str(plugins).map_err(|error| HostError::Internal(error.to_string()))?;
    let call = |ChainEntry { plugin, limits }| (Cow::into_owned(plugin), limit_overrides(limits.as_ref()));
    Ok(entries.into_iter().map(call).collect())
}

/// One call of a chain.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) plugins: Vec<ChainedCall>,
    pub(crate) hook: String,
    pub(crate) context: String,
}

impl Chain {
    pub(crate) fn run(
        self,
        runtime: &WasmRuntime,
        Asked { cancel, queued_at }: Asked<'_>,
    ) -> Result<CallReply, HostError> {
        let Self { plugins, hook, context } = self;
        let plugins: Vec<_> =
            plugins.iter().map(|(plugin, sandbox)| ChainedPlugin { plugin, sandbox: *sandbox }).collect();
        let context = &Context::from_trusted_json(context);
        let request = ChainCall { plugins: &plugins, hook: &hook, context, cancel, queued_at: Some(queued_at) };
        runtime.call_chain_with(&request, reply::of_chain)?.map(CallReply::from)
    }
}
