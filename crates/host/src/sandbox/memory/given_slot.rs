//! A slot for a call that has no memory yet.

use std::io;
use std::sync::Arc;

use crate::sandbox::memory::kernel::closed_pages::ClosedPages;
use crate::sandbox::memory::plugin_memory::PluginMemory;
use crate::sandbox::memory::slots::Taken;

/// There was no slot, because calls have all that they may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoSlot;

impl std::fmt::Display for NoSlot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("all slots are in use")
    }
}

impl std::error::Error for NoSlot {}

/// A slot for a call that has no memory yet. What an earlier call left may still be there.
#[derive(Debug)]
pub(crate) struct GivenSlot {
    /// `None` once it was prepared.
    given: Option<(Taken, Arc<PluginMemory>)>,
    /// The bytes that are counted as kept.
    kept: usize,
}

impl GivenSlot {
    /// A slot for a call of this plugin.
    ///
    /// # Errors
    /// [`NoSlot`] if calls have all that they may have.
    pub(crate) fn take(plugin: &Arc<PluginMemory>) -> Result<Self, NoSlot> {
        let memories = plugin.memories();
        let mut taken = memories.take(plugin.pages()).ok_or(NoSlot)?;
        let is_own = taken.slot.is_of(plugin.pages());
        let mut kept = if is_own { taken.slot.kept_bytes() } else { 0 };
        if is_own && taken.slot.closed_pages().is_some() && !memories.can_close() {
            if let Err(error) = taken.slot.drop_pages() {
                tracing::error!(%error, "a memory cannot be opened: it is unmapped");
                memories.keep(kept, 0);
                memories.renew(taken);
                return Self::take(plugin);
            }
            memories.keep(kept, 0);
            kept = 0;
        }
        Ok(Self { given: Some((taken, Arc::clone(plugin))), kept })
    }

    /// Its closed pages, if the call can find any.
    pub(crate) fn closed_pages(&self) -> Option<&Arc<ClosedPages>> {
        let (Taken { slot, .. }, plugin) = self.given.as_ref()?;
        slot.closed_pages().filter(|_| slot.is_of(plugin.pages()))
    }

    /// Gives it the plugin's initial memory, of so many bytes.
    ///
    /// # Errors
    /// If the kernel refuses. Then the slot is unmapped.
    pub(crate) fn prepare(mut self, bytes: usize) -> io::Result<(Taken, Arc<PluginMemory>)> {
        let (taken, plugin) = self.given.as_mut().ok_or(io::ErrorKind::InvalidInput)?;
        taken.slot.prepare(plugin.pages(), bytes)?;
        self.given.take().ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

impl Drop for GivenSlot {
    fn drop(&mut self) {
        // No memory was made of it. What is there need not be this plugin's, so it cannot be reset.
        if let Some((taken, plugin)) = self.given.take() {
            plugin.memories().keep(self.kept, 0);
            plugin.memories().renew(taken);
        }
    }
}
