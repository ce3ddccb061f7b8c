//! The reply to a call.

use hookcell_host::{ChainResult, HookResult, HostError, Usage};

/// The reply to a call.
#[derive(Debug, Default)]
pub(crate) struct CallReply {
    /// The result as JSON without its usage, or `{"refused":…}`. Empty if all plugins accept and change nothing, which is what
    /// most calls of a validating plugin end with.
    pub(crate) text: String,
    /// The length of the text for JavaScript. It equals that in bytes if the text is ASCII, and never otherwise.
    pub(crate) utf16_len: usize,
    /// `None` for a refusal.
    pub(crate) usage: Option<Usage>,
    /// What each plugin of a chain used; empty for a call of one hook.
    pub(crate) steps: Vec<Usage>,
    /// The context of the call, if it is short: the thread that allocated it frees it.
    pub(crate) context: String,
}

/// The longest context that returns to the event loop, in bytes. A longer one is freed by the worker, because replies that wait may hold
/// only so much.
const LONGEST_CONTEXT: usize = 4_096;

impl CallReply {
    /// The reply to a call of one hook.
    pub(crate) fn of_hook(result: &HookResult<'_>) -> Result<Self, HostError> {
        let text = if result.says_nothing() { String::new() } else { result.to_json_without_usage()? };
        Ok(Self { usage: Some(result.usage), ..Self::from(text) })
    }

    /// The reply to a chain, with the usage of its steps in `steps`.
    pub(crate) fn of_chain(result: &ChainResult<'_>, mut steps: Vec<Usage>) -> Result<Self, HostError> {
        let text = if result.says_nothing() { String::new() } else { result.outcome_to_json()? };
        steps.extend(result.steps.iter().map(|step| step.usage));
        Ok(Self { usage: Some(result.usage), steps, ..Self::from(text) })
    }

    /// The same reply, which takes the context of its call back to the event loop.
    ///
    /// A thread that frees what another has allocated may have to wait for it in the allocator.
    pub(crate) fn with_context(self, context: String) -> Self {
        if context.len() > LONGEST_CONTEXT { self } else { Self { context, ..self } }
    }

    /// The bytes that it holds for the event loop's thread to free.
    pub(crate) fn returned_bytes(&self) -> usize {
        self.steps.capacity().saturating_mul(size_of::<Usage>()).saturating_add(self.context.capacity())
    }

    pub(crate) fn is_ascii(&self) -> bool {
        self.utf16_len == self.text.len()
    }
}

impl From<String> for CallReply {
    fn from(text: String) -> Self {
        let utf16_len = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        Self { text, utf16_len, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::{CallReply, LONGEST_CONTEXT, Usage};

    /// As `maxQueueBytes` is documented.
    #[test]
    fn the_usage_of_a_step_has_40_bytes() {
        assert_eq!(size_of::<Usage>(), 40);
    }

    #[test]
    fn a_short_context_returns_with_its_reply_and_a_long_one_does_not() {
        let returned = |length: usize| CallReply::default().with_context("x".repeat(length)).context.len();
        assert_eq!([0, LONGEST_CONTEXT, LONGEST_CONTEXT + 1].map(returned), [0, LONGEST_CONTEXT, 0]);
    }
}
