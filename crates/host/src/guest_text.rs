//! Text that a guest chose, made fit for a log line or an error message.

use std::fmt;

/// Longest text kept, in characters. A name in a module may have 100,000 bytes.
const MAX_CHARS: usize = 200;

/// Longest list of texts, in bytes.
const MAX_LIST_BYTES: usize = 500;

/// The text cut to 200 characters, control characters and the like escaped.
pub(crate) fn clean(text: &str) -> String {
    Clean(text).to_string()
}

/// The text in double quotes, cut and escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", Clean(text))
}

/// Is it text that nothing has to be escaped in?
pub(crate) fn is_plain(text: &str) -> bool {
    text.chars().all(|character| matches!(character, '"' | '\'' | '\\') || character.escape_debug().len() == 1)
}

/// As many of the texts as fit into a message, and how many there are beside them.
pub(crate) fn listed(texts: impl ExactSizeIterator<Item = String>) -> String {
    let mut left = texts.len();
    let mut list = String::new();
    for text in texts {
        if !list.is_empty() && list.len().saturating_add(text.len()) > MAX_LIST_BYTES {
            return format!("{list}, {left} more");
        }
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(&text);
        left = left.saturating_sub(1);
    }
    list
}

struct Clean<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = MAX_CHARS;
        for character in self.0.chars() {
            let escaped = character.escape_debug();
            // Format characters turn a terminal's text around or hide it; `escape_debug` knows which those are.
            let length = if matches!(character, '"' | '\'') { 1 } else { escaped.len() };
            let Some(left) = room.checked_sub(length) else {
                return formatter.write_str("…");
            };
            room = left;
            if length == 1 {
                write!(formatter, "{character}")?;
            } else {
                write!(formatter, "{escaped}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, quoted};

    #[test]
    fn control_and_direction_characters_are_escaped() {
        assert_eq!(clean("a\u{1b}[31m\n\u{202e}b"), "a\\u{1b}[31m\\n\\u{202e}b");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(quoted(&"x".repeat(100_000)).chars().count(), 203);
        assert_eq!(clean(&"x".repeat(200)).chars().count(), 200);
    }
}
