//! Whether two texts are the same JSON.

use std::borrow::Cow;

use crate::json::reader::Reader;
use crate::json::text::decoded;

/// Do these valid texts say the same? Numbers are the same if JavaScript reads the same number, objects if they have the same
/// members in any order. The texts must not nest too deep to recurse.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let kinds = (one.as_bytes().first(), other.as_bytes().first());
    match kinds {
        (Some(b'{'), Some(b'{')) => match (members(one), members(other)) {
            (Some(one), Some(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(&other)
                        .all(|((key, value), (other_key, other_value))| key == other_key && is_same(value, other_value))
            }
            _ => false,
        },
        (Some(b'['), Some(b'[')) => match (items(one), items(other)) {
            (Some(one), Some(other)) => {
                one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| is_same(one, other))
            }
            _ => false,
        },
        // A half of a surrogate pair is equal to nothing but itself.
        (Some(b'"'), Some(b'"')) => decoded(one).is_some_and(|one| decoded(other) == Some(one)),
        (Some(b'-' | b'0'..=b'9'), Some(b'-' | b'0'..=b'9')) => {
            let number = |text: &str| text.parse::<f64>().ok();
            number(one).is_some_and(|one| number(other) == Some(one))
        }
        _ => false,
    }
}

/// The members, sorted by key. Of two with one key, the last counts.
fn members(text: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    let mut members = Vec::new();
    Reader::of(text).object(|reader, key| {
        members.push((decoded(key).unwrap_or(Cow::Borrowed(key)), reader.value()?));
        Some(())
    })?;
    members.reverse();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.dedup_by(|(one, _), (other, _)| one == other);
    Some(members)
}

fn items(text: &str) -> Option<Vec<&str>> {
    let mut items = Vec::new();
    Reader::of(text).array(|reader| {
        items.push(reader.value()?);
        Some(())
    })?;
    Some(items)
}
