//! What a plugin logged. It is in the guest's memory, wherever the guest says, and is read after a call however that ended.

mod cut_line;
pub(crate) mod line;

use memchr::memmem;
use memchr::memrchr;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::call::guest_slice::GuestSlice;
use crate::call::log::line::{LogLine, Room};
use crate::call::thrown::Thrown;
use crate::call::thrown::sources::Sources;
use crate::json::object::Object;
use crate::limits::{Limit, Limits};

/// The most lines that are kept. Each is an object in JavaScript.
const MOST_LINES: usize = 1_000;

/// The most lines whose `backtrace` is told.
const MOST_BACKTRACES: usize = 16;

/// The longest last line that can tell why the plugin trapped, in bytes, with white space after it.
const MOST_THROWN_BYTES: usize = 16 * 1_024;

/// The log of a call that has ended.
#[derive(Clone, Copy)]
pub(crate) struct Log<'a> {
    slice: GuestSlice,
    memory: &'a [u8],
}

impl<'a> Log<'a> {
    pub(crate) fn new(slice: GuestSlice, memory: &'a [u8]) -> Self {
        Self { slice, memory }
    }

    /// The bytes that are read of it.
    pub(crate) fn read_bytes(&self, limits: &Limits) -> usize {
        self.slice.len().min(limits.log_bytes())
    }

    /// What its last line says that the plugin threw, and the log without that line.
    pub(crate) fn thrown(&self) -> Option<(Thrown, Self)> {
        #[derive(Deserialize)]
        struct Members<'a> {
            #[serde(borrow)]
            thrown: &'a RawValue,
        }

        let bytes = self.slice.of(self.memory)?;
        let tail_begins = bytes.len().saturating_sub(MOST_THROWN_BYTES);
        let tail = bytes.get(tail_begins..)?.trim_ascii_end();
        let line_begins = match memrchr(b'\n', tail) {
            Some(newline) => newline.saturating_add(1),
            None if tail_begins == 0 => 0,
            None => return None,
        };
        let line = str::from_utf8(tail.get(line_begins..)?).ok()?.trim_ascii_start();
        let Object(Members { thrown }) = serde_json::from_str(line).ok()?;
        let before = u32::try_from(tail_begins.saturating_add(line_begins)).ok()?;
        Some((Thrown::read(thrown.get())?, Self { slice: GuestSlice::new(self.slice.pointer(), before), ..*self }))
    }

    /// May a line say where it comes from? To find that in the sources takes milliseconds.
    pub(crate) fn has_backtraces(&self, limits: &Limits) -> bool {
        let bytes = self.slice.of(self.memory).unwrap_or_default();
        let read = bytes.get(..limits.log_bytes()).unwrap_or(bytes);
        memmem::find(read, br#""backtrace""#).is_some()
    }

    /// Its lines, within the limits.
    pub(crate) fn lines(&self, limits: &Limits, sources: Sources<'_>) -> Vec<LogLine> {
        let (name, most) = (Limit::LOG_BYTES.name, limits.log_bytes());
        if most == 0 {
            return Vec::new();
        }
        let Some(bytes) = self.slice.of(self.memory) else {
            let message = format!("the log is {}, outside the memory of {} bytes", self.slice, self.memory.len());
            return vec![LogLine::note(&message)];
        };
        let (kept, cut) = cut_line::whole_lines(bytes, most);
        let mut room = Room { message_chars: most, values: limits.max_result_values(), backtraces: MOST_BACKTRACES };
        let kept = String::from_utf8_lossy(kept);
        let mut texts = kept.split('\n').map(str::trim_ascii).filter(|line| !line.is_empty());
        let mut told: Vec<_> = texts.by_ref().take(MOST_LINES).map(|line| LogLine::read(line, &mut room)).collect();
        let are_too_many = texts.next().is_some();
        if told.len() < MOST_LINES {
            told.extend(cut.and_then(|cut| cut_line::read(cut, &mut room)));
        }
        sources.locate(told.iter_mut().flat_map(|(_, frames)| frames.iter_mut()));
        let mut lines: Vec<_> = told.into_iter().map(|(line, frames)| line.told(&frames)).collect();
        if are_too_many {
            lines.push(LogLine::note(&format!("the log has more than {MOST_LINES} lines; the others are left out")));
        }
        if most < bytes.len() {
            lines.push(LogLine::note(&format!("the log has {} bytes and is cut; {name} is {most}", bytes.len())));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Log;
    use crate::call::guest_slice::GuestSlice;
    use crate::call::thrown::sources::Sources;
    use crate::limits::{LimitOverrides, Limits};

    const NO_SOURCES: Sources<'static> = Sources { map: None, is_late: &|| false };

    fn limits(max_log_bytes: u64) -> Limits {
        let limits = LimitOverrides { max_log_bytes: Some(max_log_bytes), ..LimitOverrides::default() };
        Limits::default().with(&limits).unwrap()
    }

    fn log(memory: &[u8]) -> Log<'_> {
        Log::new(GuestSlice::new(0, u32::try_from(memory.len()).unwrap()), memory)
    }

    fn lines(bytes: &[u8], max_log_bytes: u64) -> Value {
        serde_json::to_value(log(bytes).lines(&limits(max_log_bytes), NO_SOURCES)).unwrap()
    }

    fn one(line: &[u8]) -> Value {
        let lines = lines(line, 16_384);
        assert_eq!(lines.as_array().unwrap().len(), 1, "{lines}");
        lines[0].clone()
    }

    #[test]
    fn a_line_is_read_with_its_level_and_fields() {
        for (line, expected) in [
            (r#"{"message":"a"}"#, json!({ "level": "info", "message": "a" })),
            (r#"{"level":"debug","message":"a"}"#, json!({ "level": "debug", "message": "a" })),
            (r#"{"level":"warn","message":""}"#, json!({ "level": "warn", "message": "" })),
            (r#"{"level":"loud","message":"a"}"#, json!({ "level": "info", "message": "a" })),
            (r#"{"level":7,"message":"a","x":[]}"#, json!({ "level": "info", "message": "a" })),
            (
                r#" {"level":"error","message":"a","fields":{"n":1.50,"deep":[{"x":null}]}} "#,
                json!({ "level": "error", "message": "a", "fields": { "n": 1.5, "deep": [{ "x": null }] } }),
            ),
            (r#"{"message":"a","fields":null}"#, json!({ "level": "info", "message": "a" })),
            (r#"{"message":"a\u001b[31m\nb\u202e"}"#, json!({ "level": "info", "message": r"a\u{1b}[31m\nb\u{202e}" })),
            (r#"{"message":"half \ud83d\n"}"#, json!({ "level": "info", "message": "half \u{fffd}\\n" })),
            (r#"{"thrown":{"name":"E","message":"no"}}"#, json!({ "level": "error", "message": "E: no" })),
        ] {
            assert_eq!(one(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn a_line_tells_where_it_comes_from() {
        let frames = r#"[{"function":"f","file":"a.js","line":3,"column":7},"g (a.js:9:1)"]"#;
        let line = format!(r#"{{"level":"warn","message":"no","backtrace":{frames}}}"#);
        assert_eq!(one(line.as_bytes()), json!({ "level": "warn", "message": "no (at f (a.js:3:7), g (a.js:9:1))" }));
        for backtrace in ["[]", "{}", "7", "null", "[[],7]"] {
            let line = format!(r#"{{"message":"no","backtrace":{backtrace}}}"#);
            assert_eq!(one(line.as_bytes()), json!({ "level": "info", "message": "no" }), "{backtrace}");
        }
        let many = lines([line.as_str(); 20].join("\n").as_bytes(), 16_384);
        let told = many.as_array().unwrap().iter().filter(|line| line["message"] != "no").count();
        assert_eq!(told, 16);
    }

    #[test]
    fn a_line_of_another_form_is_text() {
        let deep = format!(r#"{{"message":"a","fields":{{"a":{}{}}}}}"#, "[".repeat(200), "]".repeat(200));
        for line in [
            "plain text",
            "\"a\"",
            "[1]",
            "7",
            "{",
            "{}",
            r#"{"message":7}"#,
            r#"{"message":"a","message":"b"}"#,
            r#"{"message":"a","fields":[]}"#,
            r#"{"message":"a","fields":{"__proto__":1}}"#,
            r#"{"thrown":{}}"#,
            &deep,
        ] {
            assert_eq!(one(line.as_bytes()), json!({ "level": "info", "message": line }), "{line}");
        }
        assert_eq!(one(b"a\xffb\x07\0"), json!({ "level": "info", "message": "a\u{fffd}b\\u{7}\\0" }));
    }

    #[test]
    fn fields_cost_no_more_to_parse_than_a_result() {
        let line = r#"{"message":"a","fields":{"k":[1,2,3]}}"#;
        let limits = LimitOverrides { max_result_values: Some(100), ..LimitOverrides::default() };
        let text = [line, line].join("\n");
        let lines = log(text.as_bytes()).lines(&Limits::default().with(&limits).unwrap(), NO_SOURCES);
        assert!(lines[0].fields.is_some());
        assert_eq!((lines[1].fields.as_ref(), lines[1].message.as_str()), (None, line));
    }

    #[test]
    fn empty_lines_are_left_out() {
        assert_eq!(
            lines(b"\n\r\n a\r\n\n\tb", 100),
            json!([{ "level": "info", "message": "a" }, { "level": "info", "message": "b" }])
        );
        assert_eq!(lines(b"", 100), json!([]));
        assert_eq!(lines(b"a", 0), json!([]));
    }

    #[test]
    fn a_long_log_is_cut_and_says_so() {
        let text = "x".repeat(100);
        let note =
            json!({ "level": "warn", "message": "hookcell: the log has 100 bytes and is cut; maxLogBytes is 10" });
        assert_eq!(lines(text.as_bytes(), 10), json!([{ "level": "info", "message": "xxxxxxxxxx" }, note]));
        assert_eq!(lines(text.as_bytes(), 100), json!([{ "level": "info", "message": text }]));
        let cut =
            |text: &str, most: u64| lines(text.as_bytes(), most).as_array().unwrap().split_last().unwrap().1.to_vec();
        assert_eq!(
            cut("a\nbcd", 3),
            [json!({ "level": "info", "message": "a" }), json!({ "level": "info", "message": "b" })]
        );
        assert_eq!(
            cut("a\nbcd\n", 5),
            [json!({ "level": "info", "message": "a" }), json!({ "level": "info", "message": "bcd" })]
        );
        let line = r#"{"level":"warn","message":"café"}"#;
        assert_eq!(cut(line, 30), [json!({ "level": "warn", "message": "caf…" })]);
        assert_eq!(cut(&format!("a\n{line}"), 12), [json!({ "level": "info", "message": "a" })]);
        let many = lines("a\n".repeat(5_000).as_bytes(), 1_000_000);
        assert_eq!(many.as_array().unwrap().len(), 1_001);
        assert_eq!(many[1_000]["message"], "hookcell: the log has more than 1000 lines; the others are left out");
    }

    #[test]
    fn a_log_outside_the_memory_is_a_note() {
        let memory = [b'a'; 16];
        for (pointer, length) in [(0, 17), (16, 1), (15, 2), (u32::MAX, 1), (0, u32::MAX), (u32::MAX, u32::MAX)] {
            let log = Log::new(GuestSlice::new(pointer, length), &memory);
            assert!(log.thrown().is_none());
            let lines = log.lines(&limits(100), NO_SOURCES);
            assert_eq!(lines.len(), 1);
            assert!(lines[0].message.ends_with(", outside the memory of 16 bytes"), "{}", lines[0].message);
        }
        let all = Log::new(GuestSlice::new(8, 8), &memory);
        assert_eq!(all.lines(&limits(100), NO_SOURCES)[0].message, "aaaaaaaa");
    }

    #[test]
    fn the_last_line_can_tell_what_was_thrown() {
        for (text, before) in [
            (r#"{"thrown":{"message":"no"}}"#, json!([])),
            ("a\n {\"thrown\":{\"message\":\"no\"}}\n \n", json!([{ "level": "info", "message": "a" }])),
        ] {
            let (thrown, rest) = log(text.as_bytes()).thrown().unwrap();
            assert_eq!(thrown.into_fault().message, "no");
            assert_eq!(serde_json::to_value(rest.lines(&limits(100), NO_SOURCES)).unwrap(), before);
        }
        for text in
            ["", "\n", "{\"thrown\":{\"message\":\"no\"}}\na", "{\"thrown\":7}", "{\"message\":\"no\"}", "\u{1}"]
        {
            assert!(log(text.as_bytes()).thrown().is_none(), "{text}");
        }
    }

    #[test]
    fn what_was_thrown_is_found_at_the_end_of_a_log_of_any_length() {
        let thrown = r#"{"thrown":{"message":"no"}}"#;
        let long = "x".repeat(1_000_000);
        assert!(log(format!("{long}\n{thrown}").as_bytes()).thrown().is_some());
        assert!(log(format!("{long}{thrown}").as_bytes()).thrown().is_none());
        assert!(log(format!("{thrown}{}", " ".repeat(1_000_000)).as_bytes()).thrown().is_none());
        assert!(log(format!(r#"{{"thrown":{{"message":"{long}"}}}}"#).as_bytes()).thrown().is_none());
    }
}
