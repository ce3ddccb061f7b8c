//! Which call gets which slot, and what it finds there.

use std::io::Read;

use wasmtime::{MemoryCreator, MemoryType};

use super::support::{InCall, memories, plugin};
use crate::sandbox::config::{GUARD_BYTES, RESERVED_BYTES};
use crate::sandbox::memory::given_slot::GivenSlot;
use crate::sandbox::memory::guest_memory::GuestMemories;
use crate::sandbox::memory::hand_over;
use crate::sandbox::memory::kernel::page_map::page_bytes;

fn end_all(calls: Vec<InCall<'_>>) {
    for call in calls {
        call.end(|_| {});
    }
}

#[test]
fn a_plugin_gets_the_slot_that_it_had_before() {
    let Some(memories) = memories(4) else { return };
    let (one, other) = (plugin(0..4, &memories), plugin(2..7, &memories));
    let address = |plugin| {
        let mut call = InCall::begin(plugin, 16).unwrap();
        let address = call.bytes().as_ptr().addr();
        call.end(|_| {});
        address
    };
    let addresses = [address(&one), address(&other)];
    assert_ne!(addresses[0], addresses[1]);
    for _ in 0..3 {
        assert_eq!([address(&one), address(&other)], addresses);
    }
}

#[test]
fn a_call_gets_a_slot_while_a_ready_cell_is_given_up_and_no_other_call_does_then_or_later() {
    struct OnDrop<F: Fn()>(F);
    impl<F: Fn()> Drop for OnDrop<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..1, &memories);
    for _ in 0..3 {
        let ready = InCall::begin(&plugin, 1).unwrap();
        assert!(memories.keep_ready());
        let call = std::cell::RefCell::default();
        memories.give_up_ready((OnDrop(|| *call.borrow_mut() = InCall::begin(&plugin, 1)), OnEnd(Some(ready))));
        assert!(call.borrow().is_some());
        assert!(InCall::begin(&plugin, 1).is_none());
        call.take().unwrap().end(|_| {});
        assert!(InCall::begin(&plugin, 1).is_some_and(|call| {
            call.end(|_| {});
            true
        }));
    }
}

/// Ends a call when it is dropped.
struct OnEnd<'a>(Option<InCall<'a>>);

impl Drop for OnEnd<'_> {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            call.end(|_| {});
        }
    }
}

#[test]
fn calls_get_no_more_slots_at_once_than_there_may_be() {
    let Some(memories) = memories(3) else { return };
    let plugin = plugin(0..1, &memories);
    for _ in 0..3 {
        let calls: Vec<_> = (0..3).map(|_| InCall::begin(&plugin, 16).unwrap()).collect();
        assert!(InCall::begin(&plugin, 16).is_none());
        end_all(calls);
    }
    let lost = InCall::begin(&plugin, 16).unwrap();
    memories.renew(lost.taken);
    let calls: Vec<_> = (0..3).map(|_| InCall::begin(&plugin, 16).unwrap()).collect();
    assert_eq!(calls.len(), 3);
}

#[test]
fn a_slot_that_another_plugin_had_begins_as_its_own_image() {
    let Some(memories) = memories(1) else { return };
    let plugins: Vec<_> = (0..1_300).map(|number| plugin(number % 5..6, &memories)).collect();
    for round in 0..2 {
        for (number, plugin) in plugins.iter().enumerate() {
            let mut call = InCall::begin(plugin, 16).unwrap();
            for (page, bytes) in call.bytes().chunks(page_bytes()).enumerate() {
                let expected = if (number % 5..6).contains(&page) { u8::try_from(page % 4).unwrap() } else { 0 };
                assert!(bytes.iter().all(|byte| *byte == expected), "page {page} of plugin {number} in round {round}");
            }
            call.grow(20);
            call.write(0..20 * page_bytes()).fill(0xa5);
            call.end(|_| {});
        }
    }
}

#[test]
fn the_slots_of_a_plugin_that_is_gone_keep_nothing() {
    let Some(memories) = memories(2) else { return };
    let plugin = plugin(0..4, &memories);
    let mut calls: Vec<_> = (0..2).map(|_| InCall::begin(&plugin, 16).unwrap()).collect();
    for call in &mut calls {
        call.write(5..6).fill(1);
    }
    let address = calls[0].bytes().as_ptr().addr();
    end_all(calls);
    assert!(!memories.keep_nothing());
    assert!(image_is_mapped_at(address));
    drop(plugin);
    assert!(memories.keep_nothing());
    assert!(!image_is_mapped_at(address));
}

fn image_is_mapped_at(address: usize) -> bool {
    let mut maps = String::new();
    std::fs::File::open("/proc/self/maps").unwrap().read_to_string(&mut maps).unwrap();
    maps.lines().any(|line| line.starts_with(&format!("{address:x}-")) && line.contains("hookcell-image"))
}

#[test]
fn a_slot_that_was_trimmed_stays_with_its_plugin_and_keeps_nothing() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..4, &memories);
    let address = || {
        let mut call = InCall::begin(&plugin, 16).unwrap();
        call.write(5..6).fill(1);
        let address = call.bytes().as_ptr().addr();
        call.end(|_| {});
        address
    };
    let first = address();
    assert!(!memories.keep_nothing());
    memories.trim(u64::MAX);
    assert!(memories.keep_nothing());
    assert_eq!(address(), first);
}

#[test]
fn a_slot_takes_a_handful_of_maps() {
    let Some(memories) = memories(1) else { return };
    let maps = || std::fs::read_to_string("/proc/self/maps").unwrap().lines().count();
    let before = maps();
    let plugins: Vec<_> = (0..50).map(|_| plugin(3..6, &memories)).collect();
    for plugin in &plugins {
        let mut call = InCall::begin(plugin, 16).unwrap();
        call.write(5..6).fill(1);
        call.end(|_| {});
    }
    // Other tests map memory as well.
    let each = (maps() - before) / plugins.len();
    assert!(each <= 6, "{each} for each slot");
}

#[test]
fn a_slot_that_cannot_be_given_again_is_not_counted_any_more() {
    let Some(memories) = memories(1) else { return };
    let plugin = plugin(0..0, &memories);
    let make = |bytes| {
        let kind = MemoryType::new(1, None);
        hand_over(GivenSlot::take(&plugin)?, || {
            let made = GuestMemories.new_memory(kind, bytes, None, Some(RESERVED_BYTES), GUARD_BYTES);
            made.map_err(wasmtime::Error::msg)
        })
    };
    let mut call = InCall::begin(&plugin, 16).unwrap();
    call.write(5..6).fill(1);
    call.end(|_| {});
    assert!(!memories.keep_nothing());
    // The kernel changes only whole pages.
    assert!(make(page_bytes() + 1).is_err());
    assert!(memories.keep_nothing());
    make(16 * page_bytes()).unwrap();
}
