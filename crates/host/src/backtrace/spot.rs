//! A file, a line and a column of the source, as the debug information numbers them.

use gimli::{Dwarf, LineProgramHeader, Reader, Result, Unit};

use crate::backtrace::counted_reader::CountedReader;
use crate::guest_text;

/// A line of the source. A line or column of 0 is unknown.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spot {
    pub(crate) file: u64,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl Spot {
    /// `path:line:column`, as far as these are known.
    pub(crate) fn shown<'a>(
        self,
        dwarf: &Dwarf<CountedReader<'a>>,
        unit: &Unit<CountedReader<'a>>,
        lines: &LineProgramHeader<CountedReader<'a>>,
    ) -> String {
        let path = self.path(dwarf, unit, lines).ok().flatten().unwrap_or_else(|| "?".to_owned());
        match (self.line, self.column) {
            (0, _) => path,
            (line, 0) => format!("{path}:{line}"),
            (line, column) => format!("{path}:{line}:{column}"),
        }
    }

    fn path<'a>(
        self,
        dwarf: &Dwarf<CountedReader<'a>>,
        unit: &Unit<CountedReader<'a>>,
        lines: &LineProgramHeader<CountedReader<'a>>,
    ) -> Result<Option<String>> {
        let Some(file) = lines.file(self.file) else { return Ok(None) };
        let text = |value| -> Result<String> { Ok(dwarf.attr_string(unit, value)?.to_string_lossy()?.into_owned()) };
        let name = text(file.path_name())?;
        // Directory 0 is the compiler's working directory.
        let directory = match file.directory(lines) {
            Some(directory) if file.directory_index() != 0 && !name.starts_with('/') => text(directory)?,
            _ => String::new(),
        };
        let path = if directory.is_empty() { name } else { format!("{directory}/{name}") };
        Ok(Some(guest_text::path(&path)))
    }
}
