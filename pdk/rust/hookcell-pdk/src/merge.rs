//! What a typed part of the context changes in its JSON, without touching what its type does not know.

use crate::object::Object;
use crate::raw::Raw;

/// `original` with the changes from `before` to `after`, which are the same type's JSON before and after the hook ran.
///
/// Members of objects, and items of lists of the same length, are compared one by one: what is the same before and after stays as it
/// is in `original`, and so do members that are in neither. A list that changed its length is as in `after`.
pub(crate) fn merge(original: Raw, before: &str, after: &str) -> String {
    let mut merged = String::with_capacity(original.json().len() + after.len());
    write(&mut merged, original, parsed(before), parsed(after));
    merged
}

fn parsed(text: &str) -> Raw {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("serde_json wrote what is not JSON: {error}"))
}

fn write(merged: &mut String, original: Raw, before: Raw, after: Raw) {
    if before == after {
        merged.push_str(original.json());
    } else if let [Ok(original), Ok(before), Ok(after)] = [original, before, after].map(Object::parse) {
        write_object(merged, &original, &before, &after);
    } else {
        match [original, before, after].map(Raw::read::<Vec<Raw>>) {
            [Ok(original), Ok(before), Ok(after)] if original.len() == after.len() && before.len() == after.len() => {
                merged.push('[');
                for (index, original) in original.into_iter().enumerate() {
                    if index > 0 {
                        merged.push(',');
                    }
                    write(merged, original, before[index], after[index]);
                }
                merged.push(']');
            }
            _ => merged.push_str(after.json()),
        }
    }
}

fn write_object(merged: &mut String, original: &Object, before: &Object, after: &Object) {
    merged.push('{');
    let mut first = true;
    let mut start = |merged: &mut String, name: &str| {
        if !std::mem::take(&mut first) {
            merged.push(',');
        }
        merged.push_str(Raw::of(name).json());
        merged.push(':');
    };
    for (name, value) in original.iter() {
        match (before.get(name), after.get(name)) {
            (Some(before), Some(after)) => {
                start(merged, name);
                write(merged, value, before, after);
            }
            (None, Some(after)) => {
                start(merged, name);
                merged.push_str(after.json());
            }
            (Some(_), None) => {}
            (None, None) => {
                start(merged, name);
                merged.push_str(value.json());
            }
        }
    }
    for (name, value) in after.iter() {
        // What is the same before and after is a default of the type for a member that is not there.
        if original.get(name).is_none() && before.get(name) != Some(value) {
            start(merged, name);
            merged.push_str(value.json());
        }
    }
    merged.push('}');
}

#[cfg(test)]
mod tests {
    use super::merge;
    use crate::raw::Raw;

    fn merged(original: &str, before: &str, after: &str) -> String {
        let original: Raw = serde_json::from_str(original).expect("JSON");
        merge(original, before, after)
    }

    #[test]
    fn a_member_that_the_type_does_not_have_stays_as_it_is() {
        assert_eq!(merged(r#"{"a":1,"z":1.10}"#, r#"{"a":1}"#, r#"{"a":2}"#), r#"{"a":2,"z":1.10}"#);
    }

    #[test]
    fn a_value_that_is_the_same_before_and_after_keeps_its_text() {
        assert_eq!(merged(r#"{"a":1,"n":1.10}"#, r#"{"a":1,"n":1.1}"#, r#"{"a":2,"n":1.1}"#), r#"{"a":2,"n":1.10}"#);
    }

    #[test]
    fn a_default_of_the_type_is_not_added() {
        assert_eq!(merged(r#"{"a":1}"#, r#"{"a":1,"b":null}"#, r#"{"a":2,"b":null}"#), r#"{"a":2}"#);
    }

    #[test]
    fn a_member_can_be_added_and_removed() {
        assert_eq!(merged(r#"{"a":1,"c":3}"#, r#"{"a":1}"#, r#"{"b":2}"#), r#"{"c":3,"b":2}"#);
    }

    #[test]
    fn objects_in_lists_of_the_same_length_keep_what_their_type_does_not_have() {
        let original = r#"{"items":[{"sku":"x","n":1},{"sku":"y","n":2}]}"#;
        let (before, after) = (r#"{"items":[{"n":1},{"n":2}]}"#, r#"{"items":[{"n":1},{"n":5}]}"#);
        assert_eq!(merged(original, before, after), r#"{"items":[{"sku":"x","n":1},{"sku":"y","n":5}]}"#);
    }

    #[test]
    fn a_list_of_another_length_is_as_the_type_writes_it() {
        assert_eq!(merged(r"[1.0,2,3]", "[1,2,3]", "[1,2]"), "[1,2]");
    }
}
