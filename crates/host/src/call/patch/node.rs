//! A JSON value that is taken apart as far as a patch needs it.

use std::borrow::Cow;

use crate::call::patch::bounds::Work;
use crate::json::patience::STRIDE;
use crate::json::reader::Reader;
use crate::json::text::decoded;

/// The longest that JSON writes a byte of a key: as `\u0000`.
const MOST_PER_BYTE: usize = 6;

/// A value. Those inside an array or an object that was taken apart are whole until they are needed too.
///
/// A method with `Work` returns `None` also when that has ended.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    /// JSON text.
    Whole(&'a str),
    Array(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    /// As it is written, in quotes.
    key: Cow<'a, str>,
    value: Node<'a>,
}

impl<'a> Node<'a> {
    /// Takes apart the arrays and objects on the way along these steps, all in one pass.
    fn open(&mut self, steps: &[String], work: &Work<'a>) -> Option<()> {
        if let Self::Whole(text) = *self {
            *self = Self::read(&mut work.reader(text), steps, work)?;
        }
        Some(())
    }

    /// Reads a value and takes it apart along these steps, which are no more than a pointer can have.
    fn read(reader: &mut Reader<'a>, steps: &[String], work: &Work<'a>) -> Option<Self> {
        let Some((step, rest)) = steps.split_first() else { return reader.value().map(Self::Whole) };
        if reader.is_at(b'{') {
            let mut members = Vec::new();
            reader.object(|reader, key| {
                work.take()?;
                let steps = if is_key(key, step) { rest } else { &[] };
                members.push(Member { key: key.into(), value: Self::read(reader, steps, work)? });
                Some(())
            })?;
            Some(Self::Object(members))
        } else if reader.is_at(b'[') {
            let index = index(step);
            let mut items = Vec::new();
            reader.array(|reader| {
                work.take()?;
                let steps = if index == Some(items.len()) { rest } else { &[] };
                items.push(Self::read(reader, steps, work)?);
                Some(())
            })?;
            Some(Self::Array(items))
        } else {
            reader.value().map(Self::Whole)
        }
    }

    /// What is in it at the end of these steps.
    pub(crate) fn find(&mut self, steps: &[String], work: &Work<'a>) -> Option<&mut Self> {
        let Some((step, rest)) = steps.split_first() else { return Some(self) };
        self.open(steps, work)?;
        let child = match self {
            Self::Whole(_) => None,
            Self::Array(items) => items.get_mut(index(step)?),
            Self::Object(members) => {
                let last = last(members, step, work)?;
                members.get_mut(last).map(|member| &mut member.value)
            }
        };
        child?.find(rest, work)
    }

    /// Puts a value into it: into an array before the item at this index, and into an object instead of the member with this
    /// key. Returns the value that was replaced, or the value itself if it has no such place.
    pub(crate) fn insert(&mut self, step: &String, value: Self, work: &Work<'a>) -> Result<Option<Self>, ()> {
        self.open(std::slice::from_ref(step), work).ok_or(())?;
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
                if let Some(member) = last(members, step, work).and_then(|last| members.get_mut(last)) {
                    return Ok(Some(std::mem::replace(&mut member.value, value)));
                }
                let key = serde_json::to_string(step).map_err(drop)?.into();
                members.push(Member { key, value });
                Ok(None)
            }
        }
    }

    /// Takes a value out of it.
    pub(crate) fn remove(&mut self, step: &String, work: &Work<'a>) -> Option<Self> {
        self.open(std::slice::from_ref(step), work)?;
        match self {
            Self::Whole(_) => None,
            Self::Array(items) => {
                let index = index(step).filter(|index| *index < items.len())?;
                Some(items.remove(index))
            }
            Self::Object(members) => {
                let last = last(members, step, work)?;
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

    /// A copy of it.
    pub(crate) fn copy(&self, work: &Work<'_>) -> Option<Self> {
        Some(match self {
            Self::Whole(text) => Self::Whole(text),
            Self::Array(items) => {
                Self::Array(items.iter().map(|item| work.take().and_then(|()| item.copy(work))).collect::<Option<_>>()?)
            }
            Self::Object(members) => {
                let copy = |Member { key, value }: &Member<'a>| {
                    work.take()?;
                    Some(Member { key: key.clone(), value: value.copy(work)? })
                };
                Self::Object(members.iter().map(copy).collect::<Option<_>>()?)
            }
        })
    }

    /// Its text.
    pub(crate) fn to_text(&self, work: &Work<'_>) -> Option<String> {
        let mut text = String::with_capacity(self.length());
        self.write(&mut text, work)?;
        Some(text)
    }

    fn write(&self, text: &mut String, work: &Work<'_>) -> Option<()> {
        match self {
            Self::Whole(whole) => {
                let mut rest = *whole;
                while !rest.is_empty() {
                    let (piece, after) = rest.split_at_checked(rest.floor_char_boundary(STRIDE))?;
                    work.patience.spend(piece.len())?;
                    text.push_str(piece);
                    rest = after;
                }
            }
            Self::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    item.write(text, work)?;
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
                    value.write(text, work)?;
                }
                text.push('}');
            }
        }
        Some(())
    }

    /// How many levels deep does it nest?
    pub(crate) fn depth(&self, work: &Work<'a>) -> Option<usize> {
        let inside = match self {
            Self::Whole(text) => {
                let mut reader = work.reader(text);
                reader.value()?;
                return usize::try_from(reader.deepest).ok();
            }
            Self::Array(items) => deepest(items.iter(), work)?,
            Self::Object(members) => deepest(members.iter().map(|member| &member.value), work)?,
        };
        Some(inside.saturating_add(1))
    }
}

/// The depth of the deepest.
fn deepest<'n, 'a: 'n>(mut nodes: impl Iterator<Item = &'n Node<'a>>, work: &Work<'a>) -> Option<usize> {
    nodes.try_fold(0, |deepest: usize, node| Some(deepest.max(node.depth(work)?)))
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

/// The index of the member with this key. Of two members with one key, the last counts.
fn last(members: &[Member<'_>], step: &str, work: &Work<'_>) -> Option<usize> {
    for (index, Member { key, .. }) in members.iter().enumerate().rev() {
        work.patience.spend(key.len())?;
        if is_key(key, step) {
            return Some(index);
        }
    }
    None
}

/// Does this key, as JSON writes it, say this name?
fn is_key(key: &str, name: &str) -> bool {
    let inner = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    if inner.len() > name.len().saturating_mul(MOST_PER_BYTE) {
        return false;
    }
    inner == name && !name.contains('\\') || inner.contains('\\') && decoded(key).is_some_and(|key| key == name)
}
