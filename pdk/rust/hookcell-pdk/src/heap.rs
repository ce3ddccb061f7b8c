//! A bump allocator for plugins, whose whole memory is dropped after one call: it allocates one block after the other, and
//! never frees.
//!
//! It begins in the module's initial memory, after the static data. Growing memory costs system calls, in this call and when the
//! cell is prepared for the next one; a general-purpose allocator begins by growing.

use core::arch::wasm32::{memory_grow, memory_size};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::alloc::{GlobalAlloc, Layout};
use std::ptr;

const PAGE_BYTES: usize = 64 * 1_024;

#[global_allocator]
static HEAP: Heap = Heap { top: AtomicUsize::new(0) };

struct Heap {
    /// The address after the last block; 0 before the first. Atomic because it is in a static; WebAssembly without threads
    /// compiles it to plain reads and writes.
    top: AtomicUsize,
}

impl Heap {
    fn top(&self) -> usize {
        unsafe extern "C" {
            /// The linker's name for the first byte after the static data.
            static __heap_base: u8;
        }
        match self.top.load(Relaxed) {
            0 => (&raw const __heap_base).expose_provenance(),
            top => top,
        }
    }

    /// Allocates `size` bytes at `start`, where there is nothing except a block that they replace; null if memory cannot grow
    /// that far.
    fn extend(&self, start: usize, size: usize) -> *mut u8 {
        let Some(end) = start.checked_add(size) else { return ptr::null_mut() };
        let (needed, present) = (end.div_ceil(PAGE_BYTES), memory_size(0));
        // Double the memory, so that a long answer grows it only a few times; that may exceed the limit.
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

// SAFETY: the blocks of `alloc` and `realloc` are above the static data and all earlier blocks, and below the end of memory.
// They never overlap: `dealloc` frees nothing, and there is no other allocator in the module.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.top().checked_next_multiple_of(layout.align()) {
            Some(start) => self.extend(start, layout.size()),
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    /// Memory that was never allocated is still zero.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the requirements of `alloc`.
        unsafe { self.alloc(layout) }
    }

    /// The last block grows in place, as an answer does while it is written.
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
            // SAFETY: both blocks have at least the old size, and the new one is above all earlier blocks.
            unsafe { ptr::copy_nonoverlapping(old, new, layout.size()) };
        }
        new
    }
}
