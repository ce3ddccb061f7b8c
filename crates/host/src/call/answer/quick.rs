//! Reading an answer in one pass.

use crate::call::answer::shape::Answer;
use crate::json::object;
use crate::json::reader::Reader;
use crate::json::text::readable;

/// Reads an answer that is of the contract's shape and whose every part is harmless, as nearly all are. `None` for any other:
/// `exact.rs` says what is wrong, if anything is.
pub(crate) fn read(text: &str) -> Option<Answer<'_>> {
    let (mut ok, mut ctx, mut patch, mut error, mut details) = (None, None, None, None, None);
    let (mut input, mut data) = (None, None);
    let mut reader = Reader::of(text);
    reader.object(|reader, key| match key {
        "\"ok\"" => put(&mut ok, reader.value()?),
        "\"patch\"" => put(&mut patch, reader.value()?),
        "\"error\"" => put(&mut error, reader.value()?),
        "\"details\"" => put(&mut details, reader.value()?),
        // Rare, and never with a result.
        "\"thrown\"" => None,
        "\"ctx\"" if reader.is_at(b'{') => {
            put(&mut ctx, true)?;
            reader.object(|reader, key| match key {
                "\"input\"" => put(&mut input, reader.value()?),
                "\"data\"" => put(&mut data, reader.value()?),
                key => other(reader, key),
            })
        }
        "\"ctx\"" => {
            put(&mut ctx, false)?;
            (reader.value()? == "null").then_some(())
        }
        key => other(reader, key),
    })?;
    reader.end()?;
    let [input, data, patch, error, details] = [input, data, patch, error, details].map(|part| part.filter(is_present));
    let ok = match ok? {
        "true" => true,
        "false" => false,
        _ => return None,
    };
    if input.is_some_and(|input| !object::is_object(input))
        || details.is_some_and(|details| !object::is_array(details))
        || patch.is_some_and(|patch| ctx == Some(true) || !object::is_array(patch))
        || error.is_some_and(|error| !object::is_string(error))
    {
        return None;
    }
    Some(Answer { ok, input, data, patch, error: error.map(readable), details, tally: Some(reader.tally) })
}

/// `None` if the member was there before.
fn put<T>(member: &mut Option<T>, value: T) -> Option<()> {
    member.replace(value).is_none().then_some(())
}

/// Ignores a member. A key with escapes may be one of the contract's.
fn other(reader: &mut Reader<'_>, key: &str) -> Option<()> {
    if key.contains('\\') { None } else { reader.value().map(drop) }
}

/// `null` means absent.
fn is_present(value: &&str) -> bool {
    *value != "null"
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::call::answer::exact;
    use crate::call::answer::parts::check_parts;
    use crate::call::answer::shape::Answer;
    use crate::json::random::Random;

    /// Answers as plugins might write them, and texts that are a few bytes away from one.
    fn random_answers(count: usize) -> impl Iterator<Item = (String, bool)> {
        const PIECES: [&str; 40] = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\u00",
            "\\ud83d",
            "\\n",
            "\\x",
            " ",
            "\n",
            "\u{1}",
            "0",
            "-0",
            "-",
            "01",
            "1.50",
            "1.",
            "1e400",
            "2E-7",
            "+1",
            "true",
            "tru",
            "null",
            "NaN",
            "\"ok\"",
            "\"ctx\"",
            "\"input\":",
            "\"data\":",
            "\"error\":",
            "\"details\":",
            "\"__proto__\":",
            "\"\\u005f_proto__\":",
            "\"_\":1,",
            "\"é😀\"",
            "\"\\ud83d\\ude00\"",
            "\"twelve bytes\"",
        ];
        let mut random = Random::new();
        (0..count).map(move |_| {
            let mut text = random.answer();
            let is_whole = random.below(3) == 0;
            if !is_whole {
                for _ in 0..=random.below(3) {
                    let from = text.floor_char_boundary(random.below(text.len() + 1));
                    let to = text.floor_char_boundary(from + random.below(4)).max(from);
                    let piece = PIECES[random.below(PIECES.len())];
                    text.replace_range(from..to.min(text.len()), if random.below(2) == 0 { "" } else { piece });
                }
            }
            (text, is_whole)
        })
    }

    #[test]
    fn the_quick_and_the_exact_reader_agree_on_random_answers() {
        let (mut quick_ones, mut refused) = (0, 0);
        for (text, is_whole) in random_answers(60_000) {
            let exact = exact::read(&text);
            let Some(quick) = read(&text) else {
                refused += 1;
                assert!(!is_whole, "the quick reader does not take {text}");
                continue;
            };
            quick_ones += 1;
            let exact = exact.unwrap_or_else(|unread| panic!("{unread:?}: {text}"));
            let tally = quick.tally.unwrap();
            let parts = [("input", quick.input), ("data", quick.data), ("details", quick.details)];
            check_parts(&parts, tally.most()).unwrap_or_else(|fault| panic!("{}: {text}", fault.message));
            assert_eq!(exact, Answer { tally: None, ..quick }, "{text}");
        }
        assert!(quick_ones > 15_000 && refused > 15_000, "{quick_ones} read, {refused} refused");
    }

    #[test]
    fn the_quick_reader_leaves_harmful_and_unusual_answers_to_the_exact_one() {
        let deep = format!(r#"{{"ok":true,"ctx":{{"data":{}{}}}}}"#, "[".repeat(129), "]".repeat(129));
        for text in [
            r#"{"ok":true,"ctx":{"data":{"__proto__":1}}}"#,
            r#"{"ok":true,"ctx":{"data":{"_\u005fproto__":1}}}"#,
            r#"{"ok":true,"o\u006b":false}"#,
            r#"{"ok":true,"ok":true}"#,
            r#"{"ok":true,"ctx":null,"ctx":null}"#,
            r#"{"ok":true,"ctx":[]}"#,
            r#"{"ok":true,"thrown":null}"#,
            &deep,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let deepest = format!(r#"{{"ok":true,"ctx":{{"data":{}{}}}}}"#, "[".repeat(128), "]".repeat(128));
        assert!(read(&deepest).is_some());
    }
}
