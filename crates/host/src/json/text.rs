//! A JSON value as text.

use std::borrow::Cow;

use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::json::object;
use crate::json::special::{Escaped, escape};

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

/// What a JSON value says to people if it is a string: see [`readable`].
pub(crate) fn text_of(value: &RawValue) -> Option<Cow<'_, str>> {
    object::is_string(value.get()).then(|| readable(value.get()))
}

/// What a valid JSON string says to people. Half of a surrogate pair, which is no Unicode, becomes U+FFFD: JavaScript leaves one
/// where it cuts a text inside a character.
pub(crate) fn readable(string: &str) -> Cow<'_, str> {
    decoded(string).unwrap_or_else(|| Cow::Owned(with_replacements(string)))
}

/// What a JSON string says; `None` if it has half of a surrogate pair.
pub(crate) fn decoded(string: &str) -> Option<Cow<'_, str>> {
    if string.contains('\\') {
        serde_json::from_str(string).ok().map(Cow::Owned)
    } else {
        string.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
    }
}

fn with_replacements(string: &str) -> String {
    let mut rest = string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(string);
    let mut text = String::with_capacity(rest.len());
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let Some((escaped, after)) = escape(after.as_bytes()) else {
            break;
        };
        text.push(match escaped {
            Escaped::Character(character) => character,
            Escaped::Half(_) => char::REPLACEMENT_CHARACTER,
        });
        // Only ASCII was read.
        rest = str::from_utf8(after).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::{decoded, readable};

    #[test]
    fn half_of_a_surrogate_pair_becomes_a_replacement_character() {
        for (string, expected) in [
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\ud83d\ude00\n\"é\\""#, "\u{fffd}😀\n\"é\\"),
            (r#""\uD83D\u0041\/""#, "\u{fffd}A/"),
        ] {
            assert_eq!(decoded(string), None, "{string}");
            assert_eq!(readable(string), expected, "{string}");
        }
        assert_eq!(readable(r#""\ud83d\ude00""#), "😀");
        assert_eq!(readable(r#""plain""#), "plain");
    }
}
