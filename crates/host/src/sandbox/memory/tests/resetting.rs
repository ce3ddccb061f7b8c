//! Whatever a call does, its memory is as before.

use std::ops::Range;

use super::support::{InCall, Random, memories, plugin};
use crate::sandbox::memory::kernel::page_map::{PageMap, page_bytes};
use crate::sandbox::memory::plugin_memory::PluginMemory;
use crate::sandbox::memory::reset::reset;

/// A memory begins with so many pages, and may grow.
const PAGES: usize = 256;
const GROWN_PAGES: usize = 320;

/// Where the image of a plugin's data is, in pages.
const IMAGES: [Range<usize>; 5] = [0..0, 0..1, 3..90, 60..130, 200..256];

/// What a memory begins with.
fn initial(image: &Range<usize>) -> Vec<u8> {
    let byte = |at: usize| if image.contains(&at) { u8::try_from(at % 4).unwrap() } else { 0 };
    (0..GROWN_PAGES).flat_map(|at| vec![byte(at); page_bytes()]).collect()
}

/// Does what a call may do: it grows, it writes here and there, or in a row, zeros or something else, and reads.
fn use_memory(call: &mut InCall<'_>, random: &mut Random) {
    if random.below(3) == 0 {
        call.grow(PAGES + random.below(GROWN_PAGES - PAGES));
    }
    let all = call.bytes().len();
    for _ in 0..[0, 1, 3, 50, 200][random.below(5)] {
        let begins = random.below(all);
        let most = [1, 9, 5_000, 100_000][random.below(4)];
        let length = (1 + random.below(most)).min(all - begins);
        let byte = u8::try_from(random.below(3)).unwrap();
        call.write(begins..begins + length).fill(byte);
    }
    if random.below(4) == 0 {
        std::hint::black_box(call.bytes().iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)));
    }
}

#[test]
fn whatever_a_call_wrote_its_memory_is_as_before() {
    let Some(memories) = memories(1) else { return };
    for image in IMAGES {
        let (plugin, initial) = (plugin(image.clone(), &memories), initial(&image));
        let mut random = Random(7);
        for number in 0..300 {
            let mut call = InCall::begin(&plugin, PAGES).unwrap();
            assert_eq!(call.bytes().len(), PAGES * page_bytes());
            assert!(*call.bytes() == initial[..PAGES * page_bytes()], "before call {number} with the image {image:?}");
            use_memory(&mut call, &mut random);
            call.end(|memory| {
                assert!(*memory == initial[..memory.len()], "after call {number} with the image {image:?}");
            });
        }
    }
}

#[test]
fn calls_without_a_page_fault_are_reset_as_well() {
    let Some(memories) = memories(1) else { return };
    for image in IMAGES {
        let (plugin, initial) = (plugin(image.clone(), &memories), initial(&image));
        for number in 0..300_usize {
            let mut call = InCall::begin(&plugin, PAGES).unwrap();
            for page in [0, 1, 62, 63, 201, 255] {
                let at = page * page_bytes() + number;
                call.write(at..at + 1).fill(0xa5);
            }
            call.end(|memory| assert!(*memory == initial[..memory.len()], "after call {number}, {image:?}"));
        }
        assert!(memories.trust_fault_counts());
    }
}

#[test]
fn every_other_page_is_reset() {
    let Some(memories) = memories(1) else { return };
    for image in IMAGES {
        let (plugin, initial) = (plugin(image.clone(), &memories), initial(&image));
        for number in 0..30 {
            let mut call = InCall::begin(&plugin, PAGES).unwrap();
            for page in (number % 2..PAGES).step_by(2) {
                call.write_page(page, 0xa5);
            }
            call.end(|memory| assert!(*memory == initial[..memory.len()], "after call {number}, {image:?}"));
        }
    }
}

#[test]
fn pages_are_reset_while_they_are_swapped_out() {
    let Some(memories) = memories(1) else { return };
    let mut swapped = 0;
    for image in IMAGES {
        let (plugin, initial) = (plugin(image.clone(), &memories), initial(&image));
        let mut random = Random(5);
        for number in 0..60 {
            let mut call = InCall::begin(&plugin, PAGES).unwrap();
            use_memory(&mut call, &mut random);
            call.swap_out();
            let scan = memories.page_map().scan(call.bytes(), true).unwrap();
            swapped += scan.runs().filter(|run| !run.is_present).count();
            call.end(|memory| assert!(*memory == initial[..memory.len()], "after call {number}, {image:?}"));
        }
    }
    if swapped == 0 {
        eprintln!("SKIPPED: this machine swaps nothing out");
    }
}

#[test]
fn a_memory_is_reset_whole_if_its_pages_cannot_be_listed() {
    let Some(memories) = memories(1) else { return };
    for image in IMAGES {
        let (plugin, initial) = (plugin(image.clone(), &memories), initial(&image));
        let mut random = Random(3);
        for _ in 0..20 {
            let mut call = InCall::begin(&plugin, PAGES).unwrap();
            use_memory(&mut call, &mut random);
            let slot = &mut call.taken.slot;
            assert!(slot.list(&PageMap::broken(), plugin.pages().image()).is_err());
            slot.drop_pages().unwrap();
            slot.grow_or_shrink(PAGES * page_bytes()).unwrap();
            assert!(*slot.bytes() == initial[..PAGES * page_bytes()], "with the image {image:?}");
            call.end(|_| {});
        }
    }
}

#[test]
fn a_memory_that_the_kernel_does_not_give_up_is_not_taken_for_reset() {
    let Some(memories) = memories(1) else { return };
    // Its pages are given back, and not closed.
    let plugin = PluginMemory::new(None, false, &memories);
    let mut call = InCall::begin(&plugin, PAGES).unwrap();
    call.write(0..PAGES * page_bytes()).fill(1);
    // SAFETY: it does not change what the pages contain.
    #[expect(unsafe_code, reason = "the kernel keeps memory")]
    let locked = unsafe { libc::mlock(call.bytes().as_ptr().cast(), call.bytes().len()) };
    if locked != 0 {
        eprintln!("SKIPPED: this process may not lock so much memory");
        return;
    }
    assert!(reset(&mut call.taken.slot, plugin.pages(), &memories, true).is_err());
}

#[test]
fn a_page_that_was_written_without_a_counted_fault_is_found_and_ends_the_trust_in_counts() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..0, &memories);
    for number in 0..200_usize {
        let mut call = InCall::begin(&plugin, PAGES).unwrap();
        if number >= 100 {
            call.write_page(50, 7);
        }
        // As if the kernel had not counted it.
        reset(&mut call.taken.slot, plugin.pages(), &memories, !memories.trust_fault_counts()).unwrap();
        memories.give_back(call.taken, plugin.pages());
    }
    assert!(!memories.trust_fault_counts());
    let mut call = InCall::begin(&plugin, PAGES).unwrap();
    assert!(call.bytes().iter().all(|byte| *byte == 0));
}
