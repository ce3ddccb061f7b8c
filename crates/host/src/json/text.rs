//! A JSON value as text.

use std::borrow::Cow;

use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::json::object;

/// The text of one JSON value. It is known to be valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonText<'a>(Cow<'a, str>);

impl<'a> JsonText<'a> {
    /// `text` must be valid.
    pub(crate) fn of_valid(text: impl Into<Cow<'a, str>>) -> Self {
        Self(text.into())
    }

    /// The text as the plugin wrote it.
    #[must_use]
    pub fn get(&self) -> &str {
        &self.0
    }

    /// A copy that outlives the guest's memory.
    pub(crate) fn into_static(self) -> JsonText<'static> {
        JsonText(Cow::Owned(self.0.into_owned()))
    }
}

/// As the JSON that it is.
impl Serialize for JsonText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(self.get()).map_err(Error::custom)?.serialize(serializer)
    }
}

/// What a JSON value says if it is a string. One with half of a surrogate pair stays as it is written.
pub(crate) fn text_of(value: &RawValue) -> Option<Cow<'_, str>> {
    let text = value.get();
    object::is_string(text).then(|| decoded(text).unwrap_or_else(|| Cow::Borrowed(text.trim_matches('"'))))
}

/// What a JSON string says; `None` if it has half of a surrogate pair, which is no Unicode.
pub(crate) fn decoded(string: &str) -> Option<Cow<'_, str>> {
    if string.contains('\\') {
        serde_json::from_str(string).ok().map(Cow::Owned)
    } else {
        string.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
    }
}
