//! A module in two halves, which are compiled apart: its *code half* has everything but memory and data, and its *data half*
//! has only these. Plugins that one engine was put into (JavaScript, Python) have the same code half and share it.
//!
//! The code half must not depend on what differs between such plugins: it imports a memory of one type for all, it exports
//! functions and globals under names of their own, whatever the plugin exports, and its mutable globals begin at zero.

mod code_half;
mod data_half;
mod global_value;
mod outline;

use std::collections::HashMap;

use crate::module::parts::Obstacle;
use code_half::Pieces;
pub(crate) use code_half::{exported_function, exported_global};
pub(crate) use data_half::SnapshotLimits;
pub(crate) use global_value::GlobalValue;
use outline::Outline;
pub(crate) use outline::{MutableGlobal, SCATTERED};

/// A module that can be split.
pub(crate) struct Halves<'a> {
    outline: Outline<'a>,
    functions: HashMap<&'a str, u32>,
    /// The code half, piece by piece.
    code: Pieces<'a>,
    code_digest: [u8; 32],
    /// Where the content of the code section begins in the code half.
    code_begins: usize,
}

impl<'a> Halves<'a> {
    /// Splits a module whose functions have at least this many bytes. The module need not be valid.
    pub(crate) fn of(bytes: &'a [u8], least_code_bytes: usize) -> Result<Self, Obstacle> {
        let outline = Outline::of(bytes, least_code_bytes)?;
        let (code, code_begins) = code_half::pieces(&outline)?;
        let mut hasher = blake3::Hasher::new();
        for piece in &code {
            hasher.update(piece);
        }
        let code_digest = hasher.finalize().into();
        let functions = outline.exported_functions.iter().copied().collect();
        Ok(Self { outline, functions, code, code_digest, code_begins })
    }

    /// A digest of the code half, of 256 bits.
    pub(crate) fn code_digest(&self) -> [u8; 32] {
        self.code_digest
    }

    /// The code half.
    pub(crate) fn code(&self) -> Vec<u8> {
        self.code.concat()
    }

    /// How many bytes later the code is in the code half than in the module.
    pub(crate) fn code_moved_by(&self) -> isize {
        self.code_begins.checked_signed_diff(self.outline.code_begins).unwrap_or_default()
    }

    /// The index of the function that the module exports under this name.
    pub(crate) fn function(&self, name: &str) -> Option<u32> {
        self.functions.get(name).copied()
    }

    /// The index of the function that the module has as its start section.
    pub(crate) fn start(&self) -> Option<u32> {
        self.outline.start
    }

    /// The mutable globals that hold numbers or vectors. The code half exports them.
    pub(crate) fn mutable_globals(&self) -> &[MutableGlobal] {
        &self.outline.mutable_globals
    }

    /// Has it a mutable global that holds a reference?
    pub(crate) fn has_mutable_reference(&self) -> bool {
        self.outline.has_mutable_reference
    }

    /// The data half, with the module's own data.
    pub(crate) fn data(&self) -> Vec<u8> {
        data_half::of(&self.outline, self.outline.memory.initial, &self.outline.segments)
    }

    /// The data half with the contents of a memory after start-up.
    pub(crate) fn data_after(&self, memory: &[u8], limits: &SnapshotLimits) -> Result<Vec<u8>, Obstacle> {
        data_half::after(&self.outline, memory, limits)
    }
}
