//! The memory of a guest, as wasmtime has it.

use std::sync::Arc;

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use crate::sandbox::config::{GUARD_BYTES, RESERVED_BYTES};
use crate::sandbox::memory::hand_over;
use crate::sandbox::memory::kernel::fault_count::FaultWatch;
use crate::sandbox::memory::plugin_memory::PluginMemory;
use crate::sandbox::memory::reset::reset;
use crate::sandbox::memory::slots::Taken;

/// Makes the memories of an engine's guests.
#[derive(Debug)]
pub(crate) struct GuestMemories;

/// A slot that a guest has. It is reset when wasmtime drops it, however the call ended.
#[derive(Debug)]
struct GuestMemory {
    /// `None` while it is being dropped.
    taken: Option<Taken>,
    plugin: Arc<PluginMemory>,
    faults: FaultWatch,
}

impl GuestMemory {
    fn make(
        kind: &MemoryType,
        minimum: usize,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let is_as_expected = reserved == Some(RESERVED_BYTES)
            && guard <= GUARD_BYTES
            && !(kind.is_shared() || kind.is_64())
            && minimum <= RESERVED_BYTES;
        if !is_as_expected {
            return Err(format!("a memory of an unexpected kind: {kind:?}, {minimum}, {reserved:?}, {guard}"));
        }
        let given = hand_over::take().ok_or("a memory without a plugin")?;
        let (taken, plugin) = given.prepare(minimum).map_err(|error| format!("the kernel gives no memory: {error}"))?;
        Ok(Box::new(Self { taken: Some(taken), plugin, faults: FaultWatch::begin() }))
    }
}

impl Drop for GuestMemory {
    fn drop(&mut self) {
        let Some(mut taken) = self.taken.take() else { return };
        let memories = self.plugin.memories();
        let had_fault = self.faults.may_have_seen_one() || !memories.trust_fault_counts();
        let kept = taken.slot.kept_bytes();
        match reset(&mut taken.slot, self.plugin.pages(), memories, had_fault) {
            Ok(()) => {
                #[cfg(test)]
                after_reset::look_at(taken.slot.bytes());
                memories.give_back(taken, self.plugin.pages());
            }
            Err(error) => {
                tracing::error!(%error, "the memory of a call cannot be reset: it is unmapped");
                memories.keep(kept, 0);
                memories.renew(taken);
            }
        }
    }
}

// SAFETY: a memory has a slot of its own from `new_memory` until it is dropped. The slot has as much address space as the engine's
// settings promise to compiled code, which is checked: `RESERVED_BYTES` from the memory's address on, and a guard after them. In
// it, exactly the memory's bytes are accessible; the slot is prepared and grown with `mprotect`. They are zeros or the plugin's
// image, from which wasmtime expects nothing else: the module has no data there.
#[expect(unsafe_code, reason = "wasmtime trusts what makes its memories")]
unsafe impl MemoryCreator for GuestMemories {
    fn new_memory(
        &self,
        kind: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        GuestMemory::make(&kind, minimum, reserved, guard)
    }
}

// SAFETY: as above. The address never changes, and the memory only grows.
#[expect(unsafe_code, reason = "wasmtime trusts what its memories say of themselves")]
unsafe impl LinearMemory for GuestMemory {
    fn byte_size(&self) -> usize {
        self.taken.as_ref().map_or(0, |taken| taken.slot.length())
    }

    fn byte_capacity(&self) -> usize {
        RESERVED_BYTES
    }

    fn grow_to(&mut self, bytes: usize) -> wasmtime::Result<()> {
        let taken = self.taken.as_mut().ok_or_else(|| wasmtime::Error::msg("the memory is gone"))?;
        if bytes < taken.slot.length() {
            return Err(wasmtime::Error::msg("a memory does not shrink"));
        }
        Ok(taken.slot.grow_or_shrink(bytes)?)
    }

    fn as_ptr(&self) -> *mut u8 {
        // It is never null: `taken` is there until wasmtime drops the memory.
        self.taken.as_ref().map_or(std::ptr::null_mut(), |taken| taken.slot.as_ptr())
    }
}

#[cfg(test)]
pub(crate) mod after_reset {
    use std::cell::RefCell;

    thread_local! {
        /// The memories of this thread's calls after their reset.
        static MEMORIES: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }

    pub(crate) fn look_at(memory: &[u8]) {
        MEMORIES.with_borrow_mut(|memories| memories.push(memory.to_vec()));
    }

    pub(crate) fn take() -> Vec<Vec<u8>> {
        MEMORIES.take()
    }
}
