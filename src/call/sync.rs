//! A hook call on JavaScript's own thread.

use hookcell_host::{Context, HookCall, HostError, LimitOverrides, WasmRuntime};
use serde::Serialize;

use crate::call::call_reply::CallReply;
use crate::call::calling_thread::{STACK_BYTES, Slot};
use crate::call::hook::NamedHook;
use crate::grants::GrantOptions;
use crate::reply;

/// The size of a new stack for such a call, with room for the switch to it.
const NEW_STACK_BYTES: usize = 2 * STACK_BYTES;

/// What a call on the calling thread gets.
pub(crate) struct Given<'a> {
    pub(crate) named: &'a NamedHook,
    pub(crate) context: &'a str,
    pub(crate) sandbox: Option<&'a LimitOverrides>,
    pub(crate) grants: Option<&'a GrantOptions>,
}

/// Runs the hook on the calling thread.
pub(crate) fn call(runtime: &WasmRuntime, given: &Given<'_>) -> CallReply {
    reply::caught(|| on_this_thread(given, |request| runtime.call_hook_with(request, CallReply::of_hook)?))
}

/// Runs the hook on the calling thread and counts the bytes of the pages that it changes: `{"touched":…}` or `{"refused":…}`.
pub(crate) fn touched(runtime: &WasmRuntime, given: &Given<'_>) -> String {
    reply::caught(|| {
        let touched = on_this_thread(given, |request| runtime.touched_bytes(request))?;
        Ok(reply::text(&Touched { touched }))
    })
}

/// The reply to a call whose memory is measured.
#[derive(Serialize)]
struct Touched {
    touched: u64,
}

fn on_this_thread<R>(
    &Given { named: NamedHook { plugin, hook }, context, sandbox, grants }: &Given<'_>,
    run: impl FnOnce(&HookCall<'_>) -> Result<R, HostError>,
) -> Result<R, HostError> {
    let _slot = Slot::take()?;
    let grants = grants.map(GrantOptions::parse).transpose()?;
    let context = &Context::from_trusted_json(context).with_grants(grants.as_ref());
    let request = HookCall { plugin, hook, context, sandbox, cancel: None, queued_at: None };
    stacker::maybe_grow(STACK_BYTES, NEW_STACK_BYTES, || run(&request))
}
