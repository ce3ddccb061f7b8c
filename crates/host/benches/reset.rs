//! What a call costs as its memory, and what it writes to, grow; and what large calls cost the small ones between them. All
//! rows are measured in turns, so that their ratios hold on a machine that is busy with other things.

mod support;

use std::time::Duration;

use hookcell_host::{Allocation, Context, Limit, LimitOverrides, WasmRuntime};
use support::{order, runtime_with_limits};

const POOLED: Allocation = Allocation::Pooled { slots: 86 };

/// Calls of a row before the next row's.
const CALLS: u32 = 50;

/// Rounds of all rows.
const ROUNDS: usize = 60;

/// How many pages of 4 KiB the n-th call writes to.
type Written = fn(u32) -> usize;

struct Row {
    name: String,
    runtime: WasmRuntime,
    written: Written,
    calls: u32,
    times: Vec<Duration>,
}

fn main() {
    let rows: [(&str, u32, Written); 20] = [
        ("1 page, nothing written", 1, |_| 0),
        ("2 pages, nothing written", 2, |_| 0),
        ("4 pages, nothing written", 4, |_| 0),
        ("8 pages, nothing written", 8, |_| 0),
        ("17 pages, nothing written", 17, |_| 0),
        ("256 pages, nothing written", 256, |_| 0),
        ("4 pages, calls through its table", 4, |_| 0),
        ("17 pages, calls through its table", 17, |_| 0),
        ("17 pages, 64 KiB written", 17, |_| 16),
        ("17 pages, 256 KiB written", 17, |_| 64),
        ("17 pages, 640 KiB written", 17, |_| 160),
        ("64 pages, 1 MiB written", 64, |_| 256),
        ("64 pages, 2 MiB written", 64, |_| 512),
        ("64 pages, 3.6 MiB written", 64, |_| 922),
        ("256 pages, 8 MiB written", 256, |_| 2_048),
        ("256 pages, 14 MiB written", 256, |_| 3_584),
        ("64 pages, 1 MiB written by one call in 100", 64, |call| if call % 100 == 50 { 256 } else { 0 }),
        ("64 pages, 3.6 MiB written by one call in 10", 64, |call| if call % 10 == 5 { 922 } else { 0 }),
        ("256 pages, 8 MiB written by one call in 100", 256, |call| if call % 100 == 50 { 2_048 } else { 0 }),
        ("64 pages, 3.6 MiB written by one call in 100", 64, |call| if call % 100 == 50 { 922 } else { 0 }),
    ];
    let rows = rows.map(|(name, pages, written)| Row {
        name: name.to_owned(),
        runtime: runtime_with_limits(
            POOLED,
            "guest",
            &writer(pages, name.contains("table")),
            &LimitOverrides { max_fuel: Some(Limit::FUEL.max), ..LimitOverrides::default() },
        ),
        written,
        calls: 0,
        times: Vec::new(),
    });
    let mut rows = Vec::from(rows);
    // `cargo bench --bench reset -- "in 100"` measures some of the rows, and the first.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if let Some(part) = &wanted {
        let first = rows[0].name.clone();
        rows.retain(|row| row.name == first || row.name.contains(part));
    }
    for _ in 0..ROUNDS {
        rows.iter_mut().for_each(Row::measure);
    }
    let base = rows[0].median();
    for row in &rows {
        let median = row.median();
        println!("{:46} {:8.2} µs {:7.2}x", row.name, median, median / base);
    }
    if wanted.is_none() {
        after_a_large_call();
    }
}

impl Row {
    fn measure(&mut self) {
        // A whole period of the mixed rows.
        let calls = if self.name.contains("in 10") {
            100
        } else if self.name.starts_with("256 pages, ") {
            10
        } else {
            CALLS
        };
        let contexts: Vec<_> = (0..calls).map(|call| context((self.written)(self.calls + call))).collect();
        let started = Clock::now();
        for context in &contexts {
            call(&self.runtime, context);
        }
        self.times.push(started.elapsed() / calls);
        self.calls += calls;
    }

    fn median(&self) -> f64 {
        let mut times = self.times[self.times.len() / 4..].to_vec();
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e6
    }
}

/// The time of this thread on a processor, which other processes do not change much; the wall clock where that is unknown.
#[derive(Clone, Copy)]
struct Clock(Duration);

impl Clock {
    #[cfg(target_os = "linux")]
    fn now() -> Self {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is valid for writes.
        let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
        assert_eq!(result, 0);
        Self(Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap()))
    }

    #[cfg(not(target_os = "linux"))]
    fn now() -> Self {
        static STARTED: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
        Self(STARTED.elapsed())
    }

    fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

fn after_a_large_call() {
    let limits = LimitOverrides { max_fuel: Some(Limit::FUEL.max), ..LimitOverrides::default() };
    let runtime = runtime_with_limits(POOLED, "guest", &writer(64, false), &limits);
    let (small, large) = (context(2), context(922));
    let mean = || {
        let started = Clock::now();
        (0..1_000).for_each(|_| call(&runtime, &small));
        started.elapsed().as_secs_f64() * 1e3
    };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        mean();
        before.push(mean());
        call(&runtime, &large);
        after.push(mean());
    }
    before.sort_by(f64::total_cmp);
    after.sort_by(f64::total_cmp);
    println!("1,000 small calls: {:.2} µs each; after a large one {:.2} µs", before[10], after[10]);
}

fn call(runtime: &WasmRuntime, context: &Context<'_>) {
    let result = runtime.call_hook("guest", "before_hook", context).unwrap();
    assert!(result.starts_with(r#"{"ok":true"#), "{result}");
}

/// A context whose length tells the plugin how many pages to write to.
fn context(pages: usize) -> Context<'static> {
    let base = order(0);
    let padding = " ".repeat(pages);
    Context::from_trusted_json(format!("{}{padding}", base.as_json()))
}

/// A plugin that writes one byte to each of so many pages of 4 KiB as its context is longer than usual.
fn writer(pages: u32, with_table: bool) -> Vec<u8> {
    let usual = order(0).as_json().len();
    let (table, call) = if with_table {
        ("(table 16 funcref) (elem (i32.const 1) $callee)", "(call_indirect (i32.const 1))")
    } else {
        ("", "")
    };
    let source = format!(
        r#"(module
             (memory (export "memory") {pages})
             (func $callee)
             {table}
             (func (export "alloc") (param i32) (result i32) (i32.const 8))
             (func (export "dealloc") (param i32 i32))
             (func (export "before_hook") (param i32) (param $length i32) (result i64)
               (local $at i32) (local $end i32)
               {call}
               (local.set $end (i32.mul (i32.sub (local.get $length) (i32.const {usual})) (i32.const 4096)))
               (block $done
                 (loop $next
                   (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
                   (i32.store8 (local.get $at) (i32.const 1))
                   (local.set $at (i32.add (local.get $at) (i32.const 4096)))
                   (br $next)))
               (i64.const 0)))"#
    );
    wat::parse_str(source).unwrap()
}
