//! What a call does when it gets its turn.

use hookcell_host::{HostError, WasmRuntime};

use crate::call::asked::Asked;
use crate::call::call_reply::CallReply;
use crate::call::chain::Chain;
use crate::call::hook::OneHook;

/// The work of one call.
#[derive(Debug)]
pub(crate) enum Work {
    Hook(OneHook),
    Chain(Chain),
}

impl Work {
    /// How many plugins it calls.
    pub(crate) fn links(&self) -> usize {
        match self {
            Self::Hook(_) => 1,
            Self::Chain(chain) => chain.named.count(),
        }
    }

    /// Runs it on the current thread.
    pub(crate) fn run(self, runtime: &WasmRuntime, asked: Asked<'_>) -> Result<CallReply, HostError> {
        match self {
            Self::Hook(hook) => hook.run(runtime, asked),
            Self::Chain(chain) => chain.run(runtime, asked),
        }
    }
}
