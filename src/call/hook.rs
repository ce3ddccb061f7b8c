//! A call of one hook.

use std::sync::Arc;

use hookcell_host::{Context, Grants, HookCall, HostError, LimitOverrides, WasmRuntime};

use crate::call::asked::Asked;
use crate::call::call_reply::CallReply;

/// A hook of a plugin by the names that its callers use. What they mean is looked up by each call when it runs.
#[derive(Debug)]
pub(crate) struct NamedHook {
    pub(crate) plugin: String,
    pub(crate) hook: String,
}

impl NamedHook {
    /// The bytes of both names.
    pub(crate) fn len(&self) -> usize {
        self.plugin.len().saturating_add(self.hook.len())
    }
}

/// One call of a hook.
#[derive(Debug)]
pub(crate) struct OneHook {
    pub(crate) named: Arc<NamedHook>,
    pub(crate) context: String,
    /// The limits of this call, if it sets any. Boxed, because most calls set none.
    pub(crate) limits: Option<Box<LimitOverrides>>,
    /// What this call is granted, if anything.
    pub(crate) grants: Option<Box<Grants>>,
}

impl OneHook {
    pub(crate) fn run(
        self,
        runtime: &WasmRuntime,
        Asked { cancel, queued_at, finished }: Asked<'_>,
    ) -> Result<CallReply, HostError> {
        let Self { named, context, limits, grants } = self;
        let NamedHook { plugin, hook } = &*named;
        let given = &Context::from_trusted_json(&*context).with_grants(grants.as_deref());
        let sandbox = limits.as_deref();
        let request = HookCall { plugin, hook, context: given, sandbox, cancel, queued_at: Some(queued_at) };
        let reply = runtime.call_hook_before_reset(&request, finished, CallReply::of_hook)??;
        Ok(reply.with_context(context))
    }
}
