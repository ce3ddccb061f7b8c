//! Reading an answer in one pass.

use crate::call::answer::Answer;
use crate::json::object;
use crate::json::reader::Reader;
use crate::json::text::decoded;

/// Reads an answer that is of the contract's shape and whose every part is harmless, as nearly all are. `None` for any other:
/// [`exact`](crate::call::answer::exact) says what is wrong, if anything is.
pub(crate) fn read(text: &str) -> Option<Answer<'_>> {
    let (mut ok, mut ctx, mut patch, mut error, mut details) = (None, None, None, None, None);
    let (mut input, mut data) = (None, None);
    let mut reader = Reader::of(text);
    reader.object(|reader, key| match key {
        "\"ok\"" => put(&mut ok, reader.value()?),
        "\"patch\"" => put(&mut patch, reader.value()?),
        "\"error\"" => put(&mut error, reader.value()?),
        "\"details\"" => put(&mut details, reader.value()?),
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
    let error = match error {
        Some(error) => Some(decoded(error)?),
        None => None,
    };
    Some(Answer { ok, input, data, patch, error, details, tally: Some(reader.tally) })
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
