//! The resident memory that slots keep between calls.

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookcell_host::{Allocation, DEFAULT_IDLE_MEMORY_BYTES, Engine, Limit, LimitOverrides, WasmRuntime};
use support::call;

const MEGABYTE: u64 = 1_024 * 1_024;

/// Writes to a megabyte.
const GUEST: &str = r#"(module
    (memory (export "memory") 32)
    (func (export "alloc") (param i32) (result i32) (i32.const 8))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64)
      (memory.fill (i32.const 65536) (i32.const 1) (i32.const 0x100000))
      (i64.const 0)))"#;

const BUSY_LOOP: &str = "(local.set 0 (i32.const 30000000))
    (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))";

/// An engine on which each slot has run the plugin in many calls, and the runtime of that; `None` where memory is not counted.
fn used_engine(slots: u32, most_bytes: Option<u64>) -> Option<(Arc<Engine>, WasmRuntime)> {
    let engine = Arc::new(Engine::with_allocation(Allocation::Pooled { slots }).unwrap());
    if engine.idle_memory_bytes().is_none() {
        eprintln!("SKIPPED: this machine cannot tell which pages were written");
        return None;
    }
    if let Some(bytes) = most_bytes {
        engine.set_max_idle_memory_bytes(bytes);
    }
    let limits = LimitOverrides { max_fuel: Some(Limit::FUEL.max), ..LimitOverrides::default() };
    let runtime = WasmRuntime::with_engine(Arc::clone(&engine), &limits).unwrap();
    runtime.load_plugin_bytes("guest", &wat::parse_str(GUEST).unwrap()).unwrap();
    let barrier = std::sync::Barrier::new(slots as usize);
    std::thread::scope(|scope| {
        for _ in 0..slots {
            scope.spawn(|| {
                for _ in 0..40 {
                    barrier.wait();
                    assert_eq!(call(&runtime, "guest")["ok"], true);
                }
            });
        }
    });
    Some((engine, runtime))
}

fn idle_bytes(engine: &Engine) -> u64 {
    engine.idle_memory_bytes().unwrap()
}

#[test]
fn a_plugin_that_writes_to_a_megabyte_in_every_call_keeps_it() {
    let Some((engine, _runtime)) = used_engine(1, None) else { return };
    let idle = idle_bytes(&engine);
    assert!((MEGABYTE..2 * MEGABYTE).contains(&idle), "{idle}");
}

#[test]
fn unused_slots_keep_no_more_than_the_bound() {
    for most in [0, 2 * MEGABYTE + MEGABYTE / 2, DEFAULT_IDLE_MEMORY_BYTES] {
        let Some((engine, _runtime)) = used_engine(6, Some(most)) else { return };
        let idle = idle_bytes(&engine);
        assert!(idle <= most, "{idle} of {most}");
        // The first slots had room for a megabyte.
        assert_eq!(idle >= MEGABYTE, most > 0, "{idle} of {most}");
    }
}

#[test]
fn what_slots_keep_is_given_back_when_the_calls_stop() {
    let Some((engine, _runtime)) = used_engine(4, None) else { return };
    assert!(idle_bytes(&engine) > 0);
    let patience = Instant::now() + Duration::from_secs(20);
    while idle_bytes(&engine) > 0 {
        assert!(Instant::now() < patience, "{} bytes are still kept", idle_bytes(&engine));
        std::thread::yield_now();
    }
}

#[test]
fn what_the_slots_of_a_plugin_keep_is_given_back_when_it_is_unloaded() {
    let Some((engine, runtime)) = used_engine(4, None) else { return };
    assert!(idle_bytes(&engine) > 0);
    assert!(runtime.unload_plugin("guest"));
    assert_eq!(idle_bytes(&engine), 0);
}

#[test]
fn what_slots_keep_is_given_back_while_other_slots_are_busy() {
    let Some((engine, runtime)) = used_engine(12, None) else { return };
    let busy = GUEST.replace("(memory.fill (i32.const 65536) (i32.const 1) (i32.const 0x100000))", BUSY_LOOP);
    runtime.load_plugin_bytes("busy", &wat::parse_str(busy).unwrap()).unwrap();
    let patience = Instant::now() + Duration::from_secs(20);
    // More slots than are busy below. Each call here takes longer than the machine lets a thread run.
    let large = GUEST.replace("(i64.const 0)))", &format!("{BUSY_LOOP} (i64.const 0)))"));
    runtime.load_plugin_bytes("large", &wat::parse_str(large).unwrap()).unwrap();
    while idle_bytes(&engine) < 6 * MEGABYTE && Instant::now() < patience {
        std::thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| call(&runtime, "large"));
            }
        });
    }
    let idle = idle_bytes(&engine);
    let patience = Instant::now() + Duration::from_secs(20);
    let is_busy = || idle_bytes(&engine) > MEGABYTE && Instant::now() < patience;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while is_busy() {
                    call(&runtime, "busy");
                }
            });
        }
    });
    assert!(idle >= 6 * MEGABYTE, "{idle}");
    assert!(idle_bytes(&engine) <= MEGABYTE, "{} of {idle} bytes are still kept", idle_bytes(&engine));
}
