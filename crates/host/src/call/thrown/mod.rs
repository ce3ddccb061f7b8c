//! An exception or a panic, as the guest tells it. It is the guest's own word: it can change nothing but the text of its fault.

pub(crate) mod frame;
pub(crate) mod sources;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::call::fault::{Fault, FaultCode};
use crate::call::thrown::frame::Frame;
use crate::call::thrown::sources::Sources;
use crate::guest_text;
use crate::json::object::Object;
use crate::json::text::text_of;

/// The longest message that is kept, in characters. A validator's message can name many fields.
const MOST_MESSAGE_CHARS: usize = 1_000;

/// The most frames that are kept.
const MOST_FRAMES: usize = 20;

/// What a guest threw.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Thrown {
    message: String,
    /// Innermost first.
    frames: Vec<Frame>,
}

/// Unknown keys are ignored.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    message: &'a RawValue,
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    backtrace: Option<&'a RawValue>,
}

impl Thrown {
    /// Reads `{"name":"…","message":"…","backtrace":[…]}`, of which only the message is required. `None` if that is no string.
    pub(crate) fn read(json: &str) -> Option<Self> {
        let Object(Members { message, name, backtrace }) = serde_json::from_str::<Object<Members>>(json).ok()?;
        let message = text_of(message)?;
        let name = name.and_then(text_of).filter(|name| !name.is_empty() && !message.starts_with(&**name));
        let message = match name {
            Some(name) if message.is_empty() => name,
            Some(name) => Cow::Owned(format!("{name}: {message}")),
            None => message,
        };
        Some(Self {
            message: guest_text::clean_to(&message, MOST_MESSAGE_CHARS),
            frames: backtrace.map(|backtrace| frames_of(backtrace.get())).unwrap_or_default(),
        })
    }

    /// Its message, with the name of the exception.
    pub(crate) fn into_message(self) -> String {
        self.message
    }

    /// The same with locations in the sources of the plugin's script.
    pub(crate) fn in_sources(mut self, sources: Sources<'_>) -> Self {
        sources.locate(self.frames.iter_mut());
        self
    }

    /// The fault of a guest that threw this.
    pub(crate) fn into_fault(self) -> Fault {
        let backtrace = self.frames.iter().map(Frame::shown).collect();
        Fault { code: FaultCode::Thrown, message: self.message, backtrace }
    }
}

/// The first frames of a `backtrace`. What is no frame is left out.
pub(crate) fn frames_of(json: &str) -> Vec<Frame> {
    let frames = serde_json::from_str::<First>(json).map(|First(frames)| frames).unwrap_or_default();
    frames.into_iter().filter_map(|frame| Frame::read(frame.get())).collect()
}

/// The first items of an array. The others are read, but not kept.
struct First<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for First<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items;

        impl<'de> Visitor<'de> for Items {
            type Value = First<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut first = Vec::new();
                while let Some(item) = items.next_element()? {
                    if first.len() < MOST_FRAMES {
                        first.push(item);
                    }
                }
                Ok(First(first))
            }
        }

        deserializer.deserialize_seq(Items)
    }
}

#[cfg(test)]
mod tests {
    use super::Thrown;

    fn told(json: &str) -> Option<(String, Vec<String>)> {
        Thrown::read(json).map(Thrown::into_fault).map(|fault| (fault.message, fault.backtrace))
    }

    #[test]
    fn a_message_is_told_with_its_name_and_the_frames() {
        for (json, message, frames) in [
            (r#"{"message":"no"}"#, "no", &[][..]),
            (r#"{"name":"TypeError","message":"no"}"#, "TypeError: no", &[]),
            (r#"{"name":"TypeError","message":"TypeError: no"}"#, "TypeError: no", &[]),
            (r#"{"name":"TypeError","message":""}"#, "TypeError", &[]),
            (r#"{"name":7,"message":"no","backtrace":{},"more":[[]]}"#, "no", &[]),
            (r#"{"message":"half \ud83d\n","backtrace":null}"#, "half \u{fffd}\\n", &[]),
            (r#"{"message":"a\u001b[31m\nb"}"#, r"a\u{1b}[31m\nb", &[]),
            (
                r#"{"message":"no","backtrace":["f (plugin.ts:3:5)",{"function":"g","file":"a.rs","line":7,"column":2},7,"native"]}"#,
                "no",
                &["f (plugin.ts:3:5)", "g (a.rs:7:2)", "native"],
            ),
        ] {
            let (told_message, told_frames) = told(json).unwrap_or_else(|| panic!("{json}"));
            assert_eq!(
                (told_message.as_str(), &told_frames[..]),
                (message, &frames.iter().map(|&f| f.to_owned()).collect::<Vec<_>>()[..])
            );
        }
    }

    #[test]
    fn what_has_no_message_is_not_told() {
        for json in [
            "",
            "7",
            "null",
            "[]",
            "{}",
            r#"{"message":null}"#,
            r#"{"message":["a"]}"#,
            r#"{"message":"a""#,
            r#"["a"]"#,
        ] {
            assert_eq!(told(json), None, "{json}");
        }
    }

    #[test]
    fn a_message_and_its_frames_are_cut() {
        let long = "x".repeat(100_000);
        let frames =
            format!("\"{long}\",").repeat(50) + &"1,".repeat(100_000) + &"[".repeat(5_000) + &"]".repeat(5_000);
        let (message, frames) = told(&format!(r#"{{"message":"{long}","backtrace":[{frames}]}}"#)).unwrap();
        assert_eq!(message.chars().count(), 1_001);
        assert_eq!(frames.len(), 20);
        assert!(frames.iter().all(|frame| frame.chars().count() <= 201));
    }
}
