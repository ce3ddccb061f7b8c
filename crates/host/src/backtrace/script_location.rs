//! A line and a column of a file that the guest knows.

use std::fmt;

use crate::guest_text;

/// A line and a column, both from 1; 0 is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScriptLocation {
    /// Cut and escaped.
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl ScriptLocation {
    pub(crate) fn new(file: &str, line: u32, column: u32) -> Self {
        Self { file: guest_text::path(file), line, column }
    }

    /// Reads `file:line:column`.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let (text, column) = text.rsplit_once(':')?;
        let (file, line) = text.rsplit_once(':')?;
        Some(Self::new(file, line.parse().ok()?, column.parse().ok()?))
    }
}

impl fmt::Display for ScriptLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column } = self;
        match (line, column) {
            (0, _) => formatter.write_str(file),
            (line, 0) => write!(formatter, "{file}:{line}"),
            (line, column) => write!(formatter, "{file}:{line}:{column}"),
        }
    }
}
