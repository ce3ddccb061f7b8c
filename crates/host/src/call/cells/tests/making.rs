//! When cells are made ready, and how many.

use std::sync::Arc;

use crate::call::cells::finished_cells::FinishedCells;
use crate::call::cells::tests::support::{GUEST, call, call_in, make_ready, runtime, runtime_of};
use crate::sandbox::config::Allocation;
use crate::{Engine, HostError, LimitOverrides, LoadOptions, WasmRuntime};

#[test]
fn ready_cells_take_no_slot_of_a_call_and_give_a_call_none() {
    let engine = Engine::with_allocation(Allocation::Pooled { slots: 2 }).unwrap();
    let Some(runtime) = runtime_of(engine, GUEST, &LoadOptions::default()) else { return };
    let mut finished = FinishedCells::up_to(1);
    for _ in 0..100 {
        make_ready(&runtime, 1, &mut finished);
        let mut kept = FinishedCells::up_to(2);
        for _ in 0..2 {
            call(&runtime, "before_hook", &mut kept);
        }
        assert_eq!(kept.count(), 2);
        let refused = call_in(&runtime, "before_hook", &LimitOverrides::default(), None, &mut finished);
        assert!(matches!(refused, Err(HostError::Busy(2))), "{refused:?}");
        kept.reset();
        make_ready(&runtime, 1, &mut finished);
        for _ in 0..2 {
            call(&runtime, "before_hook", &mut kept);
        }
        assert_eq!((kept.count(), runtime.ready_count()), (2, 0));
        kept.reset();
    }
}

#[test]
fn making_cells_ready_ends_when_its_keeper_says_so() {
    let Some(runtime) = runtime() else { return };
    let mut finished = FinishedCells::up_to(5);
    for _ in 0..5 {
        call(&runtime, "before_hook", &mut finished);
    }
    finished.renew_until(|| true);
    assert_eq!((finished.count(), runtime.ready_count()), (5, 0));
    let asked = std::cell::Cell::new(0);
    finished.renew_until(|| asked.replace(asked.get() + 1) == 3);
    assert_eq!(finished.count(), 2);
}

#[test]
fn no_cell_is_made_ready_whose_data_wasmtime_writes_so_that_idle_cells_keep_no_memory_of_their_own() {
    let odd = GUEST.replacen("(i32.const 0x1800)", "(i32.add (i32.const 0x1000) (i32.const 0x800))", 1);
    let scattered = GUEST.replacen("2 4) (data", "2000) (data (i32.const 0x7000000) \"more\") (data", 1);
    for guest in [odd, scattered.replace("(i32.const 2)) (then", "(i32.const 2000)) (then")] {
        let engine = Engine::with_allocation(Allocation::Pooled { slots: 8 }).unwrap();
        let Some(runtime) = runtime_of(engine, GUEST, &LoadOptions::default()) else { return };
        let limits = LimitOverrides { max_memory_pages: Some(4_000), ..LimitOverrides::default() };
        let options = LoadOptions { sandbox: limits, ..LoadOptions::default() };
        runtime.load_plugin_bytes_with("guest", &wat::parse_str(guest).unwrap(), &options).unwrap();
        let mut finished = FinishedCells::up_to(2);
        for _ in 0..3 {
            assert_eq!(call(&runtime, "before_hook", &mut finished).0, "ok");
            finished.renew_until(|| false);
            assert_eq!(runtime.ready_count(), 0);
        }
    }
}

#[test]
fn engines_with_an_exact_number_of_slots_and_other_memories_have_no_ready_cells() {
    let exact = Engine::with_exact_slots(4).unwrap();
    let others =
        [exact, Engine::with_pool_of_wasmtime(4).unwrap(), Engine::with_allocation(Allocation::OnDemand).unwrap()];
    for engine in others {
        let runtime = WasmRuntime::with_engine(Arc::new(engine), &LimitOverrides::default()).unwrap();
        runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
        let mut finished = FinishedCells::up_to(2);
        for _ in 0..5 {
            assert_eq!(call(&runtime, "before_hook", &mut finished).0, "ok");
            finished.renew_until(|| false);
            assert_eq!(runtime.ready_count(), 0);
        }
    }
}
