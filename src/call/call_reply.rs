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
}

impl CallReply {
    /// The reply to a call of one hook.
    pub(crate) fn of_hook(result: &HookResult<'_>) -> Result<Self, HostError> {
        let text = if result.says_nothing() { String::new() } else { result.to_json_without_usage()? };
        Ok(Self { usage: Some(result.usage), ..Self::from(text) })
    }

    /// The reply to a chain.
    pub(crate) fn of_chain(result: &ChainResult<'_>) -> Result<Self, HostError> {
        let text = if result.says_nothing() { String::new() } else { result.outcome_to_json()? };
        let steps = result.steps.iter().map(|step| step.usage).collect();
        Ok(Self { usage: Some(result.usage), steps, ..Self::from(text) })
    }

    pub(crate) fn is_ascii(&self) -> bool {
        self.utf16_len == self.text.len()
    }
}

impl From<String> for CallReply {
    fn from(text: String) -> Self {
        let utf16_len = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        Self { text, utf16_len, usage: None, steps: Vec::new() }
    }
}
