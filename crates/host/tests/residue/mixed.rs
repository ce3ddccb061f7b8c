//! Calls of all kinds, in turn and within each other, on several threads: none finds what another one left.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use hookcell_host::{
    Allocation, ChainCall, ChainedPlugin, Context, Engine, FinishedCells, HookCall, HostError, LimitOverrides, Outcome,
    WasmRuntime,
};

use crate::tenant::{From, Random};

/// Each hook looks at every page first, and divides by zero if any has what a call left. Then it marks pages: the length of the context
/// chooses them.
const GUEST: &str = r#"(module
    (memory (export "memory") 40 44)
    DATA
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "dealloc") (param i32 i32))
    (func $look
      (local $at i32)
      (if (i32.ne (memory.size) (i32.const 40)) (then (call $found)))
      (local.set $at (i32.const 2048))
      (loop $next
        (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (call $found)))
        (local.set $at (i32.add (local.get $at) (i32.const 4096)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 0x280000)))))
    (func $found (drop (i32.div_u (i32.const 1) (i32.const 0))))
    (func $mark (param $length i32) (param $count i32) (param $step i32)
      (local $page i32)
      (local.set $page (local.get $length))
      (loop $next
        (i64.store
          (i32.add (i32.const 2048) (i32.shl (i32.rem_u (local.get $page)
            (i32.shl (memory.size) (i32.const 4))) (i32.const 12)))
          (i64.const 0xa5a5a5a5a5a5))
        (local.set $page (i32.add (local.get $page) (local.get $step)))
        (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
    (func (export "reads") (param i32 i32) (result i64) (call $look) (i64.const 0))
    (func (export "before_hook") (param i32 i32) (result i64)
      (call $look) (call $mark (local.get 1) (i32.const 1) (i32.const 1)) (i64.const 0))
    (func (export "scatters") (param i32 i32) (result i64)
      (call $look) (call $mark (local.get 1) (i32.const 150) (i32.const 3)) (i64.const 0))
    (func (export "fills") (param i32 i32) (result i64)
      (call $look) (call $mark (local.get 1) (i32.const 300) (i32.const 1)) (i64.const 0))
    (func (export "grows") (param i32 i32) (result i64)
      (call $look) (drop (memory.grow (i32.const 3)))
      (call $mark (local.get 1) (i32.const 700) (i32.const 1)) (i64.const 0))
    (func (export "traps") (param i32 i32) (result i64)
      (call $look) (call $mark (local.get 1) (i32.const 20) (i32.const 7)) unreachable))"#;

const SMALL: [&str; 2] = ["reads", "before_hook"];
const ALL: [&str; 6] = ["reads", "before_hook", "scatters", "fills", "grows", "traps"];

const PLUGINS: [&str; 3] = ["zeros", "data", "pages"];

struct Mixture<'a> {
    runtime: &'a WasmRuntime,
    random: Random,
    calls: usize,
}

impl Mixture<'_> {
    fn below(&mut self, most: u32) -> u32 {
        self.random.below(most)
    }

    fn plugin(&mut self) -> &'static str {
        PLUGINS[self.below(3) as usize]
    }

    fn context(&mut self) -> String {
        format!(r#"{{"input":"{}"}}"#, "x".repeat(self.below(700) as usize))
    }

    /// Makes a call of some kind, which may make others before it ends.
    fn act(&mut self, finished: &mut FinishedCells, depth: u32) {
        let plugin = self.plugin();
        let hooks = if self.below(4) == 0 { &ALL[..] } else { &SMALL };
        let hook = *self.random.one_of(hooks);
        let context = self.context();
        let context = &Context::from_trusted_json(&context);
        let kind = self.below(40);
        self.calls += 1;
        let request = HookCall { plugin, hook, context, sandbox: None, cancel: None, queued_at: None };
        match kind {
            0..20 => check(self.runtime.call_hook_before_reset(&request, finished, |result| left(&result.outcome))),
            20..25 => {
                let length = self.below(5) as usize + 1;
                let plugins: Vec<_> =
                    (0..length).map(|_| ChainedPlugin { plugin: self.plugin(), sandbox: None, grants: None }).collect();
                let chain = ChainCall { plugins: &plugins, hook, context, cancel: None, queued_at: None };
                let read = |result: &hookcell_host::ChainResult<'_>| result.ended_by.as_ref().and_then(left);
                check(self.runtime.call_chain_before_reset(&chain, finished, read));
            }
            25..28 => {
                check(self.runtime.call_hook_inline(&request, |result| left(&result.outcome)).map(Option::flatten));
            }
            28..31 => check(self.runtime.call_hook_with(&request, |result| left(&result.outcome))),
            31 => {
                let runtime = self.runtime;
                let panics = || runtime.call_hook_before_reset(&request, finished, |_| resume_unwind(Box::new(())));
                let _ = catch_unwind(AssertUnwindSafe(panics)).map(|ended: Result<(), HostError>| ended);
            }
            32..34 if depth < 2 => {
                let runtime = self.runtime;
                check(runtime.call_hook_with(&request, |result| {
                    self.act(&mut FinishedCells::up_to(1), depth + 1);
                    left(&result.outcome)
                }));
            }
            34..36 => finished.reset(),
            36 => *finished = FinishedCells::up_to(self.below(3) as usize),
            _ => {
                let (steps, nested) = (self.below(6), self.below(6));
                let this = std::cell::RefCell::new((self, 0));
                finished.renew_until(|| {
                    let (this, asked) = &mut *this.borrow_mut();
                    *asked += 1;
                    if *asked == nested && depth < 2 {
                        this.act(&mut FinishedCells::up_to(nested as usize % 2), depth + 1);
                    }
                    *asked > steps
                });
            }
        }
    }
}

/// What a call found that another one had left.
fn left(outcome: &Outcome<'_>) -> Option<String> {
    match outcome {
        Outcome::Fault(fault) if fault.message.contains("unreachable") => None,
        Outcome::Fault(fault) => Some(fault.message.clone()),
        _ => None,
    }
}

fn check(ended: Result<Option<String>, HostError>) {
    match ended {
        Ok(found) => assert_eq!(found, None),
        Err(error) => assert!(matches!(error, HostError::Busy(_)), "{error}"),
    }
}

fn load(runtime: &WasmRuntime, plugin: &str) {
    let data = match plugin {
        "zeros" => "",
        "data" => r#"(data (i32.const 0x12c00) "data") (data (i32.const 0x42ffe) "on two pages")"#,
        _ => r#"(data (i32.const 64) "data") (data (i32.const 0x27fff0) "at the end")"#,
    };
    runtime.load_plugin_bytes(plugin, &wat::parse_str(GUEST.replace("DATA", data)).unwrap()).unwrap();
}

#[test]
fn calls_of_all_kinds_in_any_order_find_nothing_of_each_other() {
    const THREADS: u32 = 3;
    let calls = std::env::var("HOOKCELL_RESIDUE_CALLS").map_or(6_000, |calls| calls.parse().unwrap());
    let ready = Engine::with_allocation(Allocation::Pooled { slots: 12 }).unwrap();
    for (engine, seed) in [(Arc::new(ready), 1), (From::Slots(7).engine(), 2)] {
        let limits =
            LimitOverrides { inline_fuel: Some(100_000), timeout_ms: Some(60_000), ..LimitOverrides::default() };
        let runtime = &WasmRuntime::with_engine(engine, &limits).unwrap();
        for plugin in PLUGINS {
            load(runtime, plugin);
        }
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                scope.spawn(move || {
                    let mut mixture = Mixture { runtime, random: Random(seed * 100 + thread), calls: 0 };
                    let mut finished = FinishedCells::up_to(2);
                    let mut reloads = 0;
                    while mixture.calls < calls / THREADS as usize {
                        mixture.act(&mut finished, 0);
                        if thread == 0 && mixture.calls / 2_000 > reloads {
                            reloads += 1;
                            load(runtime, PLUGINS[reloads % 3]);
                        }
                    }
                });
            }
        });
    }
}
