use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::object::Object;
use crate::part::{cast, is};

/// A JSON value that stays the text that it came in. That costs less than a tree, and a number keeps all its digits.
#[derive(Debug, Clone, Copy)]
pub struct Raw(&'static RawValue);

impl Raw {
    /// `null`.
    pub const NULL: Self = Self(RawValue::NULL);

    /// The JSON of a value.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON, such as a map whose keys are not texts.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Self {
        match to_raw_value(value) {
            // Leaked, which costs nothing on a heap that never frees.
            Ok(text) => Self(Box::leak(text)),
            Err(error) => panic!("a value cannot be JSON: {error}"),
        }
    }

    /// The JSON text.
    pub fn json(self) -> &'static str {
        self.0.get()
    }

    /// Whether this is `null`.
    pub fn is_null(self) -> bool {
        self.json() == "null"
    }

    /// Whether this is a JSON string. [`Self::string`] may give `None` even so.
    pub fn is_string(self) -> bool {
        self.json().starts_with('"')
    }

    /// The characters of a JSON string; `None` if this is not a string, or has half a surrogate pair, such as `"\ud83d"`.
    pub fn string(self) -> Option<String> {
        if self.is_string() { self.read().ok() } else { None }
    }

    /// The value as another type.
    ///
    /// # Errors
    ///
    /// If it does not have the shape of `T`.
    pub fn read<T: Deserialize<'static> + 'static>(self) -> Result<T, serde_json::Error> {
        if is::<T, Self>() {
            if let Some(value) = cast(self) {
                return Ok(value);
            }
        } else if is::<T, Object>()
            && let Some(value) = cast(Object::parse(self)?)
        {
            return Ok(value);
        }
        serde_json::from_str(self.json())
    }
}

/// The JSON text of a value.
///
/// # Panics
///
/// If the value cannot be JSON.
pub(crate) fn text_of(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| panic!("a value cannot be JSON: {error}"))
}

impl From<&'static RawValue> for Raw {
    fn from(text: &'static RawValue) -> Self {
        Self(text)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Box::leak(Box::<RawValue>::deserialize(deserializer)?)))
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl PartialEq for Raw {
    /// Whether the texts are the same.
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Eq for Raw {}
