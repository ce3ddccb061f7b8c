//! Whether two texts are the same JSON.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::call::patch::bounds::Work;
use crate::call::patch::content::content;
use crate::json::patience::STRIDE;

/// Do these valid texts say the same? Numbers are the same if JavaScript reads the same number, objects if they have the same
/// members in any order. The texts must not nest too deep to recurse. `None` if the work has ended before it is known.
pub(crate) fn is_same<'a>(one: &'a str, other: &'a str, work: &Work<'a>) -> Option<bool> {
    if is_identical(one.as_bytes(), other.as_bytes(), work)? {
        return Some(true);
    }
    let kinds = (one.as_bytes().first(), other.as_bytes().first());
    match kinds {
        (Some(b'{'), Some(b'{')) => {
            let (one, other) = (members(one, work)?, members(other, work)?);
            if one.len() != other.len() {
                return Some(false);
            }
            for (key, value) in &one {
                match other.get(key) {
                    Some(other) if is_same(value, other, work)? => {}
                    _ => return Some(false),
                }
            }
            Some(true)
        }
        (Some(b'['), Some(b'[')) => {
            let (one, other) = (items(one, work)?, items(other, work)?);
            if one.len() != other.len() {
                return Some(false);
            }
            for (one, other) in one.iter().zip(&other) {
                if !is_same(one, other, work)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        (Some(b'"'), Some(b'"')) => {
            if !one.contains('\\') && !other.contains('\\') {
                return Some(false);
            }
            let (one, other) = (content(one, work)?, content(other, work)?);
            is_identical(&one, &other, work)
        }
        (Some(b'-' | b'0'..=b'9'), Some(b'-' | b'0'..=b'9')) => {
            // A number so long would take long to read; it is the same only if it is written the same.
            if one.len().max(other.len()) > STRIDE {
                return Some(false);
            }
            let number = |text: &str| text.parse::<f64>().ok();
            Some(number(one).is_some_and(|one| number(other) == Some(one)))
        }
        _ => Some(false),
    }
}

/// Are these the same, each byte?
fn is_identical(one: &[u8], other: &[u8], work: &Work<'_>) -> Option<bool> {
    if one.len() != other.len() {
        return Some(false);
    }
    for (one, other) in one.chunks(STRIDE).zip(other.chunks(STRIDE)) {
        work.patience.spend(one.len())?;
        if one != other {
            return Some(false);
        }
    }
    Some(true)
}

/// The members by what their keys say. Of two with one key, the last counts.
fn members<'a>(text: &'a str, work: &Work<'a>) -> Option<HashMap<Cow<'a, [u8]>, &'a str>> {
    let mut members = HashMap::new();
    work.reader(text).object(|reader, key| {
        work.take()?;
        members.insert(content(key, work)?, reader.value()?);
        Some(())
    })?;
    Some(members)
}

fn items<'a>(text: &'a str, work: &Work<'a>) -> Option<Vec<&'a str>> {
    let mut items = Vec::new();
    work.reader(text).array(|reader| {
        work.take()?;
        items.push(reader.value()?);
        Some(())
    })?;
    Some(items)
}

#[cfg(test)]
mod tests {
    use super::is_same;
    use crate::call::patch::bounds::Work;
    use crate::json::patience::Patience;

    #[test]
    fn texts_are_the_same_if_javascript_reads_the_same_from_them() {
        let patience = Patience::new(&|| false);
        let work = Work::new(&patience);
        let long = "1".repeat(100_000);
        for (one, other, expected) in [
            ("0", "-0.0e7", true),
            ("100", "1E2", true),
            ("1e400", "2e400", true),
            ("1", "1.0000000000000001", true),
            ("1", "1.000000000000001", false),
            (&long, &long, true),
            (r#""\ud83d\ude00""#, r#""😀""#, true),
            // Half of a surrogate pair is a string like any other in JavaScript.
            (r#""\uD83D""#, r#""\ud83d""#, true),
            (r#""\ud83d""#, r#""\ud83e""#, false),
            (r#"{"\ud83d":1}"#, r#"{"\uD83D":1.0}"#, true),
            (r#"{"\ud83d":1}"#, r#"{"\"\\ud83d\"":1}"#, false),
            (r#"{"a":1,"b":2}"#, r#"{ "b":2, "\u0061":1 }"#, true),
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"c":2}"#, false),
            (r#"{"a":0,"a":1}"#, r#"{"a":1}"#, true),
            (r#"{"a":1,"a":0}"#, r#"{"a":1}"#, false),
            (r#"{"":{}}"#, r#"{"":[]}"#, false),
            ("[1,[2]]", "[ 1.0 , [ 2 ] ]", true),
            ("[1,[2]]", "[1,[2],3]", false),
            ("null", "false", false),
        ] {
            assert_eq!(is_same(one, other, &work), Some(expected), "{one} and {other}");
            assert_eq!(is_same(other, one, &work), Some(expected), "{other} and {one}");
        }
    }
}
