//! Resets of memories that no wasmtime has, so that it cannot reset what was overlooked.

mod test_memory;

use std::ops::Range;
use std::sync::Arc;

use self::test_memory::TestMemory;
use crate::sandbox::reset::memory::reset;
use crate::sandbox::reset::page_budget::PageBudget;
use crate::sandbox::reset::page_map::{PageMap, page_bytes};
use crate::sandbox::reset::plugin_memory::PluginMemory;
use crate::sandbox::reset::resets::Resets;

const PAGES: usize = 320;

/// A memory began with so many of its pages, and has grown.
const INITIAL_PAGES: usize = 256;

/// Where the image of a plugin's data is, in pages.
const IMAGES: [Range<usize>; 5] = [0..0, 0..1, 3..90, 60..130, 200..256];

fn resets() -> Option<Arc<Resets>> {
    let budget = Arc::new(PageBudget::default());
    budget.set_most_bytes(u64::MAX);
    let resets = Resets::new(2, &budget);
    if resets.is_none() {
        eprintln!("SKIPPED: this machine cannot tell which pages were written");
    }
    resets
}

fn plugin(image: &Range<usize>, resets: &Arc<Resets>) -> PluginMemory {
    PluginMemory::new(INITIAL_PAGES * page_bytes(), image.end * page_bytes(), resets)
}

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Does what a call may do: it writes here and there, or in a row, zeros or something else, and reads.
fn use_memory(memory: &mut [u8], random: &mut Random) {
    for _ in 0..[0, 1, 3, 50, 200][random.below(5)] {
        let begins = random.below(memory.len());
        let most = [1, 9, 5_000, 100_000][random.below(4)];
        let length = (1 + random.below(most)).min(memory.len() - begins);
        let byte = u8::try_from(random.below(3)).unwrap();
        memory[begins..begins + length].fill(byte);
    }
    if random.below(4) == 0 {
        std::hint::black_box(memory.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)));
    }
}

#[test]
fn whatever_a_call_wrote_its_memory_is_as_before() {
    let Some(resets) = resets() else { return };
    for image in IMAGES {
        let mut memory = TestMemory::new(PAGES, image.clone());
        let initial = memory.bytes().to_vec();
        let plugin = plugin(&image, &resets);
        let mut random = Random(7);
        for call in 0..300 {
            use_memory(memory.bytes(), &mut random);
            reset(memory.bytes(), &plugin).unwrap();
            assert!(memory.bytes() == initial, "after call {call} with the image {image:?}");
        }
    }
}

#[test]
fn every_other_page_is_reset() {
    let Some(resets) = resets() else { return };
    for image in IMAGES {
        let mut memory = TestMemory::new(PAGES, image.clone());
        let initial = memory.bytes().to_vec();
        let plugin = plugin(&image, &resets);
        for call in 0..30 {
            for page in (call % 2..PAGES).step_by(2) {
                memory.bytes()[page * page_bytes()] = 0xa5;
            }
            reset(memory.bytes(), &plugin).unwrap();
            assert!(memory.bytes() == initial, "after call {call} with the image {image:?}");
        }
    }
}

#[test]
fn pages_are_reset_while_they_are_swapped_out() {
    let Some(resets) = resets() else { return };
    let mut swapped = 0;
    for image in IMAGES {
        let mut memory = TestMemory::new(PAGES, image.clone());
        let initial = memory.bytes().to_vec();
        let plugin = plugin(&image, &resets);
        let mut random = Random(5);
        for call in 0..60 {
            use_memory(memory.bytes(), &mut random);
            memory.swap_out();
            let bytes = memory.bytes();
            let scan = resets.page_map.scan(bytes, 0..bytes.len(), true).unwrap();
            swapped += scan.runs().iter().filter(|run| !run.is_present).count();
            reset(memory.bytes(), &plugin).unwrap();
            assert!(memory.bytes() == initial, "after call {call} with the image {image:?}");
        }
    }
    if swapped == 0 {
        eprintln!("SKIPPED: this machine swaps nothing out");
    }
}

#[test]
fn a_memory_is_reset_whole_if_its_pages_cannot_be_listed() {
    let Some(mut resets) = resets() else { return };
    Arc::get_mut(&mut resets).unwrap().page_map = PageMap::broken();
    for image in IMAGES {
        let mut memory = TestMemory::new(PAGES, image.clone());
        let initial = memory.bytes().to_vec();
        let plugin = plugin(&image, &resets);
        let mut random = Random(3);
        for _ in 0..20 {
            use_memory(memory.bytes(), &mut random);
            reset(memory.bytes(), &plugin).unwrap();
            assert!(memory.bytes() == initial, "with the image {image:?}");
        }
    }
}

#[test]
fn a_memory_that_the_kernel_does_not_give_up_is_not_taken_for_reset() {
    let Some(resets) = resets() else { return };
    let mut memory = TestMemory::new(PAGES, 0..0);
    memory.lock();
    memory.bytes().fill(1);
    assert!(reset(memory.bytes(), &plugin(&(0..0), &resets)).is_err());
}

/// The pages of the image that are mapped though nothing was written to them.
fn read_pages(memory: &mut TestMemory, resets: &Resets) -> usize {
    let bytes = memory.bytes();
    let scan = resets.page_map.scan(bytes, 0..bytes.len(), false).unwrap();
    scan.runs().iter().map(|run| run.length.div_euclid(page_bytes())).sum()
}

fn read(memory: &mut TestMemory) {
    std::hint::black_box(memory.bytes().iter().step_by(page_bytes()).fold(0_u8, |sum, byte| sum.wrapping_add(*byte)));
}

#[test]
fn pages_that_one_call_read_do_not_slow_down_all_later_ones() {
    const MANY: usize = 4_096;
    let Some(resets) = resets() else { return };
    let mut memory = TestMemory::new(MANY, 0..MANY);
    let plugin = PluginMemory::new(MANY * page_bytes(), MANY * page_bytes(), &resets);
    for _ in 0..3 {
        read(&mut memory);
        reset(memory.bytes(), &plugin).unwrap();
        assert!(read_pages(&mut memory, &resets) >= MANY - 1);
        for _ in 0..20 {
            memory.bytes()[5] = 7;
            reset(memory.bytes(), &plugin).unwrap();
        }
        assert!(read_pages(&mut memory, &resets) < MANY / 10);
    }
}

#[test]
fn a_plugin_that_reads_many_pages_in_every_call_keeps_them() {
    const MANY: usize = 4_096;
    let Some(resets) = resets() else { return };
    let mut memory = TestMemory::new(MANY, 0..MANY);
    let plugin = PluginMemory::new(MANY * page_bytes(), MANY * page_bytes(), &resets);
    let kept = (0..400).filter(|_| {
        read(&mut memory);
        reset(memory.bytes(), &plugin).unwrap();
        read_pages(&mut memory, &resets) > 0
    });
    assert!(kept.count() >= 390);
}
