//! Pages that calls do not usually write to are closed, and need no reset.

use std::ops::Range;

use super::support::{InCall, Random, memories, plugin};
use crate::sandbox::memory::given_slot::GivenSlot;
use crate::sandbox::memory::kernel::fault_count;
use crate::sandbox::memory::kernel::page_map::page_bytes;
use crate::sandbox::memory::plugin_memory::PluginMemory;

const PAGES: usize = 512;
const SMALL: Range<usize> = 250..253;

/// Makes a call that writes to these pages, and returns the pages that are open and closed after it.
fn call(plugin: &PluginMemory, written: Range<usize>) -> (usize, usize) {
    let mut call = InCall::begin(plugin, PAGES).unwrap();
    for page in written {
        call.write_page(page, 0xa5);
    }
    let mut kept = (0, 0);
    call.end_with(|slot| {
        kept = (
            slot.known_bytes() / page_bytes(),
            slot.closed_pages().map_or(0, |closed| closed.range().len()) / page_bytes(),
        );
        assert!(slot.bytes().iter().all(|byte| *byte == 0));
    });
    kept
}

/// A plugin whose usual calls are small, after a large one.
fn after_a_large_call(plugin: &PluginMemory) {
    for _ in 0..20 {
        assert_eq!(call(plugin, SMALL), (3, 0));
    }
    assert_eq!(call(plugin, 0..PAGES), (3, 512 - 253));
}

#[test]
fn small_calls_after_a_large_one_reset_only_what_they_usually_write_to() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..0, &memories);
    after_a_large_call(&plugin);
    for _ in 0..200 {
        assert_eq!(call(&plugin, SMALL), (3, 512 - 253));
    }
}

#[test]
fn a_large_call_finds_the_pages_of_the_one_before() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..0, &memories);
    after_a_large_call(&plugin);
    for _ in 0..5 {
        for _ in 0..20 {
            call(&plugin, SMALL);
        }
        let mut large = InCall::begin(&plugin, PAGES).unwrap();
        let before =
            memories.page_map().scan(large.bytes(), false).unwrap().runs().map(|run| run.length).sum::<usize>();
        assert_eq!(before / page_bytes(), 3 + 512 - 253);
        for page in 253..PAGES {
            large.write_page(page, 1);
        }
        large.end(|memory| assert!(memory.iter().all(|byte| *byte == 0)));
    }
}

#[test]
fn pages_that_small_calls_open_again_and_again_are_not_closed_any_more() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..0, &memories);
    after_a_large_call(&plugin);
    let mut random = Random(11);
    let opened = (0..2_000).filter(|_| {
        let page = 253 + random.below(250);
        call(&plugin, page..page + 1).1 == 0
    });
    assert!(opened.count() > 1_500);
    // Large calls earn another trial.
    let closed = (0..200).filter(|number| {
        let written = if number % 4 == 0 { 0..PAGES } else { SMALL };
        call(&plugin, written).1 > 0
    });
    assert!(closed.count() > 100);
}

#[test]
fn pages_that_no_call_opens_for_a_while_are_given_back() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..0, &memories);
    after_a_large_call(&plugin);
    let mut kept = Vec::new();
    for _ in 0..30 {
        kept.push(call(&plugin, SMALL).1);
        memories.clock.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
    assert_eq!((kept[0], kept[20], kept[29]), (512 - 253, 512 - 253, 0));
    assert!(resident_pages(&plugin) <= 3);
}

fn resident_pages(plugin: &PluginMemory) -> usize {
    let mut call = InCall::begin(plugin, PAGES).unwrap();
    let scan = plugin.memories().page_map().scan(call.bytes(), false).unwrap();
    let pages = scan.runs().map(|run| run.length).sum::<usize>() / page_bytes();
    call.end(|_| {});
    pages
}

#[test]
fn closed_pages_count_as_kept_and_go_when_the_slot_is_trimmed() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..0, &memories);
    after_a_large_call(&plugin);
    assert!(!memories.keep_nothing());
    memories.trim(u64::MAX);
    assert!(memories.keep_nothing());
    assert_eq!(resident_pages(&plugin), 0);
    assert_eq!(call(&plugin, SMALL), (3, 0));
}

#[test]
fn pages_of_a_memory_that_grew_are_closed_and_opened_as_it_grows_again() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(3..90, &memories);
    let (small, grown) = (100, 400);
    let mut random = Random(3);
    let mut closed = 0;
    for number in 0..300 {
        let mut call = InCall::begin(&plugin, small).unwrap();
        assert!(!call.bytes()[..page_bytes()].iter().any(|byte| *byte != 0));
        call.write_page(1, 1);
        if number % 3 == 1 {
            // The memory grows into closed pages, and then beyond them.
            let mut before = small;
            for length in [small + 1 + random.below(100), grown - random.below(50), grown] {
                call.grow(length);
                assert!(call.bytes()[before * page_bytes()..].iter().all(|byte| *byte == 0), "in call {number}");
                if random.below(2) == 0 {
                    call.write_page(random.below(length), 7);
                }
                before = length;
            }
        }
        if number % 20 == 0 {
            call.grow(grown);
            call.write(0..grown * page_bytes()).fill(0xa5);
        }
        call.end_with(|slot| closed += usize::from(slot.closed_pages().is_some()));
    }
    assert!(closed > 100, "{closed}");
}

#[test]
fn no_pages_are_closed_in_a_memory_that_wasmtime_writes_data_to() {
    let Some(memories) = memories(1) else { return };
    let plugin = PluginMemory::new(None, false, &memories);
    for number in 0..60 {
        let written = if number % 20 == 10 { 0..PAGES } else { SMALL };
        assert_eq!(call(&plugin, written).1, 0);
    }
}

#[test]
fn nothing_is_closed_once_another_library_handles_the_signal() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..0, &memories);
    after_a_large_call(&plugin);
    let finds_closed = || {
        let slot = GivenSlot::take(&plugin).unwrap();
        let is_closed = slot.closed_pages().is_some();
        let (taken, plugin) = slot.prepare(PAGES * page_bytes()).unwrap();
        memories.give_back(taken, plugin.pages());
        is_closed
    };
    assert!(finds_closed());
    // As if it had been another function when the engine was made.
    memories.signal_handler.set(1).unwrap();
    assert!(!finds_closed());
    assert_eq!(resident_pages(&plugin), 0);
    for written in [SMALL, SMALL, 0..PAGES, SMALL] {
        assert_eq!(call(&plugin, written).1, 0);
    }
}

/// Writes to these pages. Those with an odd number it leaves as they were. Returns its page faults and the pages that are open after it.
fn touch(plugin: &PluginMemory, pages: impl Iterator<Item = usize>) -> (u64, usize) {
    let mut call = InCall::begin(plugin, PAGES).unwrap();
    let before = fault_count::count().unwrap();
    for page in pages {
        let byte = call.bytes()[page * page_bytes()];
        call.write_page(page, if page % 2 == 1 { std::hint::black_box(byte) } else { 0xa5 });
    }
    let faults = fault_count::count().unwrap().saturating_sub(before);
    let mut open = 0;
    call.end_with(|slot| open = slot.known_bytes() / page_bytes());
    (faults, open)
}

#[test]
fn pages_that_calls_write_to_and_leave_as_they_were_are_kept() {
    let Some(memories) = memories(1) else { return };
    for may_close in [true, false] {
        let plugin = plugin(100..400, &memories);
        if !may_close {
            plugin.pages().note_opening(usize::MAX, 0);
        }
        // As an interpreter does: few in a row, and more than a slot keeps besides those that change.
        let written = || (0..60).map(|number| 103 + number * 5);
        for _ in 0..100 {
            touch(&plugin, written());
        }
        let faults = (0..1_000).map(|_| touch(&plugin, written()).0).sum::<u64>();
        assert!(faults < 1_000, "{faults} page faults in 1,000 calls, may close: {may_close}");
        // A plugin that comes to write less does not keep them for good.
        for _ in 0..10_000 {
            touch(&plugin, 104..105);
        }
        let (_, open) = touch(&plugin, 104..105);
        assert!(open < 20, "{open} open pages, may close: {may_close}");
    }
}
