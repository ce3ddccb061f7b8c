use std::any::Any;
use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Error;
use serde_json::value::RawValue;

use crate::merge::merge;
use crate::object::Object;
use crate::raw::{Raw, text_of};

/// A type that `input`, `data` and `config` can have: any type of serde that borrows nothing, or from text that lives as long as the call.
pub trait Part: Serialize + Deserialize<'static> + 'static {}

impl<T: Serialize + Deserialize<'static> + 'static> Part for T {}

/// A part of the context as it came, which tells later what changed.
#[derive(Debug)]
pub(crate) struct Original {
    text: Raw,
    /// What its type made of it: the JSON that it would be written as, if it had not changed. `None` if the type tells by itself.
    before: Option<String>,
}

impl Original {
    pub(crate) fn read<T: Part>(text: Raw) -> Result<(T, Self), Error> {
        let value = text.read::<T>()?;
        let before = (!is::<T, Object>() && !is::<T, Raw>()).then(|| text_of(&value));
        Ok((value, Self { text, before }))
    }

    /// The JSON of a part that changed; `None` if it did not.
    pub(crate) fn change<'a, T: Part>(&self, value: &'a T) -> Option<Cow<'a, str>> {
        // The compiler knows which of the three a plugin needs, and leaves out the others.
        let any: &dyn Any = value;
        if is::<T, Object>() {
            let object = any.downcast_ref::<Object>()?;
            return object.is_changed().then(|| text_of(object).into());
        }
        if is::<T, Raw>() {
            let raw = any.downcast_ref::<Raw>()?;
            return (raw != &self.text).then(|| raw.json().into());
        }
        let (before, after) = (self.before.as_deref()?, text_of(value));
        (after != before).then(|| merge(self.text, before, &after).into())
    }
}

/// A part of the context before its type reads it.
pub(crate) enum Given<T> {
    /// JSON, to be read and compared later.
    Text(Raw),
    /// Read already, because `T` is [`Object`], which spares the plugin to read the text twice.
    Read(T),
}

impl<T: Part> Given<T> {
    pub(crate) fn read(self) -> Result<(T, Original), Error> {
        match self {
            Self::Text(text) => Original::read(text),
            Self::Read(value) => Ok((value, Original { text: Raw::NULL, before: None })),
        }
    }
}

impl<'de: 'static, T: 'static> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if is::<T, Object>() {
            let object = Object::borrowed(deserializer)?;
            return cast(object).map(Self::Read).ok_or_else(|| D::Error::custom("not an object"));
        }
        Ok(Self::Text(<&'static RawValue>::deserialize(deserializer)?.into()))
    }
}

/// `value`, if it has the type `B`. The compiler knows, so this costs nothing.
pub(crate) fn cast<A: 'static, B: 'static>(value: A) -> Option<B> {
    let mut value = Some(value);
    let any: &mut dyn Any = &mut value;
    any.downcast_mut::<Option<B>>()?.take()
}

pub(crate) fn is<A: 'static, B: 'static>() -> bool {
    std::any::TypeId::of::<A>() == std::any::TypeId::of::<B>()
}
