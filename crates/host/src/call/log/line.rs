//! A line of a log.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::call::thrown::frame::Frame;
use crate::call::thrown::{Thrown, frames_of};
use crate::guest_text;
use crate::json::object::{self, Object};
use crate::json::reader::Reader;
use crate::json::text::{JsonText, text_of};

/// How important a line of a log is. A plugin chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// For the plugin's author.
    Debug,
    /// The level of a line that does not say its own.
    Info,
    /// Something may be wrong.
    Warn,
    /// Something is wrong.
    Error,
}

/// A line that a plugin logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// Its level.
    pub level: LogLevel,
    /// Its text, with control and invisible characters escaped.
    pub message: String,
    /// More about it: a JSON object, nested at most 128 deep and without a `__proto__` key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<JsonText<'static>>,
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, default)]
    level: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    fields: Option<&'a RawValue>,
    #[serde(borrow, default)]
    thrown: Option<&'a RawValue>,
    #[serde(borrow, default)]
    backtrace: Option<&'a RawValue>,
}

/// What the rest of a log may still have.
pub(super) struct Room {
    /// The longest message, in characters.
    pub(super) message_chars: usize,
    /// The cost of parsing fields in JavaScript, in units of `maxResultValues`.
    pub(super) values: u64,
    /// How many lines may say where they come from.
    pub(super) backtraces: usize,
}

impl LogLine {
    /// A line that the host adds.
    pub(super) fn note(message: &str) -> Self {
        Self { level: LogLevel::Warn, message: format!("hookcell: {message}"), fields: None }
    }

    /// Reads a line, and the frames that say where it comes from. One that is not of the form is text.
    pub(super) fn read(line: &str, room: &mut Room) -> (Self, Vec<Frame>) {
        Self::of_json(line, room).unwrap_or_else(|| (Self::of_text(line, room), Vec::new()))
    }

    /// With where it comes from in the message.
    pub(super) fn told(self, frames: &[Frame]) -> Self {
        if frames.is_empty() {
            return self;
        }
        let shown: Vec<_> = frames.iter().map(Frame::shown).collect();
        Self { message: format!("{} (at {})", self.message, shown.join(", ")), ..self }
    }

    fn of_text(text: &str, room: &Room) -> Self {
        Self { level: LogLevel::Info, message: guest_text::clean_to(text, room.message_chars), fields: None }
    }

    /// Reads a line that is JSON of the form.
    pub(super) fn of_json(line: &str, room: &mut Room) -> Option<(Self, Vec<Frame>)> {
        if !object::is_object(line) {
            return None;
        }
        let Object(Members { level, message, fields, thrown, backtrace }) =
            serde_json::from_str::<Object<Members>>(line).ok()?;
        let Some(message) = message else {
            let message = Thrown::read(thrown?.get())?.into_message();
            return Some((Self { level: LogLevel::Error, message, fields: None }, Vec::new()));
        };
        let message = guest_text::clean_to(&text_of(message)?, room.message_chars);
        let fields = match fields {
            Some(fields) if object::is_object(fields.get()) => {
                let cost = Reader::harmless_tally(fields.get())?.most();
                room.values = room.values.checked_sub(cost)?;
                Some(JsonText::of_valid(fields.get().to_owned()))
            }
            Some(_) => return None,
            None => None,
        };
        let level = match level.and_then(text_of).as_deref() {
            Some("debug") => LogLevel::Debug,
            Some("warn") => LogLevel::Warn,
            Some("error") => LogLevel::Error,
            _ => LogLevel::Info,
        };
        let frames = match backtrace.filter(|_| room.backtraces > 0) {
            Some(backtrace) => {
                room.backtraces = room.backtraces.saturating_sub(1);
                frames_of(backtrace.get())
            }
            None => Vec::new(),
        };
        Some((Self { level, message, fields }, frames))
    }
}
