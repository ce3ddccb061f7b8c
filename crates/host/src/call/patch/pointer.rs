//! A JSON pointer (RFC 6901) into a context.

use std::borrow::Cow;

use crate::json::harmless::MAX_DEPTH;

/// A part of the context that a patch can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Input,
    Data,
}

/// A pointer to a part of a context, or to something within it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pointer<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) part: Part,
    /// The keys and indices from the part on.
    pub(crate) steps: Vec<String>,
}

impl<'a> Pointer<'a> {
    /// The error says what is wrong.
    pub(crate) fn parse(text: Cow<'a, str>) -> Result<Self, &'static str> {
        let mut steps = text.split('/');
        if steps.next() != Some("") {
            return Err("a path must begin with /input or /data");
        }
        let part = match steps.next() {
            Some("input") => Part::Input,
            Some("data") => Part::Data,
            _ => return Err("a path must begin with /input or /data"),
        };
        let mut unescaped = Vec::new();
        for step in steps {
            if unescaped.len() == MAX_DEPTH {
                return Err("a path has more than 128 steps");
            }
            let step = unescape(step).ok_or("in a path, ~ must be followed by 0 or 1")?;
            if step == "__proto__" {
                return Err("a path must not contain \"__proto__\"");
            }
            unescaped.push(step);
        }
        Ok(Self { part, steps: unescaped, text })
    }

    /// Is `other` inside what this points to?
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.part == other.part && self.steps.len() < other.steps.len() && other.steps.starts_with(&self.steps)
    }
}

/// `None` if a tilde is followed by anything but 0 or 1.
fn unescape(step: &str) -> Option<String> {
    let mut pieces = step.split('~');
    let mut text = pieces.next()?.to_owned();
    for piece in pieces {
        if let Some(rest) = piece.strip_prefix('0') {
            text.push('~');
            text.push_str(rest);
        } else {
            text.push('/');
            text.push_str(piece.strip_prefix('1')?);
        }
    }
    Some(text)
}
