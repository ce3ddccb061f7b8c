//! The memory of a plugin: what is known of its pages, and where it gets its slots.

use std::sync::Arc;

use crate::sandbox::memory::kernel::closed_pages::ClosedPages;
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

    /// Turns the slot of a call into that of a ready cell; `false` if there are too many of those.
    pub(crate) fn keep_ready(&self) -> bool {
        self.memories.keep_ready()
    }

    /// Turns the slot of a ready cell into that of a call; `false` if calls have all that they may have.
    pub(crate) fn begin_call(&self) -> bool {
        self.memories.begin_call_of_ready()
    }

    /// Drops a ready cell that no call has had. Calls lack no slot meanwhile.
    pub(crate) fn give_up_ready<T>(&self, cell: T) {
        self.memories.begin_giving_up();
        drop(cell);
        self.memories.end_giving_up();
    }

    /// Can a call begin in a cell that was made with these closed pages?
    pub(crate) fn can_open(&self, closed: Option<&ClosedPages>) -> bool {
        closed.is_none() || self.memories.can_close()
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
