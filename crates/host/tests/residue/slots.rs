//! Calls one after the other, and at once.

use crate::tenant::{End, From, MARKS, Random, Tenant};

/// Each writer, with each ending, before each reader, one call after the other.
fn every_reader_after_every_writer(from: From) {
    let engine = from.engine();
    let (one, other) = (Tenant::of(&engine), Tenant::of(&engine));
    for end in End::ALL {
        for writer in &one.writers {
            for reader in &other.readers {
                one.write(writer, end);
                let found = other.read(reader, "before_hook");
                assert_eq!(found, None, "{reader} after {writer} {end:?}, {from:?}");
            }
        }
    }
}

#[test]
fn a_reader_notices_any_value_that_is_not_its_own() {
    for from in [From::Slots(1), From::OnDemand] {
        let tenant = Tenant::of(&from.engine());
        for reader in &tenant.readers {
            for (hook, first) in [
                ("finds_in_memory", "m00000000"),
                ("finds_in_grown_memory", "m001ffff8"),
                ("finds_in_table", "t"),
                ("finds_in_globals", "g"),
            ] {
                let found = tenant.read(reader, hook).unwrap_or_default();
                assert!(found.starts_with(first), "{reader} found {found:?}, not {first}");
            }
        }
    }
}

#[test]
fn a_reader_notices_when_its_own_data_has_changed() {
    let tenant = Tenant::of(&From::Slots(1).engine());
    let reader = "residue_reader of 1 pages, with data";
    assert_eq!(tenant.read(reader, "finds_in_its_own_data").as_deref(), Some("d00000800"));
    assert_eq!(tenant.read(reader, "before_hook"), None);
}

#[test]
fn the_only_slot_keeps_nothing_of_the_guest_before() {
    every_reader_after_every_writer(From::Slots(1));
}

#[test]
fn the_only_pool_slot_of_wasmtime_keeps_nothing_of_the_guest_before() {
    every_reader_after_every_writer(From::Pool(1));
}

#[test]
fn a_plugin_finds_nothing_of_its_own_earlier_calls() {
    let tenant = Tenant::of(&From::Slots(1).engine());
    let mut random = Random(9);
    for reader in &tenant.readers {
        for call in 0..60 {
            // Now all its calls write little, now one of them much.
            let marks = if call % 30 < 10 { MARKS[2] } else { *random.one_of(&MARKS) };
            tenant.mark(reader, marks);
            assert_eq!(tenant.read(reader, "before_hook"), None, "{reader} after {marks}, call {call}");
        }
        for call in 0..20 {
            tenant.mark(reader, MARKS[2]);
            tenant.mark(reader, MARKS[2]);
            assert_eq!(tenant.read(reader, "before_hook"), None, "{reader} after little, call {call}");
        }
    }
}

#[test]
fn memory_mapped_for_a_call_has_nothing_of_the_call_before() {
    every_reader_after_every_writer(From::OnDemand);
}

#[test]
fn slots_that_tenants_share_keep_nothing_of_another_tenant() {
    const CALLS: u32 = 400;
    for slots in [4, 6] {
        let engine = From::Slots(slots).engine();
        let tenants = [0, 1, 2, 3].map(|_| Tenant::of(&engine));
        std::thread::scope(|scope| {
            for (seed, tenant) in (1_u32..).zip(&tenants) {
                scope.spawn(move || {
                    let mut random = Random(seed);
                    for _ in 0..CALLS {
                        if random.below(2) == 0 {
                            let (writer, end) = (random.one_of(&tenant.writers), random.one_of(&End::ALL));
                            tenant.write(writer, *end);
                        } else {
                            let reader = random.one_of(&tenant.readers);
                            assert_eq!(tenant.read(reader, "before_hook"), None, "{reader}, {slots} slots");
                        }
                    }
                });
            }
        });
    }
}
