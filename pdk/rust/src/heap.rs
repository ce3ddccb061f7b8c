//! A heap for a plugin, whose whole memory is dropped after one call: what is handed out lies one behind the other, and
//! nothing is taken back.
//!
//! It begins in the memory that the module comes with, behind the static data. Growing memory costs system calls, in
//! this call and as the cell is made ready for the next; an allocator made for long lives begins with it.

use core::arch::wasm32::{memory_grow, memory_size};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::alloc::{GlobalAlloc, Layout};
use std::ptr;

const PAGE_BYTES: usize = 64 * 1_024;

#[global_allocator]
static HEAP: Heap = Heap { top: AtomicUsize::new(0) };

struct Heap {
    /// The address behind what was handed out last; 0 before the first. Atomic because a static has to be: WebAssembly
    /// without threads reads and writes it plainly.
    top: AtomicUsize,
}

impl Heap {
    fn top(&self) -> usize {
        unsafe extern "C" {
            /// The linker's name for the first byte behind the static data.
            static __heap_base: u8;
        }
        match self.top.load(Relaxed) {
            0 => (&raw const __heap_base).expose_provenance(),
            top => top,
        }
    }

    /// Hands out `size` bytes from `start` on, where nothing lies but what they replace; null where memory cannot grow so
    /// far.
    fn extend(&self, start: usize, size: usize) -> *mut u8 {
        let Some(end) = start.checked_add(size) else { return ptr::null_mut() };
        let (needed, present) = (end.div_ceil(PAGE_BYTES), memory_size(0));
        // Twice what there is, so that a long answer grows memory a few times only; that may be past the limit.
        if needed > present && !grow(present.max(needed - present)) && !grow(needed - present) {
            return ptr::null_mut();
        }
        self.top.store(end, Relaxed);
        ptr::with_exposed_provenance_mut(start)
    }
}

fn grow(pages: usize) -> bool {
    memory_grow(0, pages) != usize::MAX
}

// SAFETY: what `alloc` and `realloc` give lies above the static data and all that was given before, and below the end of
// memory. It is nobody else's for good: `dealloc` takes nothing back, and no other allocator is in the module.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.top().checked_next_multiple_of(layout.align()) {
            Some(start) => self.extend(start, layout.size()),
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    /// Memory that was never handed out is still zero.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that `alloc` asks for.
        unsafe { self.alloc(layout) }
    }

    /// What was handed out last grows where it is, as an answer does while it is written.
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size <= layout.size() {
            return old;
        }
        if old.addr() + layout.size() == self.top() {
            return self.extend(old.addr(), size);
        }
        // SAFETY: the caller promises that `size`, rounded up to the alignment, is no more than `isize::MAX`.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both hold the old size, and the new one lies above all that was handed out before.
            unsafe { ptr::copy_nonoverlapping(old, new, layout.size()) };
        }
        new
    }
}
