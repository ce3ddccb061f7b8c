//! The memory of a plugin: what is known of its pages, and where it gets its slots.

use std::sync::Arc;

use crate::sandbox::memory::kernel::image::Image;
use crate::sandbox::memory::memories::Memories;
use crate::sandbox::memory::plugin_pages::PluginPages;

/// The memory of a plugin, of which each call has its own.
#[derive(Debug)]
pub(crate) struct PluginMemory {
    memories: Arc<Memories>,
    pages: PluginPages,
}

impl PluginMemory {
    /// Of a plugin whose memory begins with this image, before its first call. It `is_all` if wasmtime writes no data there.
    pub(crate) fn new(image: Option<Arc<Image>>, is_all: bool, memories: &Arc<Memories>) -> Arc<Self> {
        Arc::new(Self { memories: Arc::clone(memories), pages: PluginPages::new(image, is_all) })
    }

    pub(crate) fn memories(&self) -> &Memories {
        &self.memories
    }

    pub(crate) fn pages(&self) -> &PluginPages {
        &self.pages
    }
}

impl Drop for PluginMemory {
    fn drop(&mut self) {
        self.memories.forget(&self.pages);
    }
}
