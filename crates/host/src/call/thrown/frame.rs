//! A frame of a backtrace, as the guest tells it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::backtrace::script_location::ScriptLocation;
use crate::guest_text;
use crate::json::object::{self, Object};
use crate::json::text::text_of;

/// A function and where it was, as far as the guest says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Text without a location.
    Text(String),
    Located {
        function: Option<String>,
        location: ScriptLocation,
    },
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, default)]
    function: Option<&'a RawValue>,
    #[serde(borrow, default)]
    file: Option<&'a RawValue>,
    #[serde(borrow, default)]
    line: Option<&'a RawValue>,
    #[serde(borrow, default)]
    column: Option<&'a RawValue>,
}

impl Frame {
    /// Reads `"function (file:line:column)"` or `{"function":"…","file":"…","line":1,"column":1}`. `None` for anything else.
    pub(crate) fn read(json: &str) -> Option<Self> {
        if object::is_object(json) {
            return Self::of_members(serde_json::from_str::<Object<Members>>(json).ok()?.0);
        }
        let value = serde_json::from_str::<&RawValue>(json).ok()?;
        Some(Self::of_text(&text_of(value)?))
    }

    fn of_members(Members { function, file, line, column }: Members<'_>) -> Option<Self> {
        let number = |value: Option<&RawValue>| value.and_then(|value| value.get().parse().ok()).unwrap_or_default();
        let function = function.and_then(text_of).map(|function| guest_text::clean(&function));
        match file.and_then(text_of) {
            Some(file) => {
                let location = ScriptLocation::new(&file, number(line), number(column));
                Some(Self::Located { function, location })
            }
            None => function.map(Self::Text),
        }
    }

    fn of_text(text: &str) -> Self {
        let (function, location) = match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
            Some((function, location)) => (Some(function), location),
            None => (None, text),
        };
        match ScriptLocation::of_text(location) {
            Some(location) => Self::Located { function: function.map(guest_text::clean), location },
            None => Self::Text(guest_text::clean(text)),
        }
    }

    pub(crate) fn location_mut(&mut self) -> Option<&mut ScriptLocation> {
        match self {
            Self::Text(_) => None,
            Self::Located { location, .. } => Some(location),
        }
    }

    /// `function (file:line:column)`, as far as these are known.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Located { function: Some(function), location } => format!("{function} ({location})"),
            Self::Located { function: None, location } => location.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Frame;

    #[test]
    fn a_frame_is_shown_as_far_as_it_is_known() {
        for (json, shown) in [
            (r#""f (plugin.ts:3:5)""#, Some("f (plugin.ts:3:5)")),
            (r#""plugin.ts:3:5""#, Some("plugin.ts:3:5")),
            (r#""<anonymous> (C:\\a\\plugin.ts:3:5)""#, Some(r"<anonymous> (C:\\a\\plugin.ts:3:5)")),
            (r#""map (native)""#, Some("map (native)")),
            (r#""f (a:1:99999999999)""#, Some("f (a:1:99999999999)")),
            (r#"{"function":"f"}"#, Some("f")),
            (r#"{"file":"src/lib.rs"}"#, Some("src/lib.rs")),
            (r#"{"file":"src/lib.rs","line":7}"#, Some("src/lib.rs:7")),
            (r#"{"file":"src/lib.rs","line":-7,"column":"x"}"#, Some("src/lib.rs")),
            (r#"{"function":"f\u001b","file":"a\n","line":1,"column":2}"#, Some(r"f\u{1b} (a\n:1:2)")),
            (r#"{"line":1}"#, None),
            ("[]", None),
            ("7", None),
            ("null", None),
        ] {
            assert_eq!(Frame::read(json).map(|frame| frame.shown()).as_deref(), shown, "{json}");
        }
    }
}
