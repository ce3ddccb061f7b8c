//! The log: lines of JSON in memory, which the host reads after the call, also if it failed.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, TryLockError};

use serde::Serialize;

use crate::object::Object;
use crate::raw::text_of;

/// The most bytes of lines. The rest is dropped, except the last line of a plugin that panics.
const MAX_BYTES: usize = 64 * 1_024;

static LINES: Mutex<String> = Mutex::new(String::new());

/// The address of the lines. The linker exports where this variable is.
#[cfg_attr(target_arch = "wasm32", unsafe(export_name = "log_ptr"))]
static POINTER: AtomicUsize = AtomicUsize::new(0);
/// Their length in bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(export_name = "log_len"))]
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// For the plugin's author.
    Debug,
    /// For the operator, and as expected.
    Info,
    /// Not as expected.
    Warn,
    /// Wrong.
    Error,
}

/// A line of the log. [`info!`](crate::info) and its siblings write one.
#[derive(Debug, Serialize)]
pub struct Line {
    level: Level,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Object>,
}

impl Line {
    /// A line without fields.
    pub fn new(level: Level, message: impl Into<String>) -> Self {
        Self { level, message: message.into(), fields: None }
    }

    /// Adds a field.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    #[must_use]
    pub fn with(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        self.fields.get_or_insert_default().set(name, value);
        self
    }

    /// Appends the line to the log. Lines beyond 64 KiB are dropped.
    pub fn write(&self) {
        append(&text_of(self), MAX_BYTES);
    }
}

/// Appends a line of JSON. It is dropped if the lines would be longer than `most`, or if they are being written.
pub(crate) fn append(line: &str, most: usize) {
    let mut lines = match LINES.try_lock() {
        Ok(lines) => lines,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return,
    };
    if lines.len() + line.len() < most {
        lines.push_str(line);
        lines.push('\n');
        POINTER.store(lines.as_ptr() as usize, Relaxed);
        LENGTH.store(lines.len(), Relaxed);
    }
}

/// Writes a line at a [`Level`]: its message as by [`format!`], and after `;` its fields.
///
/// ```
/// hookcell_pdk::log!(hookcell_pdk::Level::Info, "priced {} items", 3; total = 12.5, currency = "EUR");
/// ```
#[macro_export]
macro_rules! log {
    (@split $level:expr, [$($message:tt)+]) => {
        $crate::Line::new($level, ::std::format!($($message)+)).write()
    };
    (@split $level:expr, [$($message:tt)+] ; $($name:ident = $value:expr),+ $(,)?) => {
        $crate::Line::new($level, ::std::format!($($message)+))$(.with(::core::stringify!($name), &$value))+.write()
    };
    (@split $level:expr, [$($message:tt)*] $next:tt $($rest:tt)*) => {
        $crate::log!(@split $level, [$($message)* $next] $($rest)*)
    };
    ($level:expr, $($line:tt)+) => {
        $crate::log!(@split $level, [] $($line)+)
    };
}

/// Writes a line at [`Level::Debug`]. See [`log!`](crate::log!).
#[macro_export]
macro_rules! debug { ($($line:tt)+) => { $crate::log!($crate::Level::Debug, $($line)+) }; }
/// Writes a line at [`Level::Info`]. See [`log!`](crate::log!).
#[macro_export]
macro_rules! info { ($($line:tt)+) => { $crate::log!($crate::Level::Info, $($line)+) }; }
/// Writes a line at [`Level::Warn`]. See [`log!`](crate::log!).
#[macro_export]
macro_rules! warn { ($($line:tt)+) => { $crate::log!($crate::Level::Warn, $($line)+) }; }
/// Writes a line at [`Level::Error`]. See [`log!`](crate::log!).
#[macro_export]
macro_rules! error { ($($line:tt)+) => { $crate::log!($crate::Level::Error, $($line)+) }; }

#[cfg(test)]
mod tests {
    use super::{LENGTH, LINES, Level, Line};
    use crate::raw::text_of;

    #[test]
    fn a_line_has_a_level_a_message_and_fields_only_if_there_are_any() {
        let line = Line::new(Level::Warn, "odd \"quotes\"\n");
        assert_eq!(text_of(&line), r#"{"level":"warn","message":"odd \"quotes\"\n"}"#);
        let line = line.with("total", &3).with("names", &["a"]);
        assert_eq!(
            text_of(&line),
            r#"{"level":"warn","message":"odd \"quotes\"\n","fields":{"total":3,"names":["a"]}}"#
        );
    }

    #[test]
    fn the_macros_write_lines_until_the_log_is_full() {
        let total = 7;
        crate::info!("priced {} items for {total}", 3; total = total, currency = "EUR");
        crate::debug!("plain");
        let expected = "{\"level\":\"info\",\"message\":\"priced 3 items for 7\",\"fields\":{\"total\":7,\"currency\":\"EUR\"}}\n\
                        {\"level\":\"debug\",\"message\":\"plain\"}\n";
        assert!(LINES.lock().expect("no other thread").ends_with(expected));

        for _ in 0..2_000 {
            crate::error!("{}", "x".repeat(100));
        }
        assert!(LENGTH.load(super::Relaxed) <= super::MAX_BYTES);
        assert!(LINES.lock().expect("no other thread").ends_with("}\n"));
    }
}
