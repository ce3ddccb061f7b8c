//! Reading an answer in one pass.

use std::borrow::Cow;

use crate::call::answer::Answer;
use crate::json::object;
use crate::json::reader::Reader;

/// Reads an answer that is of the contract's shape and whose every part is harmless, as nearly all are. `None` for any other:
/// [`exact`](crate::call::answer::exact) says what is wrong, if anything is.
pub(crate) fn read(text: &str) -> Option<Answer<'_>> {
    let (mut ok, mut ctx, mut error, mut details) = (None, None, None, None);
    let (mut input, mut data) = (None, None);
    let mut reader = Reader::of(text);
    reader.object(|reader, key| match key {
        "\"ok\"" => put(&mut ok, reader.value()?),
        "\"error\"" => put(&mut error, reader.value()?),
        "\"details\"" => put(&mut details, reader.value()?),
        "\"ctx\"" if reader.is_at(b'{') => {
            put(&mut ctx, ())?;
            reader.object(|reader, key| match key {
                "\"input\"" => put(&mut input, reader.value()?),
                "\"data\"" => put(&mut data, reader.value()?),
                key => other(reader, key),
            })
        }
        "\"ctx\"" => {
            put(&mut ctx, ())?;
            (reader.value()? == "null").then_some(())
        }
        key => other(reader, key),
    })?;
    reader.end()?;
    let [input, data, error, details] = [input, data, error, details].map(|part| part.filter(is_present));
    let ok = match ok? {
        "true" => true,
        "false" => false,
        _ => return None,
    };
    if input.is_some_and(|input| !object::is_object(input))
        || details.is_some_and(|details| !object::is_array(details))
        || error.is_some_and(|error| !object::is_string(error))
    {
        return None;
    }
    let error = match error {
        Some(error) => Some(string(error)?),
        None => None,
    };
    Some(Answer { ok, input, data, error, details, tally: Some(reader.tally) })
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

/// What a string says.
fn string(text: &str) -> Option<Cow<'_, str>> {
    if text.contains('\\') {
        serde_json::from_str(text).ok().map(Cow::Owned)
    } else {
        text.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
    }
}
