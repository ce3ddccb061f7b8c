//! A compiled module with its note.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wasmtime::Module;

use crate::error::HostError;
use crate::module::code_map::CodeMap;
use crate::module::halves::GlobalValue;
use crate::module::initial_data::InitialData;
use crate::module::scan::code_facts::CodeFacts;
use crate::module::without_data::WithoutData;
use crate::sandbox::config::MemoriesBy;
use crate::sandbox::memory::Image;

/// A compiled module, and what the load that made it noted for later loads. A code cache keeps both under one seal.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) module: Module,
    pub(crate) note: Arc<Note>,
    /// What its memory begins with, if the host makes it.
    image: Result<Option<Arc<Image>>, Arc<str>>,
    has_all_data: bool,
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

/// A module as it is compiled for memories of some kind, and the data that is not compiled.
pub(crate) struct ToCompile<'a> {
    pub(crate) module: Cow<'a, [u8]>,
    pub(crate) data: InitialData,
}

impl<'a> ToCompile<'a> {
    pub(crate) fn of(module: &'a [u8], memories: MemoriesBy) -> Self {
        let without = if memories == MemoriesBy::Host { WithoutData::of(module) } else { None };
        if let Some(WithoutData { module, data }) = without {
            return Self { module: Cow::Owned(module), data };
        }
        let data = InitialData { is_all: WithoutData::has_none(module), ..InitialData::default() };
        Self { module: Cow::Borrowed(module), data }
    }
}

impl Compiled {
    /// A module, what was noted beside it, and the data that was taken out of it.
    pub(crate) fn new(module: Module, note: Note, data: &InitialData) -> Self {
        let image = Image::of(data).map(|image| image.map(Arc::new)).map_err(|error| error.to_string().into());
        Self { module, note: Arc::new(note), image, has_all_data: data.is_all }
    }

    /// Is the image all the data that its memory begins with? If not, wasmtime writes more in each call.
    pub(crate) fn has_all_data(&self) -> bool {
        self.has_all_data
    }

    /// Makes the image that the memory of each call begins with. It takes a file descriptor on Linux: if there is none left, the
    /// load fails, and not a call.
    pub(crate) fn make_image(&self) -> Result<(), HostError> {
        self.image()?;
        self.module.initialize_copy_on_write_image().map_err(|error| no_image(&format!("{error:#}")))
    }

    /// What its memory begins with, if the host makes it. `None` for zeros.
    pub(crate) fn image(&self) -> Result<Option<Arc<Image>>, HostError> {
        self.image.clone().map_err(|reason| no_image(&reason))
    }

    /// The length of the compiled module in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let image = self.module.image_range();
        (image.end as usize).saturating_sub(image.start as usize)
    }
}

fn no_image(reason: &str) -> HostError {
    HostError::Internal(format!("no image of the plugin's data: {reason}"))
}
