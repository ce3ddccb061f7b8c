//! Text that a guest chose, made safe for a log line or an error message.

use std::fmt::{self, Write};

/// The longest text that is kept, in characters. A name in a module may have 100,000 bytes.
const MAX_CHARS: usize = 200;

/// The longest path that is kept, in characters: its end, which holds the file's name.
const MAX_PATH_CHARS: usize = 100;

/// The longest list of texts, in bytes.
const MAX_LIST_BYTES: usize = 500;

/// The text cut to 200 characters, with control and invisible characters escaped.
pub(crate) fn clean(text: &str) -> String {
    clean_to(text, MAX_CHARS)
}

/// The text cut to so many characters, with control and invisible characters escaped.
pub(crate) fn clean_to(text: &str, most_chars: usize) -> String {
    Clean { text, most_chars }.to_string()
}

/// The end of a long path, which tells more than its start; escaped.
pub(crate) fn path(path: &str) -> String {
    clean(&match path.char_indices().rev().nth(MAX_PATH_CHARS.saturating_sub(1)) {
        Some((at, _)) if at > 0 => format!("…{}", path.get(at..).unwrap_or_default()),
        _ => path.to_owned(),
    })
}

/// The text in double quotes, cut and escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", clean(text))
}

/// Is there nothing in the text to escape?
pub(crate) fn is_plain(text: &str) -> bool {
    text.chars().all(|character| matches!(character, '"' | '\'' | '\\') || Shown::of(character).length == 1)
}

/// As many of the texts as fit into a message, and the number of those that do not.
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

struct Clean<'a> {
    text: &'a str,
    most_chars: usize,
}

impl fmt::Display for Clean<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = self.most_chars;
        for character in self.text.chars() {
            let shown = Shown::of(character);
            let Some(left) = room.checked_sub(shown.length) else {
                return formatter.write_str("…");
            };
            room = left;
            match shown.escape {
                None => formatter.write_char(character)?,
                Some(Escape::Debug) => write!(formatter, "{}", character.escape_debug())?,
                Some(Escape::Unicode) => write!(formatter, "{}", character.escape_unicode())?,
            }
        }
        Ok(())
    }
}

/// How a character is shown, and the length of that in characters.
struct Shown {
    escape: Option<Escape>,
    length: usize,
}

enum Escape {
    Debug,
    Unicode,
}

impl Shown {
    fn of(character: char) -> Self {
        if is_blank_letter(character) {
            return Self { escape: Some(Escape::Unicode), length: character.escape_unicode().len() };
        }
        // Format characters reverse or hide a terminal's text; `escape_debug` knows them.
        match character.escape_debug().len() {
            length if length == 1 || matches!(character, '"' | '\'') => Self { escape: None, length: 1 },
            length => Self { escape: Some(Escape::Debug), length },
        }
    }
}

/// Characters that Unicode counts as letters or symbols but that are invisible: the Hangul fillers and the Braille blank.
fn is_blank_letter(character: char) -> bool {
    matches!(character, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}')
}

#[cfg(test)]
mod tests {
    use super::{clean, quoted};

    #[test]
    fn control_and_direction_characters_are_escaped() {
        assert_eq!(clean("a\u{1b}[31m\n\u{202e}b"), "a\\u{1b}[31m\\n\\u{202e}b");
    }

    #[test]
    fn invisible_characters_are_escaped() {
        for code in (0x200b..=0x200f)
            .chain(0x2028..=0x202e)
            .chain(0x2060..=0x206f)
            .chain(0xfe00..=0xfe0f)
            .chain(0xe_0000..=0xe_01ef)
            .chain([0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180b, 0x180e, 0x2800, 0x3164, 0xfeff, 0xffa0, 0xfffa])
        {
            let character = char::from_u32(code).unwrap();
            assert_eq!(clean(&format!("a{character}b")), format!("a\\u{{{code:x}}}b"));
        }
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(quoted(&"x".repeat(100_000)).chars().count(), 203);
        assert_eq!(clean(&"x".repeat(200)).chars().count(), 200);
    }
}
