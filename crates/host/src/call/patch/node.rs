//! A JSON value that is taken apart as far as a patch needs it.

use std::borrow::Cow;

use crate::json::harmless;
use crate::json::reader::Reader;
use crate::json::text::decoded;

/// A value. Those inside an array or an object that was taken apart are whole until they are needed too.
#[derive(Debug, Clone)]
pub(crate) enum Node<'a> {
    /// JSON text.
    Whole(&'a str),
    Array(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member<'a> {
    /// As it is written, in quotes.
    key: Cow<'a, str>,
    value: Node<'a>,
}

impl Node<'_> {
    /// Takes it apart by one level if it is an array or an object.
    fn open(&mut self) -> Option<()> {
        let Self::Whole(text) = *self else { return Some(()) };
        let mut reader = Reader::of(text);
        if reader.is_at(b'{') {
            let mut members = Vec::new();
            reader.object(|reader, key| {
                members.push(Member { key: key.into(), value: Node::Whole(reader.value()?) });
                Some(())
            })?;
            *self = Self::Object(members);
        } else if reader.is_at(b'[') {
            let mut items = Vec::new();
            reader.array(|reader| {
                items.push(Node::Whole(reader.value()?));
                Some(())
            })?;
            *self = Self::Array(items);
        }
        Some(())
    }

    /// What is in it under this key or index.
    pub(crate) fn child(&mut self, step: &str) -> Option<&mut Self> {
        self.open()?;
        match self {
            Self::Whole(_) => None,
            Self::Array(items) => items.get_mut(index(step)?),
            // Of two members with one key, the last counts.
            Self::Object(members) => {
                members.iter_mut().rfind(|member| is_key(&member.key, step)).map(|member| &mut member.value)
            }
        }
    }

    /// Puts a value into it: into an array before the item at this index, and into an object instead of the member with this
    /// key. Returns the value that was replaced, or the value itself if it has no such place.
    pub(crate) fn insert(&mut self, step: &str, value: Self) -> Result<Option<Self>, ()> {
        self.open().ok_or(())?;
        match self {
            Self::Whole(_) => Err(()),
            Self::Array(items) if step == "-" => {
                items.push(value);
                Ok(None)
            }
            Self::Array(items) => {
                let index = index(step).filter(|index| *index <= items.len()).ok_or(())?;
                items.insert(index, value);
                Ok(None)
            }
            Self::Object(members) => {
                if let Some(member) = members.iter_mut().rfind(|member| is_key(&member.key, step)) {
                    return Ok(Some(std::mem::replace(&mut member.value, value)));
                }
                let key = serde_json::to_string(step).map_err(drop)?.into();
                members.push(Member { key, value });
                Ok(None)
            }
        }
    }

    /// Takes a value out of it.
    pub(crate) fn remove(&mut self, step: &str) -> Option<Self> {
        self.open()?;
        match self {
            Self::Whole(_) => None,
            Self::Array(items) => {
                let index = index(step).filter(|index| *index < items.len())?;
                Some(items.remove(index))
            }
            Self::Object(members) => {
                let last = members.iter().rposition(|member| is_key(&member.key, step))?;
                let Member { value, .. } = members.remove(last);
                // What the last one hid must not come back.
                members.retain(|member| !is_key(&member.key, step));
                Some(value)
            }
        }
    }

    /// The length of its text.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Whole(text) => text.len(),
            Self::Array(items) => enclosed(items.iter().map(Self::length)),
            Self::Object(members) => enclosed(
                members.iter().map(|Member { key, value }| key.len().saturating_add(1).saturating_add(value.length())),
            ),
        }
    }

    /// Writes its text.
    pub(crate) fn write(&self, text: &mut String) {
        match self {
            Self::Whole(whole) => text.push_str(whole),
            Self::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    item.write(text);
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (index, Member { key, value }) in members.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    text.push_str(key);
                    text.push(':');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }

    /// Does it nest at most so deep?
    pub(crate) fn fits(&self, levels: usize) -> bool {
        match self {
            Self::Whole(text) => harmless::check(text, levels, None).is_ok(),
            Self::Array(items) => {
                levels.checked_sub(1).is_some_and(|levels| items.iter().all(|item| item.fits(levels)))
            }
            Self::Object(members) => {
                levels.checked_sub(1).is_some_and(|levels| members.iter().all(|member| member.value.fits(levels)))
            }
        }
    }
}

/// The length of brackets around parts of these lengths, with commas.
fn enclosed(parts: impl ExactSizeIterator<Item = usize>) -> usize {
    let commas = parts.len().saturating_sub(1);
    parts.fold(commas.saturating_add(2), usize::saturating_add)
}

/// An index as a pointer writes it: without leading zeros.
fn index(step: &str) -> Option<usize> {
    let is_number = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
    step.parse().ok().filter(|_| is_number)
}

/// Does this key, as JSON writes it, say this name?
fn is_key(key: &str, name: &str) -> bool {
    let inner = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    inner == name && !name.contains('\\') || inner.contains('\\') && decoded(key).is_some_and(|key| key == name)
}
