//! A guest's frames, with the names and lines of its source.

pub(crate) mod counted_reader;
pub(crate) mod debug_sections;
pub(crate) mod function_entry;
pub(crate) mod function_name;
pub(crate) mod mappings;
pub(crate) mod script_location;
pub(crate) mod script_map;
pub(crate) mod source_locations;
pub(crate) mod source_map;
pub(crate) mod spot;

use std::sync::Arc;

use wasmtime::{FrameInfo, WasmBacktrace};

use crate::backtrace::source_locations::SourceLocation;
use crate::plugin::Plugin;

/// The most lines of a backtrace, inlined calls included.
const MOST_LINES: usize = 20;

/// Parts of the paths of the standard libraries of Rust and Zig.
const STANDARD_LIBRARIES: [&str; 5] =
    ["/rustc/", "/library/core/src/", "/library/alloc/src/", "/library/std/src/", "/lib/std/"];

/// The frames of a trap.
#[derive(Debug, Default)]
pub(crate) struct Backtrace {
    /// Innermost first.
    pub(crate) lines: Vec<String>,
    /// The innermost line of the plugin's own source, such as `src/lib.rs:12:5`, if it is known.
    pub(crate) own_line: Option<String>,
}

impl Backtrace {
    pub(crate) fn of(plugin: &Plugin, frames: &WasmBacktrace) -> Self {
        let own: Vec<&FrameInfo> =
            frames.frames().iter().filter(|frame| plugin.code_map().is_own(frame.func_index())).collect();
        let offsets: Vec<Option<usize>> = own
            .iter()
            .map(|frame| frame.module_offset().map(|offset| plugin.code_map().offset_in_module(offset)))
            .collect();
        let known: Vec<usize> = offsets.iter().copied().flatten().collect();
        let mut locations = plugin.source_map().map_or_else(Vec::new, |map| map.locations(&known)).into_iter();
        let mut backtrace = Self::default();
        for (frame, offset) in own.into_iter().zip(offsets) {
            let locations = offset.and_then(|_| locations.next()).unwrap_or_else(|| Arc::from([]));
            backtrace.push(frame, offset, &locations);
        }
        backtrace.lines.truncate(MOST_LINES);
        backtrace
    }

    fn push(&mut self, frame: &FrameInfo, offset: Option<usize>, locations: &[SourceLocation]) {
        let name = || match frame.func_name() {
            Some(name) => function_name::shown(name),
            None => format!("function {}", frame.func_index()),
        };
        let Some((outermost, inlined)) = locations.split_last() else {
            self.lines.push(match offset {
                Some(offset) => format!("{} (wasm offset {offset:#x})", name()),
                None => name(),
            });
            return;
        };
        for SourceLocation { function, line } in inlined {
            let function = function.as_deref().unwrap_or("inlined function");
            self.lines.push(format!("{function} ({line})"));
        }
        // The name section has a function's whole path, and debug information only its last part.
        let function = match (frame.func_name(), &outermost.function) {
            (None, Some(function)) => function.clone(),
            _ => name(),
        };
        self.lines.push(format!("{function} ({})", outermost.line));
        if self.own_line.is_none() {
            let own = locations.iter().find(|location| is_of_the_plugin(&location.line));
            self.own_line = own.map(|location| location.line.clone());
        }
    }
}

/// Is the line in the plugin's own source, and not in the library of its language?
fn is_of_the_plugin(line: &str) -> bool {
    !STANDARD_LIBRARIES.iter().any(|part| line.contains(part))
}

#[cfg(test)]
mod tests {
    use super::is_of_the_plugin;

    #[test]
    fn a_standard_library_is_not_the_plugins_own_source() {
        for (line, is_own) in [
            ("src/lib.rs:12:5", true),
            ("/src/traps_in_lines.c:11:3", true),
            ("/rustc/0123456789abcdef/library/core/src/panicking.rs:75:14", false),
            ("…6789/library/alloc/src/vec/mod.rs:2770:9", false),
            ("/opt/zig/lib/std/debug.zig:529:13", false),
        ] {
            assert_eq!(is_of_the_plugin(line), is_own, "{line}");
        }
    }
}
