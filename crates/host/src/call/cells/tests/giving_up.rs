//! Ready cells that no call takes.

use crate::call::cells::finished_cells::FinishedCells;
use crate::call::cells::tests::support::{GUEST, call, make_ready, runtime};
use crate::sandbox::memory::after_reset;
use crate::sandbox::memory::idle::Idle;
use crate::{Context, HookCall};

#[test]
fn ready_cells_are_given_up_when_their_plugin_is_unloaded_or_replaced() {
    let Some(runtime) = runtime() else { return };
    let mut finished = FinishedCells::up_to(5);
    make_ready(&runtime, 5, &mut finished);
    runtime.unload_plugin("guest");
    assert_eq!(runtime.ready_count(), 0);
    // A call that ends after that.
    runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
    call(&runtime, "before_hook", &mut finished);
    runtime.unload_plugin("guest");
    finished.renew_until(|| false);
    assert_eq!(runtime.ready_count(), 0);
    runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
    make_ready(&runtime, 3, &mut finished);
    runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
    assert_eq!(runtime.ready_count(), 0);
}

#[test]
fn a_ready_cell_that_no_call_takes_is_given_up_and_its_memory_is_as_before() {
    let Some(runtime) = runtime() else { return };
    let mut finished = FinishedCells::up_to(5);
    make_ready(&runtime, 5, &mut finished);
    let cells = runtime.ready_cells();
    cells.tick();
    assert_eq!(cells.count(), 5);
    after_reset::take();
    cells.tick();
    assert!(cells.is_none());
    let memories = after_reset::take();
    assert_eq!(memories.len(), 5);
    assert!(
        memories
            .iter()
            .all(|memory| memory[0x1800..0x1804] == *b"data" && memory[0x1804..].iter().all(|byte| *byte == 0))
    );
}

#[test]
fn idle_ready_cells_are_given_up_without_a_call() {
    let Some(runtime) = runtime() else { return };
    make_ready(&runtime, 5, &mut FinishedCells::up_to(5));
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while runtime.ready_count() > 0 {
        assert!(std::time::Instant::now() < patience, "they are still there");
        std::thread::yield_now();
    }
}

#[test]
fn newer_ready_cells_take_the_room_of_the_oldest() {
    let Some(runtime) = runtime() else { return };
    let mut finished = FinishedCells::up_to(1);
    for number in 0..100 {
        let guest = GUEST.replace("\"data\"", &format!("\"data {number}\""));
        runtime.load_plugin_bytes(&format!("guest {number}"), &wat::parse_str(guest).unwrap()).unwrap();
    }
    let context = &Context::from_trusted_json("{}");
    for number in 0..100 {
        let plugin = &format!("guest {number}");
        let request = HookCall { plugin, hook: "before_hook", context, sandbox: None, cancel: None, queued_at: None };
        runtime.call_hook_before_reset(&request, &mut finished, |result| assert!(result.says_nothing())).unwrap();
        finished.renew_until(|| false);
    }
    assert_eq!(runtime.ready_count(), 32);
    let is_there = |number: usize| {
        let plugin = &format!("guest {number}");
        let request = HookCall { plugin, hook: "before_hook", context, sandbox: None, cancel: None, queued_at: None };
        let before = runtime.ready_count();
        runtime.call_hook_before_reset(&request, &mut FinishedCells::up_to(1), |_| ()).unwrap();
        runtime.ready_count() < before
    };
    assert!(is_there(99) && is_there(68) && !is_there(67) && !is_there(0));
}
