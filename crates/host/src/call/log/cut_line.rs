//! A line whose end `maxLogBytes` cuts off.

use memchr::memrchr;

use crate::call::log::line::{LogLine, Room};
use crate::call::thrown::frame::Frame;
use crate::json::object;

/// The first bytes of a log: its whole lines, and the beginning of the line that is cut, if one is.
pub(super) fn whole_lines(bytes: &[u8], most: usize) -> (&[u8], Option<&[u8]>) {
    let Some((kept, rest)) = bytes.split_at_checked(most) else {
        return (bytes, None);
    };
    if rest.first().is_none_or(|byte| *byte == b'\n') {
        return (kept, None);
    }
    let line_begins = memrchr(b'\n', kept).map_or(0, |newline| newline.saturating_add(1));
    let (whole, cut) = kept.split_at(line_begins);
    (whole, Some(cut))
}

/// Reads the beginning of a line. JSON that cannot be ended says nothing to a reader, and is left out.
pub(super) fn read(cut: &[u8], room: &mut Room) -> Option<(LogLine, Vec<Frame>)> {
    let cut = String::from_utf8_lossy(cut);
    let cut = cut.trim_ascii();
    if object::is_object(cut) {
        LogLine::of_json(&ended(cut)?, room)
    } else {
        (!cut.is_empty()).then(|| LogLine::read(cut, room))
    }
}

/// The line with an end, if it is JSON that can be ended here: its text gets an ellipsis and is closed, and so is what it is in.
fn ended(line: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut text = None;
    for (index, character) in line.char_indices() {
        text = match (text, character) {
            (None, '"') => Some(Text::Plain),
            (None, '{' | '[') => {
                open.push(if character == '{' { '}' } else { ']' });
                None
            }
            (None, '}' | ']') => {
                open.pop();
                None
            }
            (None, _) | (Some(Text::Plain), '"') => None,
            (Some(Text::Plain), '\\') => Some(Text::Escape { begins: index, left: 1 }),
            (Some(Text::Escape { begins, left: 1 }), 'u') if index == begins.saturating_add(1) => {
                Some(Text::Escape { begins, left: 4 })
            }
            (Some(Text::Escape { begins, left }), _) if left > 1 => {
                Some(Text::Escape { begins, left: left.saturating_sub(1) })
            }
            (Some(_), _) => Some(Text::Plain),
        };
    }
    let mut whole = match text? {
        Text::Plain => line.to_owned(),
        Text::Escape { begins, .. } => line.get(..begins)?.to_owned(),
    };
    whole.push_str("…\"");
    whole.extend(open.into_iter().rev());
    Some(whole)
}

/// Where a character is in a text.
#[derive(Clone, Copy)]
enum Text {
    Plain,
    /// In an escape that began here and has so many characters left.
    Escape {
        begins: usize,
        left: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::ended;

    #[test]
    fn a_line_that_is_cut_in_a_text_gets_its_end() {
        for (cut, whole) in [
            (r#"{"message":"a"#, r#"{"message":"a…"}"#),
            (r#"{"message":"a","fields":{"b":[1,{"c":"}"#, r#"{"message":"a","fields":{"b":[1,{"c":"}…"}]}}"#),
            (r#"{"message":"\"\\"#, r#"{"message":"\"\\…"}"#),
            (r#"{"message":"a\"#, r#"{"message":"a…"}"#),
            (r#"{"message":"a\u00"#, r#"{"message":"a…"}"#),
            (r#"{"message":"a\u00e9"#, r#"{"message":"a\u00e9…"}"#),
            (r#"{"message":"a\nu"#, r#"{"message":"a\nu…"}"#),
        ] {
            assert_eq!(ended(cut).as_deref(), Some(whole), "{cut}");
            serde_json::from_str::<serde_json::Value>(whole).unwrap();
        }
        for cut in ["", "{", r#"{"message""#, r#"{"message":"a""#, r#"{"message":"a","fields":{"b":1"#] {
            assert_eq!(ended(cut), None, "{cut}");
        }
    }
}
