//! What a call finds in a cell that was made before it.

use crate::call::cells::finished_cells::FinishedCells;
use crate::call::cells::tests::support::{GUEST, call, call_in, make_ready, runtime, runtime_of};
use crate::sandbox::config::Allocation;
use crate::sandbox::memory::after_reset;
use crate::sandbox::memory::idle::Idle;
use crate::{
    CancelToken, Context, Engine, HookCall, HookResult, HostError, Limit, LimitOverrides, LoadOptions, Outcome,
};

#[test]
fn a_ready_cell_is_given_to_one_call_and_all_calls_are_alike() {
    let Some(runtime) = runtime() else { return };
    let mut finished = FinishedCells::up_to(5);
    let (_, fresh) = call(&runtime, "before_hook", &mut FinishedCells::none());
    for _ in 0..50 {
        make_ready(&runtime, 5, &mut finished);
        for left in [4, 3, 2, 1, 0, 0] {
            let (outcome, usage) = call(&runtime, "before_hook", &mut finished);
            assert_eq!(outcome, "ok");
            assert_eq!((usage.fuel, usage.memory_bytes), (fresh.fuel, fresh.memory_bytes));
            assert_eq!(runtime.ready_count(), left);
        }
        finished.reset();
    }
}

#[test]
fn the_memory_of_a_ready_cell_is_reset_on_whatever_thread_its_call_runs() {
    let Some(runtime) = runtime() else { return };
    let mut expected = vec![0; 3 * 65_536];
    expected[0x1800..0x1804].copy_from_slice(b"data");
    for _ in 0..50 {
        let mut finished = FinishedCells::up_to(5);
        make_ready(&runtime, 5, &mut finished);
        let on_another_thread = || {
            let mut finished = FinishedCells::up_to(5);
            for _ in 0..5 {
                assert_eq!(call(&runtime, "before_hook", &mut finished).0, "ok");
            }
            assert_eq!(runtime.ready_count(), 0);
            finished.reset();
            let memories = after_reset::take();
            assert_eq!(memories.len(), 5);
            assert!(memories.iter().all(|memory| *memory == expected));
        };
        std::thread::scope(|scope| scope.spawn(on_another_thread).join().unwrap());
    }
}

#[test]
fn no_code_of_a_guest_runs_before_its_call() {
    for (start, pre_initialize) in
        [("(start $start)", false), (r#"(export "_initialize" (func $start))"#, false), ("(start $start)", true)]
    {
        let guest = format!(
            r#"(module
                 (memory (export "memory") 1)
                 (func $start (i32.store (i32.const 4096) (i32.add (i32.load (i32.const 4096)) (i32.const 1)))) {start}
                 (func (export "alloc") (param i32) (result i32) (i32.const 1024))
                 (func (export "dealloc") (param i32 i32))
                 (func (export "before_hook") (param i32 i32) (result i64)
                   (if (i32.ne (i32.load (i32.const 4096)) (i32.const 1)) (then unreachable)) (i64.const 0)))"#
        );
        let options = LoadOptions { pre_initialize: Some(pre_initialize), ..LoadOptions::default() };
        let engine = Engine::with_allocation(Allocation::Pooled { slots: 8 }).unwrap();
        let Some(runtime) = runtime_of(engine, &guest, &options) else { return };
        let mut finished = FinishedCells::up_to(5);
        let fresh = call(&runtime, "before_hook", &mut FinishedCells::none()).1.fuel;
        for _ in 0..5 {
            let (outcome, usage) = call(&runtime, "before_hook", &mut finished);
            assert_eq!((&*outcome, usage.fuel), ("ok", fresh), "{start}");
            finished.renew_until(|| false);
            let has_start_section = start.starts_with("(start") && !pre_initialize;
            assert_eq!(runtime.ready_count(), usize::from(!has_start_section), "{start}");
        }
    }
}

#[test]
fn a_call_in_a_ready_cell_has_its_own_limits() {
    let Some(runtime) = runtime() else { return };
    let mut finished = FinishedCells::up_to(5);
    let limits = |sandbox: &LimitOverrides, hook: &str, finished: &mut FinishedCells| {
        make_ready(&runtime, 2, finished);
        let in_ready = call_in(&runtime, hook, sandbox, None, finished).unwrap().0;
        let in_fresh = call_in(&runtime, hook, sandbox, None, &mut FinishedCells::none()).unwrap().0;
        assert_eq!(in_ready, in_fresh);
        finished.reset();
        runtime.ready_cells().tick();
        runtime.ready_cells().tick();
        in_ready
    };
    let default = LimitOverrides::default();
    let fault = limits(&LimitOverrides { max_fuel: Some(10), ..default }, "before_hook", &mut finished);
    assert!(fault.starts_with("ERR_FUEL: it used up its fuel of 10 "), "{fault}");
    let endless = LimitOverrides { timeout_ms: Some(50), max_fuel: Some(Limit::FUEL.max), ..default };
    let fault = limits(&endless, "never_ends", &mut finished);
    assert!(fault.starts_with("ERR_TIMEOUT"), "{fault}");
    let fault = limits(&LimitOverrides { max_memory_pages: Some(2), ..default }, "grows", &mut finished);
    assert!(fault.starts_with("ERR_MEMORY"), "{fault}");
    // Less than it begins with.
    let fault = limits(&LimitOverrides { max_memory_pages: Some(1), ..default }, "before_hook", &mut finished);
    assert!(fault.starts_with("ERR_MEMORY"), "{fault}");
    let fault = limits(&LimitOverrides { max_table_elements: Some(1), ..default }, "before_hook", &mut finished);
    assert!(fault.starts_with("ERR_MEMORY"), "{fault}");
}

#[test]
fn a_call_in_a_ready_cell_can_be_cancelled() {
    let Some(runtime) = runtime() else { return };
    let mut finished = FinishedCells::up_to(5);
    make_ready(&runtime, 2, &mut finished);
    let token = CancelToken::default();
    let cancelled = std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            let limits = LimitOverrides {
                timeout_ms: Some(60_000),
                max_fuel: Some(Limit::FUEL.max),
                ..LimitOverrides::default()
            };
            call_in(&runtime, "never_ends", &limits, Some(&token), &mut FinishedCells::up_to(5))
        });
        while runtime.ready_count() == 2 {
            std::thread::yield_now();
        }
        runtime.cancel(&token);
        running.join().unwrap()
    });
    assert!(matches!(cancelled, Err(HostError::Cancelled)), "{cancelled:?}");
}

#[test]
fn a_ready_cell_keeps_to_the_limits_that_its_plugin_got_after_it_was_made() {
    let Some(runtime) = runtime() else { return };
    let file = std::env::temp_dir().join(format!("hookcell-ready-{}.wasm", std::process::id()));
    std::fs::write(&file, wat::parse_str(GUEST).unwrap()).unwrap();
    let load = |pages, max_fuel| {
        let sandbox = LimitOverrides { max_memory_pages: Some(pages), max_fuel, ..LimitOverrides::default() };
        runtime.load_plugin_with(&file, &LoadOptions { sandbox, ..LoadOptions::default() }).unwrap().key
    };
    let context = &Context::from_trusted_json("{}");
    let call = |plugin: &str, hook, finished: &mut FinishedCells| {
        let request = HookCall { plugin, hook, context, sandbox: None, cancel: None, queued_at: None };
        let read = |result: &HookResult<'_>| match &result.outcome {
            Outcome::Fault(fault) => fault.code.as_str().to_owned(),
            _ => "ok".to_owned(),
        };
        runtime.call_hook_before_reset(&request, finished, read).unwrap()
    };
    let mut finished = FinishedCells::up_to(5);
    for (made, then, end) in [
        ((4, None), (2, None), "ERR_MEMORY"),
        ((3, None), (4, None), "ok"),
        ((4, None), (4, Some(1)), "ERR_FUEL"),
        ((4, Some(1_000_000)), (4, Some(2_000_000)), "ok"),
    ] {
        let plugin = load(made.0, made.1);
        call(&plugin, "before_hook", &mut finished);
        finished.renew_until(|| false);
        let before = runtime.ready_count();
        let plugin = load(then.0, then.1);
        assert_eq!(call(&plugin, "grows", &mut finished), end);
        assert_eq!(runtime.ready_count(), before - 1);
        finished.reset();
    }
    std::fs::remove_file(file).unwrap();
}
