//! Reading JSON text without building a tree.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting of arrays and objects in a result. `JSON.parse` takes any depth, but the `JSON.stringify` that sends
/// the value on is recursive and throws; 128 is also where `serde_json` itself stops.
pub(crate) const MAX_DEPTH: usize = 128;

/// Longest spelling of `__proto__` in JSON: each character as `\uXXXX`.
const MAX_PROTO_BYTES: usize = "__proto__".len() * 6;

/// A struct that is read from an object alone; serde's own derive would take an array of its fields as well.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

pub(crate) fn is_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

pub(crate) fn is_string(value: &RawValue) -> bool {
    value.get().starts_with('"')
}

pub(crate) fn is_array(value: &RawValue) -> bool {
    value.get().starts_with('[')
}

/// Refuses valid JSON that would hurt the JavaScript that handles the value later: nesting deeper than [`MAX_DEPTH`], and keys
/// named `__proto__`, which `Object.assign` and its like turn into a prototype.
pub(crate) fn check_harmless(json: &str) -> Result<(), String> {
    let bytes = json.as_bytes();
    let mut depth: usize = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                if depth > MAX_DEPTH {
                    return Err(format!("it is nested more than {MAX_DEPTH} levels deep at byte {at}"));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let start = at;
                at = end_of_string(bytes, start);
                let string = json.get(start..=at).unwrap_or_default();
                if is_key(bytes, at) && spells_proto(string) {
                    return Err(format!("it has a key \"__proto__\" at byte {start}"));
                }
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    Ok(())
}

/// The index of the quote that ends the string which starts at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start.saturating_add(1);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at = at.saturating_add(2),
            _ => at = at.saturating_add(1),
        }
    }
    bytes.len()
}

fn is_key(bytes: &[u8], end_of_string: usize) -> bool {
    let rest = bytes.get(end_of_string.saturating_add(1)..).unwrap_or_default();
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

fn spells_proto(string: &str) -> bool {
    string == r#""__proto__""#
        || (string.contains('\\')
            && string.len() <= MAX_PROTO_BYTES.saturating_add(2)
            && serde_json::from_str::<String>(string).is_ok_and(|key| key == "__proto__"))
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, check_harmless};

    #[test]
    fn nesting_is_bounded_at_its_edge() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check_harmless(&nested(MAX_DEPTH)), Ok(()));
        assert!(check_harmless(&nested(MAX_DEPTH + 1)).unwrap_err().contains("128 levels deep at byte 128"));
        assert!(check_harmless(&nested(100_000)).is_err());
        let wide = format!("[{}[]]", "[],".repeat(1_000));
        assert_eq!(check_harmless(&wide), Ok(()));
    }

    #[test]
    fn brackets_and_quotes_inside_strings_count_for_nothing() {
        let json = format!(r#"["{}", "\"{}", "\\", ["\\\""]]"#, "[".repeat(1_000), "{".repeat(1_000));
        serde_json::from_str::<serde_json::Value>(&json).unwrap();
        assert_eq!(check_harmless(&json), Ok(()));
    }

    #[test]
    fn a_proto_key_is_refused_however_it_is_spelled() {
        for json in [
            r#"{"__proto__":1}"#,
            r#"{"a":[{"__proto__" : {}}]}"#,
            r#"{"\u005f_proto__":1}"#,
            r#"{"\u005f\u005f\u0070\u0072\u006f\u0074\u006f\u005f\u005F":1}"#,
        ] {
            assert!(check_harmless(json).unwrap_err().contains("__proto__"), "{json}");
        }
        for json in [r#"{"a":"__proto__"}"#, r#"["__proto__"]"#, r#"{"__proto":1,"proto__":2,"\"__proto__":3}"#] {
            assert_eq!(check_harmless(json), Ok(()), "{json}");
        }
    }
}
