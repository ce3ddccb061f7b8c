//! A chain of hook calls.

use std::borrow::Cow;
use std::sync::Arc;

use hookcell_host::{
    ChainCall, ChainResult, ChainedPlugin, Context, Grants, HostError, LimitOverrides, Usage, WasmRuntime,
};
use serde::Deserialize;

use crate::call::asked::Asked;
use crate::call::call_reply::CallReply;
use crate::grants::GrantOptions;
use crate::limits::{LimitOptions, limit_overrides};

/// A plugin of a chain, the limits of its call and what it is granted, as `lib/` writes them.
#[derive(Deserialize)]
struct ChainEntry<'a> {
    #[serde(borrow)]
    plugin: Cow<'a, str>,
    limits: Option<LimitOptions>,
    grants: Option<GrantOptions>,
}

/// A hook of several plugins by the names that its callers use, with the limits and grants of each call. What the names mean is looked up by
/// each call when it runs.
#[derive(Debug)]
pub(crate) struct NamedChain {
    plugins: Vec<(String, Option<LimitOverrides>, Option<Grants>)>,
    pub(crate) hook: String,
    /// The bytes of the names and limits as text.
    bytes: usize,
}

impl NamedChain {
    /// Reads the plugins from JSON text, because five objects take longer to cross than a hook takes to run.
    pub(crate) fn parse(plugins: &str, hook: String) -> Result<Self, HostError> {
        let entries: Vec<ChainEntry> =
            serde_json::from_str(plugins).map_err(|error| HostError::Internal(error.to_string()))?;
        let call = |ChainEntry { plugin, limits, grants }| {
            let grants = grants.as_ref().map(GrantOptions::parse).transpose()?;
            Ok((Cow::into_owned(plugin), limits.as_ref().map(limit_overrides), grants))
        };
        let bytes = plugins.len().saturating_add(hook.len());
        Ok(Self { plugins: entries.into_iter().map(call).collect::<Result<_, HostError>>()?, hook, bytes })
    }

    /// The plugins in order.
    pub(crate) fn plugins(&self) -> Vec<ChainedPlugin<'_>> {
        self.plugins
            .iter()
            .map(|(plugin, sandbox, grants)| ChainedPlugin {
                plugin,
                sandbox: sandbox.as_ref(),
                grants: grants.as_ref(),
            })
            .collect()
    }

    /// How many plugins there are.
    pub(crate) fn count(&self) -> usize {
        self.plugins.len()
    }

    /// The name of the first plugin.
    pub(crate) fn first(&self) -> &str {
        self.plugins.first().map_or("", |(plugin, ..)| plugin)
    }

    /// The bytes of the names and limits as text.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }
}

/// One call of a chain.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) named: Arc<NamedChain>,
    pub(crate) context: String,
    /// What all plugins of this call are granted, if anything.
    pub(crate) grants: Option<Box<Grants>>,
    /// Room for the usage of its steps. The event loop's thread allocates it, and frees it with the reply.
    pub(crate) steps: Vec<Usage>,
}

impl Chain {
    pub(crate) fn run(
        self,
        runtime: &WasmRuntime,
        Asked { cancel, queued_at, finished }: Asked<'_>,
    ) -> Result<CallReply, HostError> {
        let Self { named, context, grants, steps } = self;
        let plugins = named.plugins();
        let given = &Context::from_trusted_json(&*context).with_grants(grants.as_deref());
        let (hook, queued_at) = (&*named.hook, Some(queued_at));
        let request = ChainCall { plugins: &plugins, hook, context: given, cancel, queued_at };
        let read = |result: &ChainResult<'_>| CallReply::of_chain(result, steps);
        let reply = runtime.call_chain_before_reset(&request, finished, read)??;
        Ok(reply.with_context(context))
    }
}
