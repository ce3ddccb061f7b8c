//! What a module says about itself. It is a hint that anyone can write, so it is shown and never used.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::json::harmless;
use crate::module::sections;

/// The custom section with what a module says about itself.
const SECTION: &str = "hookcell.meta";

/// The longest such section, in bytes.
const MOST_BYTES: usize = 65_536;

/// What a module says about itself: a JSON object that is harmless to JavaScript.
#[derive(Debug, Clone)]
pub struct Metadata(Box<RawValue>);

impl Metadata {
    /// Reads the section of a module. `None` if it has none or several, or if it is too long, no JSON object, nests too deeply or
    /// has a `__proto__` key: a hint that cannot be read is no reason to refuse a plugin.
    pub(crate) fn of(module: &[u8]) -> Option<Self> {
        let mut found = sections::custom(module, SECTION);
        let section = found.next().filter(|section| section.len() <= MOST_BYTES)?;
        if found.next().is_some() {
            return None;
        }
        let json: Box<RawValue> = serde_json::from_slice(section).ok()?;
        let is_object = json.get().starts_with('{');
        let is_harmless = harmless::check(json.get(), harmless::MAX_DEPTH, None).is_ok();
        (is_object && is_harmless).then_some(Self(json))
    }

    /// Its JSON text.
    #[must_use]
    pub fn json(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_BYTES, Metadata, SECTION};

    fn module(sections: &[&str]) -> Vec<u8> {
        let custom: Vec<_> =
            sections.iter().map(|text| format!("(@custom {SECTION:?} \"{}\")", text.escape_default())).collect();
        wat::parse_str(format!("(module {})", custom.concat())).unwrap()
    }

    fn read(section: &str) -> Option<String> {
        Metadata::of(&module(&[section])).map(|metadata| metadata.json().to_owned())
    }

    #[test]
    fn an_object_is_kept_as_it_is_written() {
        assert_eq!(read(r#"{"name":"orders","more":[1.10,null]}"#).unwrap(), r#"{"name":"orders","more":[1.10,null]}"#);
        assert!(Metadata::of(&module(&[])).is_none());
    }

    #[test]
    fn what_is_no_harmless_object_is_left_out() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(MOST_BYTES));
        for text in
            ["", "[]", "\"x\"", "{", "{} {}", r#"{"__proto__":{}}"#, r#"{"a":{"__pr\u006fto__":1}}"#, &deep, &long]
        {
            assert!(read(text).is_none(), "{text:.40}");
        }
        assert!(Metadata::of(&module(&["{}", "{}"])).is_none());
    }
}
