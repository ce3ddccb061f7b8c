//! `memory.fill` and `memory.copy` in pieces, so that a deadline also stops these instructions.
//!
//! wasmtime checks the clock before such an instruction and not again until it ends: 1 GiB takes most of a second. If a
//! module's memory can be large enough for this to matter, each such instruction is compiled as a call of a function that
//! is added to the module. That function works in pieces, in a loop, and a loop is where a guest is stopped.

mod outline;
mod pieces;
mod rewrite;

use std::borrow::Cow;

use crate::module::code_map::CodeMap;
use outline::Outline;

/// A module whose long fills and copies can be stopped, and where the plugin's own code is in it.
pub(crate) struct Interruptible<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) code_map: CodeMap,
}

impl<'a> Interruptible<'a> {
    /// Makes a module interruptible. A module with nothing to stop stays as it is. So does an invalid module, for the
    /// compiler to refuse: with more functions it might become valid.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        match Outline::of(bytes).ok().flatten().and_then(|outline| rewrite::rewritten(&outline, bytes)) {
            Some((bytes, code_map)) => Self { bytes: Cow::Owned(bytes), code_map },
            None => Self { bytes: Cow::Borrowed(bytes), code_map: CodeMap::default() },
        }
    }
}
