//! One operation of a patch.

use std::fmt;

use crate::call::patch::pointer::Pointer;
use crate::json::reader::Reader;
use crate::json::text::decoded;

/// An operation, well-formed by itself.
#[derive(Debug)]
pub(crate) struct Operation<'a> {
    pub(crate) action: Action<'a>,
    pub(crate) path: Pointer<'a>,
}

/// What to do at the operation's path. A value is JSON text.
#[derive(Debug)]
pub(crate) enum Action<'a> {
    Add(&'a str),
    Remove,
    Replace(&'a str),
    Move(Pointer<'a>),
    Copy(Pointer<'a>),
    Test(&'a str),
}

impl<'a> Operation<'a> {
    /// Reads an operation. Members that RFC 6902 does not define are ignored. The error says what is wrong.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, &'static str> {
        let (mut op, mut path, mut from, mut value) = (None, None, None, None);
        reader
            .object(|reader, key| {
                let member = match key {
                    "\"op\"" => &mut op,
                    "\"path\"" => &mut path,
                    "\"from\"" => &mut from,
                    "\"value\"" => &mut value,
                    _ if key.contains('\\') => return None,
                    _ => return reader.value().map(drop),
                };
                member.replace(reader.value()?).is_none().then_some(())
            })
            .ok_or("it has a member twice, or a key with escapes")?;
        let path = pointer(path, "it needs a path, which is a string")?;
        let value = value.ok_or("it needs a value");
        let from = || pointer(from, "it needs a from, which is a string");
        let action = match op {
            Some("\"add\"") => Action::Add(value?),
            Some("\"remove\"") => Action::Remove,
            Some("\"replace\"") => Action::Replace(value?),
            Some("\"move\"") => Action::Move(from()?),
            Some("\"copy\"") => Action::Copy(from()?),
            Some("\"test\"") => Action::Test(value?),
            _ => return Err("its op must be add, remove, replace, move, copy or test"),
        };
        Ok(Self { action, path })
    }
}

/// The longest path as the patch writes it, in bytes.
const MOST_BYTES: usize = 65_536;

fn pointer<'a>(text: Option<&'a str>, otherwise: &'static str) -> Result<Pointer<'a>, &'static str> {
    let text = text.filter(|text| text.starts_with('"')).ok_or(otherwise)?;
    if text.len() > MOST_BYTES {
        return Err("a path is longer than 65,536 bytes");
    }
    Pointer::parse(decoded(text).ok_or("a path must be well-formed Unicode")?)
}

impl fmt::Display for Operation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path.text;
        match &self.action {
            Action::Add(_) => write!(formatter, "add {path}"),
            Action::Remove => write!(formatter, "remove {path}"),
            Action::Replace(_) => write!(formatter, "replace {path}"),
            Action::Move(from) => write!(formatter, "move {} to {path}", from.text),
            Action::Copy(from) => write!(formatter, "copy {} to {path}", from.text),
            Action::Test(_) => write!(formatter, "test {path}"),
        }
    }
}
