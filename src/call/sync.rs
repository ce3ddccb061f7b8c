//! A hook call on JavaScript's own thread.

use hookcell_host::{Context, HookCall, LimitOverrides, WasmRuntime};

use crate::call::call_reply::CallReply;
use crate::call::calling_thread::{STACK_BYTES, Slot};
use crate::call::hook::NamedHook;
use crate::grants::GrantOptions;
use crate::reply;

/// The size of a new stack for such a call, with room for the switch to it.
const NEW_STACK_BYTES: usize = 2 * STACK_BYTES;

/// Runs the hook on the calling thread.
pub(crate) fn call(
    runtime: &WasmRuntime,
    NamedHook { plugin, hook }: &NamedHook,
    context: &str,
    sandbox: &LimitOverrides,
    grants: Option<&GrantOptions>,
) -> CallReply {
    reply::caught(|| {
        let _slot = Slot::take()?;
        let grants = grants.map(GrantOptions::parse).transpose()?;
        let context = &Context::from_trusted_json(context).with_grants(grants.as_ref());
        let request = HookCall { plugin, hook, context, sandbox: *sandbox, cancel: None, queued_at: None };
        stacker::maybe_grow(STACK_BYTES, NEW_STACK_BYTES, || runtime.call_hook_with(&request, CallReply::of_hook)?)
    })
}
