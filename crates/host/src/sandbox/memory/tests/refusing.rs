//! The kernel refuses what a memory asks of it: out of maps, of memory or of permission, once or for a while.

use std::ops::Range;
use std::sync::Arc;

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use super::support::{memories, plugin};
use crate::sandbox::config::{GUARD_BYTES, RESERVED_BYTES};
use crate::sandbox::memory::given_slot::GivenSlot;
use crate::sandbox::memory::guest_memory::GuestMemories;
use crate::sandbox::memory::hand_over;
use crate::sandbox::memory::kernel::closed_pages::ClosedPages;
use crate::sandbox::memory::kernel::page_map::page_bytes;
use crate::sandbox::memory::kernel::refusals::plan;
use crate::sandbox::memory::memories::Memories;
use crate::sandbox::memory::plugin_memory::PluginMemory;

const PAGES: usize = 64;
const GROWN_PAGES: usize = 96;
const IMAGE: Range<usize> = 5..9;

/// A memory as wasmtime has it.
struct Made {
    memory: Box<dyn LinearMemory>,
    closed: Option<Arc<ClosedPages>>,
}

impl Made {
    fn of(plugin: &Arc<PluginMemory>) -> Result<Self, String> {
        let slot = GivenSlot::take(plugin).map_err(|error| error.to_string())?;
        let closed = slot.closed_pages().map(Arc::clone);
        let memory = hand_over(slot, || {
            let (kind, bytes) = (MemoryType::new(1, None), PAGES * page_bytes());
            let made = GuestMemories.new_memory(kind, bytes, None, Some(RESERVED_BYTES), GUARD_BYTES);
            made.map_err(wasmtime::Error::msg)
        });
        Ok(Self { memory: memory.map_err(|error| error.to_string())?, closed })
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: so many bytes are readable there as long as the memory is borrowed.
        #[expect(unsafe_code, reason = "a guest has its memory by its address")]
        unsafe {
            std::slice::from_raw_parts(self.memory.as_ptr(), self.memory.byte_size())
        }
    }

    /// Writes to each page of a range; a guest traps where a page cannot be opened.
    fn write(&mut self, pages: Range<usize>) -> bool {
        for page in pages {
            let at = page * page_bytes();
            if self.closed.as_ref().is_some_and(|closed| closed.open_for(&(at..at + 1)).is_err()) {
                return false;
            }
            assert!(at < self.memory.byte_size());
            // SAFETY: the byte is in the memory, and writable because its page is not closed.
            #[expect(unsafe_code, reason = "a guest has its memory by its address")]
            unsafe {
                *self.memory.as_ptr().add(at + 7) = 0xa5;
            }
        }
        true
    }
}

/// Makes a call. Returns whether it ended well.
fn call(plugin: &Arc<PluginMemory>, image: &Range<usize>, written: Range<usize>) -> bool {
    let Ok(mut made) = Made::of(plugin) else { return false };
    for (page, bytes) in made.bytes().chunks(page_bytes()).enumerate() {
        let expected = if image.contains(&page) { u8::try_from(page % 4).unwrap() } else { 0 };
        assert!(bytes.iter().all(|byte| *byte == expected), "page {page} is not as it was at first");
    }
    assert_eq!(made.bytes().len(), PAGES * page_bytes());
    let is_grown = written.end <= PAGES || made.memory.grow_to(GROWN_PAGES * page_bytes()).is_ok();
    if is_grown {
        assert!(made.bytes().iter().skip(PAGES * page_bytes()).all(|byte| *byte == 0), "the grown memory");
    }
    is_grown && made.write(written)
}

/// Small and large calls of two plugins in two slots, some of which grow. Returns how many ended well.
fn calls(plugins: &[Arc<PluginMemory>; 2]) -> usize {
    let images = [IMAGE, 0..0];
    let written = [2..4, 0..PAGES, 2..4, 2..4, 0..GROWN_PAGES, 2..4, 6..7, 0..PAGES, 60..62];
    let numbered = written.into_iter().cycle().take(27).enumerate();
    let which = |number: usize| usize::from(number % 9 > 6);
    numbered
        .filter(|(number, written)| call(&plugins[which(*number)], &images[which(*number)], written.clone()))
        .count()
}

#[test]
fn whatever_the_kernel_refuses_no_call_finds_what_another_wrote_and_no_slot_is_lost() {
    let Some(memories) = memories(2) else { return };
    let new = || [plugin(IMAGE, &memories), plugin(0..0, &memories)];
    plan::refuse(0..0);
    let plugins = new();
    plan::refuse(0..0);
    assert_eq!(calls(&plugins), 27);
    let requests = plan::refuse(0..0);
    assert!(requests > 20, "{requests}");
    drop(plugins);
    for (first, count) in (0..requests).flat_map(|first| [1, 2, 5, 40].map(|count| (first, count))) {
        let plugins = new();
        plan::refuse(first..first + count);
        let ended_well = calls(&plugins);
        assert!(ended_well + 2 * count as usize + 2 >= 27, "{ended_well} with {count} refused from {first} on");
        plan::refuse(0..0);
        // All is as before once the kernel grants requests again.
        assert_eq!(calls(&plugins), 27, "after {count} were refused from {first} on");
        drop(plugins);
        assert!(memories.keep_nothing(), "after {count} were refused from {first} on");
    }
}

#[test]
fn pages_that_the_kernel_does_not_close_are_given_back() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..0, &memories);
    let closed = |plugin: &Arc<PluginMemory>| {
        let made = Made::of(plugin).unwrap();
        made.closed.is_some()
    };
    for _ in 0..3 {
        assert!(call(&plugin, &(0..0), 2..4));
    }
    plan::refuse(0..0);
    assert!(call(&plugin, &(0..0), 2..PAGES));
    let requests = plan::refuse(0..0);
    assert!(closed(&plugin));
    memories.trim(u64::MAX);
    assert!(call(&plugin, &(0..0), 2..4));
    // The last request of the large call was the one that closed its pages.
    plan::refuse(requests - 1..requests);
    assert!(call(&plugin, &(0..0), 2..PAGES));
    plan::refuse(0..0);
    assert!(!closed(&plugin));
    assert!(call(&plugin, &(0..0), 2..4));
}

/// Makes this page writable, as the kernel does that refuses a request in the middle of it.
fn open_in_part(made: &Made, page: usize) {
    let at = made.memory.as_ptr().wrapping_add(page * page_bytes());
    let access = rustix::mm::MprotectFlags::READ | rustix::mm::MprotectFlags::WRITE;
    // SAFETY: the page is one of this memory, which a guest may write to.
    #[expect(unsafe_code, reason = "changing access to memory is unsafe")]
    unsafe { rustix::mm::mprotect(at.cast(), page_bytes(), access) }.unwrap();
}

/// A plugin whose slot has closed pages.
fn plugin_with_closed_pages(memories: &Arc<Memories>) -> Arc<PluginMemory> {
    let plugin = plugin(0..0, memories);
    for written in [2..4, 2..4, 2..4, 2..PAGES] {
        assert!(call(&plugin, &(0..0), written));
    }
    assert!(Made::of(&plugin).unwrap().closed.is_some());
    plugin
}

/// A call whose guest writes to a page that is writable, and then one that finds nothing of it.
fn write_without_a_signal(plugin: &Arc<PluginMemory>, page: usize) {
    let made = Made::of(plugin).unwrap();
    // SAFETY: the byte is in the memory, and its page was made writable.
    #[expect(unsafe_code, reason = "a guest has its memory by its address")]
    unsafe {
        *made.memory.as_ptr().add(page * page_bytes() + 7) = 0xa5;
    }
    drop(made);
    assert!(call(plugin, &(0..0), 2..4));
}

#[test]
fn closed_pages_of_which_the_kernel_opened_a_part_are_of_no_later_call() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin_with_closed_pages(&memories);
    let mut made = Made::of(&plugin).unwrap();
    plan::refuse(0..1);
    assert!(!made.write(10..12));
    plan::refuse(0..0);
    open_in_part(&made, 10);
    drop(made);
    write_without_a_signal(&plugin, 10);
    drop(plugin);
    assert!(memories.keep_nothing());
}

#[test]
fn closed_pages_that_the_trimmer_opened_in_part_are_of_no_later_call() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin_with_closed_pages(&memories);
    open_in_part(&Made::of(&plugin).unwrap(), 10);
    // The first request gives the pages back, and the second one opens them.
    plan::refuse(1..2);
    memories.trim(u64::MAX);
    plan::refuse(0..0);
    write_without_a_signal(&plugin, 10);
    drop(plugin);
    assert!(memories.keep_nothing());
}
