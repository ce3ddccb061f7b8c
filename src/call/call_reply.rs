//! The reply to a call that waited in the queue.

use hookcell_host::{HookResult, HostError, Usage};

/// The reply to a call.
#[derive(Debug, Default)]
pub(crate) struct CallReply {
    /// The result as JSON, without its usage if that is in `usage`, or `{"refused":…}`. Empty if the plugin accepts and
    /// changes nothing, which is what most calls of a validating plugin end with.
    pub(crate) text: String,
    /// The length of the text for JavaScript. It equals that in bytes if the text is ASCII, and never otherwise.
    pub(crate) utf16_len: usize,
    pub(crate) usage: Option<Usage>,
}

impl CallReply {
    /// The reply to a call of one hook.
    pub(crate) fn of_result(result: &HookResult<'_>) -> Result<Self, HostError> {
        let text = if result.outcome.changes_nothing() { String::new() } else { result.outcome.to_json()? };
        Ok(Self { usage: Some(result.usage), ..Self::from(text) })
    }
}

impl From<String> for CallReply {
    fn from(text: String) -> Self {
        let utf16_len = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        Self { text, utf16_len, usage: None }
    }
}
