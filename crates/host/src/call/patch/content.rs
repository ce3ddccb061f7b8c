//! What a JSON string says.

use std::borrow::Cow;

use memchr::memchr;

use crate::call::patch::bounds::Work;
use crate::json::patience::STRIDE;
use crate::json::special::{Escaped, escape};

/// What a valid JSON string says, as UTF-8 in which half of a surrogate pair is encoded like a character of its own (WTF-8).
/// So two strings say the same exactly if JavaScript reads the same string. `None` if the work has ended before.
pub(crate) fn content<'a>(string: &'a str, work: &Work<'_>) -> Option<Cow<'a, [u8]>> {
    let mut rest = string.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
    let Some(mut plain) = memchr(b'\\', rest) else { return Some(Cow::Borrowed(rest)) };
    let mut content = Vec::with_capacity(rest.len());
    loop {
        let (before, after) = rest.split_at_checked(plain)?;
        for piece in before.chunks(STRIDE) {
            work.patience.spend(piece.len())?;
            content.extend_from_slice(piece);
        }
        let Some((_, after)) = after.split_first() else { return Some(Cow::Owned(content)) };
        work.patience.spend(1)?;
        let (escaped, after) = escape(after)?;
        match escaped {
            Escaped::Character(character) => {
                content.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Escaped::Half(unit) => content.extend_from_slice(&half(unit)),
        }
        rest = after;
        plain = memchr(b'\\', rest).unwrap_or(rest.len());
    }
}

/// Half of a surrogate pair, encoded as UTF-8 encodes other characters.
fn half(unit: u16) -> [u8; 3] {
    let [high, low] = unit.to_be_bytes();
    [0xe0 | high >> 4, 0x80 | (high & 0x0f) << 2 | low >> 6, 0x80 | low & 0x3f]
}

#[cfg(test)]
mod tests {
    use super::content;
    use crate::call::patch::bounds::Work;
    use crate::json::patience::Patience;

    #[test]
    fn a_string_says_what_its_escapes_stand_for() {
        let patience = Patience::new(&|| false);
        let work = Work::new(&patience);
        for (string, expected) in [
            (r#""""#, ""),
            (r#""plain \u00e9""#, "plain é"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""\ud83d\uDE00!""#, "😀!"),
            (r#""\u0041\u0042""#, "AB"),
        ] {
            assert_eq!(&*content(string, &work).unwrap(), expected.as_bytes(), "{string}");
        }
        let halves = [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\u0041""#, r#""\ude00\ud83d""#]
            .map(|half| content(half, &work).unwrap());
        for (index, half) in halves.iter().enumerate() {
            assert!(std::str::from_utf8(half).is_err());
            assert!(!halves[..index].contains(half));
        }
        assert_eq!(content(r#""\uD83D""#, &work), content(r#""\ud83d""#, &work));
    }
}
