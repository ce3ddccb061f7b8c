//! A memory that a test uses as a guest would.

use std::ops::Range;
use std::sync::Arc;

use crate::module::initial_data::InitialData;
use crate::sandbox::memory::idle::page_budget::PageBudget;
use crate::sandbox::memory::kernel::fault_count::FaultWatch;
use crate::sandbox::memory::kernel::image::Image;
use crate::sandbox::memory::kernel::page_map::page_bytes;
use crate::sandbox::memory::memories::Memories;
use crate::sandbox::memory::plugin_memory::PluginMemory;
use crate::sandbox::memory::reset::reset;
use crate::sandbox::memory::slot::Slot;
use crate::sandbox::memory::slots::Taken;

/// For so many calls at once, with room for all that slots may keep. `None` where this machine cannot do it.
pub(super) fn memories(calls: u32) -> Option<Arc<Memories>> {
    let budget = Arc::new(PageBudget::default());
    budget.set_most_bytes(u64::MAX);
    let memories = Memories::open(calls, false, &budget).unwrap();
    if memories.is_none() {
        eprintln!("SKIPPED: this machine cannot tell which pages were written");
    }
    memories
}

/// A plugin whose memory begins with bytes of its own in these pages. Some of them are zeros.
pub(super) fn plugin(image: Range<usize>, memories: &Arc<Memories>) -> Arc<PluginMemory> {
    let page = page_bytes();
    let bytes = image.clone().flat_map(|at| vec![u8::try_from(at % 4).unwrap(); page]).collect();
    let data = InitialData { begins: image.start * page, bytes, is_all: true };
    PluginMemory::new(Image::of(&data).unwrap().map(Arc::new), true, memories)
}

/// A memory in a slot, from before a call until it is reset.
pub(super) struct InCall<'a> {
    pub(super) taken: Taken,
    plugin: &'a PluginMemory,
    faults: FaultWatch,
}

impl<'a> InCall<'a> {
    /// A memory of so many pages; `None` if all slots are in use.
    pub(super) fn begin(plugin: &'a PluginMemory, pages: usize) -> Option<Self> {
        let mut taken = plugin.memories().take(plugin.pages())?;
        taken.slot.prepare(plugin.pages(), pages * page_bytes()).unwrap();
        Some(Self { taken, plugin, faults: FaultWatch::begin() })
    }

    pub(super) fn bytes(&mut self) -> &[u8] {
        self.taken.slot.bytes()
    }

    /// These bytes, to be written. A guest's write would be a signal that opens closed pages.
    pub(super) fn write(&mut self, bytes: Range<usize>) -> &mut [u8] {
        if let Some(closed) = self.taken.slot.closed_pages() {
            closed.open_for(&bytes).unwrap();
        }
        &mut self.taken.slot.bytes()[bytes]
    }

    pub(super) fn write_page(&mut self, page: usize, byte: u8) {
        let begins = page * page_bytes();
        self.write(begins..begins + 1).fill(byte);
    }

    pub(super) fn grow(&mut self, pages: usize) {
        self.taken.slot.grow_or_shrink(pages * page_bytes()).unwrap();
    }

    /// Has its pages swapped out, as far as the machine can.
    pub(super) fn swap_out(&mut self) {
        let bytes = self.bytes();
        // SAFETY: it does not change what the pages contain.
        #[expect(unsafe_code, reason = "the kernel moves memory")]
        unsafe {
            libc::madvise(bytes.as_ptr().cast_mut().cast(), bytes.len(), libc::MADV_PAGEOUT)
        };
    }

    /// Resets the memory as a guest's is, and looks at it before it is given back.
    pub(super) fn end(self, look: impl FnOnce(&[u8])) {
        self.end_with(|slot| look(slot.bytes()));
    }

    /// As [`Self::end`], and looks at the slot.
    pub(super) fn end_with(mut self, look: impl FnOnce(&mut Slot)) {
        let had_fault = self.faults.may_have_seen_one() || !self.plugin.memories().trust_fault_counts();
        reset(&mut self.taken.slot, self.plugin.pages(), self.plugin.memories(), had_fault).unwrap();
        look(&mut self.taken.slot);
        self.plugin.memories().give_back(self.taken, self.plugin.pages());
    }
}

/// The same numbers in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}
