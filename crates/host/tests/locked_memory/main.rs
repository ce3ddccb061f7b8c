//! A process that locks its memory after its first runtime. All pages are there then, so a guest writes to new ones without a page fault.

#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use hookcell_host::{Allocation, Context, Engine, HookCall, LimitOverrides, Outcome, WasmRuntime};

/// Writes to a page that no call has written to before, or looks whether there is anything in it.
const GUEST: &str = r#"(module
    (memory (export "memory") 17 32)
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))
    (func (export "writes") (param i32 i32) (result i64)
      (drop (memory.grow (i32.const 4)))
      (i32.store (i32.const 0x90000) (i32.const 7)) (i32.store (i32.const 0x120000) (i32.const 7)) (i64.const 0))
    (func (export "looks") (param i32 i32) (result i64)
      (drop (memory.grow (i32.const 4)))
      (if (i32.or (i32.load (i32.const 0x90000)) (i32.load (i32.const 0x120000))) (then unreachable)) (i64.const 0)))"#;

/// What the locking thread is to do next, and what it has done.
const WAIT: i32 = -1;
const END: i32 = -2;
const UNLOCK: i32 = -3;

#[test]
fn what_a_call_writes_is_gone_however_and_whenever_the_process_locks_its_memory() {
    let engine = Engine::with_allocation(Allocation::Pooled { slots: 2 }).unwrap();
    if engine.idle_memory_bytes().is_none() {
        eprintln!("SKIPPED: this machine cannot tell which pages were written");
        return;
    }
    let runtime = WasmRuntime::with_engine(Arc::new(engine), &LimitOverrides::default()).unwrap();
    let guest = wat::parse_str(GUEST).unwrap();
    let context = &Context::from_trusted_json("{}");
    let call = |plugin, hook| {
        let request = HookCall { plugin, hook, context, sandbox: None, cancel: None, queued_at: None };
        runtime.call_hook_with(&request, |result| matches!(result.outcome, Outcome::Accepted { .. })).unwrap()
    };
    // A page fault of this thread would have the next reset look at all pages. So it does nothing but calls, and waits without one.
    let (order, outcome) = (AtomicI32::new(WAIT), AtomicI32::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                match order.load(Ordering::Acquire) {
                    WAIT => std::hint::spin_loop(),
                    END => return,
                    flags => {
                        // SAFETY: neither has an effect on what memory contains.
                        let result =
                            unsafe { if flags == UNLOCK { libc::munlockall() } else { libc::mlockall(flags) } };
                        outcome.fetch_or(result, Ordering::Release);
                        order.store(WAIT, Ordering::Release);
                    }
                }
            }
        });
        let order_and_wait = |flags| {
            order.store(flags, Ordering::Release);
            while order.load(Ordering::Acquire) != WAIT {
                std::hint::spin_loop();
            }
        };
        let mut is_clean = true;
        let warm = |plugin| (0..3).all(|_| call(plugin, "before_hook") && call(plugin, "looks"));
        let write = |plugin| (0..200).all(|_| call(plugin, "writes") && call(plugin, "looks"));
        for plugin in ["before", "meanwhile", "after"] {
            runtime.load_plugin_bytes(plugin, &guest).unwrap();
            is_clean &= warm(plugin);
        }
        order_and_wait(libc::MCL_FUTURE);
        is_clean &= write("before");
        is_clean &= ["meanwhile", "after"].into_iter().all(warm);
        order_and_wait(libc::MCL_CURRENT);
        is_clean &= write("meanwhile");
        order_and_wait(UNLOCK);
        is_clean &= write("after");
        order.store(END, Ordering::Release);
        assert!(is_clean);
    });
    if outcome.load(Ordering::Acquire) != 0 {
        eprintln!("SKIPPED: this process may not lock its memory");
    }
}
