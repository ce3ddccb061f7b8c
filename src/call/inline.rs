//! A first run of a call on JavaScript's own thread, where `inlineFuel` is set.

use hookcell_host::{ChainCall, Context, Grants, HookCall, HostError, LimitOverrides, WasmRuntime};

use crate::call::call_reply::CallReply;
use crate::call::calling_thread::{STACK_BYTES, Slot};
use crate::call::chain::NamedChain;
use crate::call::hook::NamedHook;
use crate::reply;

/// The reply to a call of a hook, or `None` if it must run on a worker.
pub(crate) fn hook(
    runtime: &WasmRuntime,
    NamedHook { plugin, hook }: &NamedHook,
    context: &str,
    sandbox: Option<&LimitOverrides>,
    grants: Option<&Grants>,
) -> Option<CallReply> {
    run(|| {
        let context = &Context::from_trusted_json(context).with_grants(grants);
        let request = HookCall { plugin, hook, context, sandbox, cancel: None, queued_at: None };
        runtime.call_hook_inline(&request, CallReply::of_hook)?.transpose()
    })
}

/// The reply to a chain, or `None` if it must run on a worker.
pub(crate) fn chain(
    runtime: &WasmRuntime,
    named: &NamedChain,
    context: &str,
    grants: Option<&Grants>,
) -> Option<CallReply> {
    run(|| {
        let plugins = named.plugins();
        let context = &Context::from_trusted_json(context).with_grants(grants);
        let request = ChainCall { plugins: &plugins, hook: &named.hook, context, cancel: None, queued_at: None };
        runtime.call_chain_inline(&request, |result| CallReply::of_chain(result, Vec::new()))?.transpose()
    })
}

fn run(run: impl FnOnce() -> Result<Option<CallReply>, HostError>) -> Option<CallReply> {
    let _slot = Slot::take().ok()?;
    if stacker::remaining_stack().is_none_or(|left| left < STACK_BYTES) {
        return None;
    }
    let mut is_to_run_again = false;
    let reply = reply::caught(|| {
        let reply = run()?;
        is_to_run_again = reply.is_none();
        Ok(reply.unwrap_or_default())
    });
    (!is_to_run_again).then_some(reply)
}
