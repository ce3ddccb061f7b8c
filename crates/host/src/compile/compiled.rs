//! A compiled module with its note.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wasmtime::Module;

use crate::error::HostError;
use crate::module::code_map::CodeMap;
use crate::module::halves::GlobalValue;
use crate::module::scan::code_facts::CodeFacts;

/// A compiled module, and what the load that made it noted for later loads. A code cache keeps both under one seal.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) module: Module,
    pub(crate) note: Arc<Note>,
}

/// What a load noted beside a module.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Note {
    /// What the scan found in the functions of a code half.
    pub(crate) code: CodeFacts,
    /// Maps the code of a code half to where it was before it was made interruptible.
    pub(crate) code_map: CodeMap,
    /// The values of mutable globals, by their index, that belong to the memory of a data half.
    pub(crate) globals: Vec<(u32, GlobalValue)>,
}

impl Compiled {
    /// Makes the image that the memory of each call begins with. It takes a file descriptor on Linux: if there is none left, the
    /// load fails, and not a call.
    pub(crate) fn make_image(&self) -> Result<(), HostError> {
        let made = self.module.initialize_copy_on_write_image();
        made.map_err(|error| HostError::Internal(format!("no image of the plugin's data: {error:#}")))
    }

    /// The length of the compiled module in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let image = self.module.image_range();
        (image.end as usize).saturating_sub(image.start as usize)
    }
}
