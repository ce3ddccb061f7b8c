//! Cells whose calls have ended and whose results have been read: what is left is to reset their memories.

use std::marker::PhantomData;

use crate::plugin::Plugin;
use crate::sandbox::entry::HookNumber;
use crate::sandbox::memory::SharedLook;
use crate::sandbox::open_cell::OpenCell;

/// The memory that such cells have together, at most, in bytes. A cell beyond that is reset at once.
const MOST_MEMORY_BYTES: usize = 16 * 1_024 * 1_024;

/// Cells that are reset in a row while calls wait. For each row the kernel is asked twice, which takes 0.6 µs, and more cells need
/// more of the processor's cache.
const ROW: usize = 4;

/// A hook, and how many calls of it have ended.
struct Called {
    plugin: Plugin,
    hook: HookNumber,
    calls: usize,
}

/// The finished cells of a thread. To reset one takes about a microsecond, which the caller of a call need not wait for.
///
/// A cell keeps its slot until it is reset. Cells are reset by the thread that has run them: when [`Self::reset`] is called, or when
/// this is dropped. So this cannot be sent to another thread.
#[derive(Default)]
pub struct FinishedCells {
    cells: Vec<OpenCell>,
    /// The hooks of calls that have ended since cells were last made ready, in the order of their first calls.
    called: Vec<Called>,
    most: usize,
    memory_bytes: usize,
    /// A memory counts the page faults of a thread, to tell without a scan which pages were written. A cell that one thread made, another
    /// ran and the first reset would be reset in part.
    stays_on_its_thread: PhantomData<*const ()>,
}

impl FinishedCells {
    /// Has each cell reset at once.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Keeps so many cells at most, and no more than 16 MiB of memory. The engine must have as many slots more than calls run at once.
    #[must_use]
    pub fn up_to(most: usize) -> Self {
        Self { cells: Vec::with_capacity(most), most, ..Self::default() }
    }

    /// Resets the cells, and frees their slots.
    pub fn reset(&mut self) {
        self.memory_bytes = 0;
        let mut look = SharedLook::default();
        for cell in self.cells.drain(..) {
            look.end(cell);
        }
        self.called.clear();
    }

    /// Resets the cells, and then makes as many ready for the next calls of the same plugins, until `must_stop`. It asks before each
    /// cell.
    pub fn renew_until(&mut self, must_stop: impl Fn() -> bool) {
        let mut look = SharedLook::default();
        while !must_stop()
            && let Some(cell) = self.cells.pop()
        {
            self.memory_bytes = self.memory_bytes.saturating_sub(cell.data().memory_bytes());
            look.end(cell);
        }
        self.make_ready_until(must_stop);
        self.called.clear();
    }

    /// Makes a cell for each call that has ended, less those that its plugin has, beginning with the hook that came last.
    fn make_ready_until(&self, must_stop: impl Fn() -> bool) {
        for (index, Called { plugin, hook, calls }) in self.called.iter().enumerate().rev() {
            let of_plugin = self.called.iter().skip(index).filter(|other| other.plugin.is(plugin));
            let missing = sum(of_plugin).saturating_sub(plugin.ready_cells());
            for _ in 0..missing.min(*calls) {
                if must_stop() {
                    return;
                }
                if !plugin.make_ready(*hook) {
                    break;
                }
            }
        }
    }

    /// May calls take cells that were made before? Those who reset each cell at once make none.
    pub(crate) fn use_ready(&self) -> bool {
        self.most > 0
    }

    /// Are they to be reset before the next call runs? They are if there are enough of them, or if there may be no room for those of
    /// the next call, which would then wait for their reset.
    #[must_use]
    pub fn are_a_row(&self) -> bool {
        self.cells.len() >= ROW.min(self.most) || self.memory_bytes > MOST_MEMORY_BYTES.div_euclid(ROW)
    }

    /// How many cells are kept.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.cells.len()
    }

    /// Notes that a call of this hook has ended.
    fn note(&mut self, plugin: &Plugin, hook: HookNumber) {
        if sum(&self.called) >= self.most {
            return;
        }
        let same = self.called.iter_mut().find(|called| called.hook == hook && called.plugin.is(plugin));
        match same {
            Some(called) => called.calls = called.calls.saturating_add(1),
            None => self.called.push(Called { plugin: plugin.clone(), hook, calls: 1 }),
        }
    }

    /// Keeps a cell, or resets it if there is no room. Returns whether it is kept.
    pub(crate) fn add(&mut self, cell: OpenCell, plugin: &Plugin, hook: HookNumber) -> bool {
        self.note(plugin, hook);
        let memory_bytes = self.memory_bytes.saturating_add(cell.data().memory_bytes());
        let has_room = self.cells.len() < self.most && memory_bytes <= MOST_MEMORY_BYTES;
        if has_room {
            self.memory_bytes = memory_bytes;
            self.cells.push(cell);
        }
        has_room
    }
}

fn sum<'a>(called: impl IntoIterator<Item = &'a Called>) -> usize {
    called.into_iter().fold(0, |sum, called| sum.saturating_add(called.calls))
}

impl std::fmt::Debug for FinishedCells {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FinishedCells").field("count", &self.count()).finish_non_exhaustive()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::sync::Arc;

    use super::FinishedCells;
    use crate::sandbox::config::Allocation;
    use crate::sandbox::memory::after_reset;
    use crate::{Context, Engine, HookCall, LimitOverrides, LoadOptions, WasmRuntime};

    /// Writes to its first two pages, or ends with a trap.
    const GUEST: &str = r#"(module
        (memory (export "memory") PAGES)
        (data (i32.const 100) "data")
        (func (export "alloc") (param i32) (result i32) (i32.const 1024))
        (func (export "dealloc") (param i32 i32))
        (func (export "before_hook") (param i32 i32) (result i64)
          (memory.fill (i32.const 0) (i32.const 0xa5) (i32.const 8192)) (i64.const 0))
        (func (export "traps") (param i32 i32) (result i64) unreachable))"#;

    fn runtime(pages: usize) -> Option<WasmRuntime> {
        let engine = Engine::with_allocation(Allocation::Pooled { slots: 8 }).unwrap();
        if engine.idle_memory_bytes().is_none() {
            eprintln!("SKIPPED: this machine cannot tell which pages were written");
            return None;
        }
        let runtime = WasmRuntime::with_engine(Arc::new(engine), &LimitOverrides::default()).unwrap();
        let guest = wat::parse_str(GUEST.replace("PAGES", &pages.to_string())).unwrap();
        runtime.load_plugin_bytes_with("guest", &guest, &LoadOptions::default()).unwrap();
        Some(runtime)
    }

    fn call(runtime: &WasmRuntime, hook: &str, finished: &mut FinishedCells) {
        let context = &Context::from_trusted_json("{}");
        let request = HookCall { plugin: "guest", hook, context, sandbox: None, cancel: None, queued_at: None };
        runtime.call_hook_before_reset(&request, finished, |_| ()).unwrap();
    }

    #[test]
    fn finished_cells_are_reset_when_their_keeper_says_so_and_all_of_them_whole() {
        let Some(runtime) = runtime(2) else { return };
        let mut expected = vec![0; 2 * 65_536];
        expected[100..104].copy_from_slice(b"data");
        let mut finished = FinishedCells::up_to(5);
        // The first calls learn the pages, and the later ones have no page fault.
        for _ in 0..50 {
            after_reset::take();
            for count in 1..=5 {
                call(&runtime, "before_hook", &mut finished);
                assert_eq!(finished.count(), count);
            }
            assert!(after_reset::take().is_empty());
            finished.reset();
            let memories = after_reset::take();
            assert_eq!(memories.len(), 5);
            assert!(memories.iter().all(|memory| *memory == expected));
        }
    }

    /// With cells that were sent to the thread that had made them, every reset overlooked pages that a call wrote to for the first time.
    #[test]
    fn finished_cells_cannot_be_sent_to_a_thread_that_has_not_run_them() {
        struct Of<T>(std::marker::PhantomData<T>);
        trait MayNotBeSent {
            const CAN_BE_SENT: bool = false;
        }
        impl<T> MayNotBeSent for Of<T> {}
        impl<T: Send> Of<T> {
            const CAN_BE_SENT: bool = true;
        }
        assert_eq!([Of::<Vec<u8>>::CAN_BE_SENT, Of::<FinishedCells>::CAN_BE_SENT], [true, false]);
    }

    #[test]
    fn cells_are_a_row_when_four_wait_or_as_many_as_are_kept_or_when_they_are_large() {
        let Some(small) = runtime(2) else { return };
        let Some(large) = runtime(80) else { return };
        for (most, count) in [(16, 4), (4, 4), (3, 3), (1, 1)] {
            let mut finished = FinishedCells::up_to(most);
            for _ in 1..count {
                call(&small, "before_hook", &mut finished);
                assert!(!finished.are_a_row(), "{most}");
            }
            call(&small, "before_hook", &mut finished);
            assert!(finished.are_a_row(), "{most}");
            finished.reset();
            assert!(!finished.are_a_row(), "{most}");
            call(&large, "before_hook", &mut finished);
            assert!(finished.are_a_row(), "{most}");
        }
    }

    #[test]
    fn a_cell_is_reset_at_once_after_a_fault_and_if_there_is_no_room_for_it() {
        let Some(small) = runtime(2) else { return };
        let Some(large) = runtime(160) else { return };
        let mut finished = FinishedCells::up_to(3);
        call(&small, "traps", &mut finished);
        assert_eq!(finished.count(), 0);
        // Two have more than 16 MiB.
        for _ in 0..2 {
            call(&large, "before_hook", &mut finished);
            assert_eq!(finished.count(), 1);
        }
        for count in [2, 3, 3] {
            call(&small, "before_hook", &mut finished);
            assert_eq!(finished.count(), count);
        }
        assert_eq!(after_reset::take().len(), 3);
        drop(finished);
        assert_eq!(after_reset::take().len(), 3);
    }
}
