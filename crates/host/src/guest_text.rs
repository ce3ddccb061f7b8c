//! Text that a guest chose, made fit for a log line or an error message.

use std::fmt;

/// Longest text kept, in characters. A name in a module may have 100,000 bytes.
const MAX_CHARS: usize = 200;

/// The text cut to 200 characters, control characters and the like escaped.
pub(crate) fn clean(text: &str) -> String {
    Clean(text).to_string()
}

/// The text in double quotes, cut and escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", Clean(text))
}

struct Clean<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(MAX_CHARS) {
            match character {
                '"' | '\'' => write!(formatter, "{character}")?,
                // Format characters turn a terminal's text around or hide it; `escape_debug` knows which those are.
                other => write!(formatter, "{}", other.escape_debug())?,
            }
        }
        if characters.next().is_some() {
            write!(formatter, "…")?;
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
