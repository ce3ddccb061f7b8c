use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::raw::Raw;

/// A JSON object whose values stay text.
///
/// The members stay in their order. Searching a few is faster than hashing their names, and no client can choose names that
/// collide. It also keeps duplicate names: the last one counts, here and for the reader of the answer.
#[derive(Debug, Clone, Default)]
pub struct Object {
    members: Vec<(Cow<'static, str>, Raw)>,
    changed: bool,
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a member.
    pub fn get(&self, name: &str) -> Option<Raw> {
        self.members.iter().rfind(|(found, _)| found == name).map(|&(_, value)| value)
    }

    /// The characters of a member that is a string.
    pub fn string(&self, name: &str) -> Option<String> {
        self.get(name)?.string()
    }

    /// A member as another type; `None` if it is missing or has another shape.
    pub fn read<T: Deserialize<'static> + 'static>(&self, name: &str) -> Option<T> {
        self.get(name)?.read().ok()
    }

    /// Changes a member, or adds it at the end.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    pub fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        let value = Raw::of(value);
        self.changed = true;
        match self.members.iter_mut().rfind(|(found, _)| found == name) {
            Some(member) => member.1 = value,
            None => self.members.push((Cow::Owned(name.to_owned()), value)),
        }
    }

    /// Removes a member, and returns whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.members.len();
        self.members.retain(|(found, _)| found != name);
        let removed = self.members.len() < before;
        self.changed |= removed;
        removed
    }

    /// The members in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Raw)> {
        self.members.iter().map(|(name, value)| (&**name, *value))
    }

    /// Whether a member was set or removed since the object was read.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    /// Reads an object without copying its values.
    pub(crate) fn parse(text: Raw) -> Result<Self, serde_json::Error> {
        Self::borrowed(&mut serde_json::Deserializer::from_str(text.json()))
    }

    /// Reads an object without copying its values.
    pub(crate) fn borrowed<D: Deserializer<'static>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { members: deserializer.deserialize_map(Members)?, changed: false })
    }
}

struct Members;

impl Visitor<'static> for Members {
    type Value = Vec<(Cow<'static, str>, Raw)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'static>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key_seed(Name)? {
            members.push((name, Raw::from(map.next_value::<&'static RawValue>()?)));
        }
        Ok(members)
    }
}

/// A member's name, copied only if it has escapes.
struct Name;

impl DeserializeSeed<'static> for Name {
    type Value = Cow<'static, str>;

    fn deserialize<D: Deserializer<'static>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'static> for Name {
    type Value = Cow<'static, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'static str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(Raw::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl PartialEq for Object {
    /// Whether the members are the same texts in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.members == other.members
    }
}
