//! What a chain costs per plugin on one thread: until its result is read, and after that, when its cells are reset and others are
//! made ready for the next one. Rows take turns, so that their ratios hold on a machine that is busy with other things.
//! `ONLY="8 pages"` takes the plugins whose names begin so.

mod support;

use std::time::{Duration, Instant};

use hookcell_host::{Allocation, ChainCall, ChainedPlugin, Context, FinishedCells, WasmRuntime};
use support::{example, fixture, order, runtime_with};

const LENGTHS: [usize; 4] = [1, 2, 5, 10];
const CALLS: usize = 50;
const ROUNDS: usize = 100;

/// Who makes the cells of a chain.
#[derive(Clone, Copy)]
enum Cells {
    /// Each call.
    Fresh,
    /// The thread, after the call before.
    Ready,
}

struct Row {
    plugin: &'static str,
    cells: Cells,
    length: usize,
    finished: FinishedCells,
    calls: Vec<Duration>,
    after: Vec<Duration>,
}

fn main() {
    let pages = |count: usize| {
        let source = format!(
            r#"(module
                 (memory (export "memory") {count})
                 (func (export "alloc") (param i32) (result i32) (i32.const 1024))
                 (func (export "dealloc") (param i32 i32))
                 (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#
        );
        wat::parse_str(source).unwrap()
    };
    let mut plugins = vec![
        ("1 page", fixture("pass_through")),
        ("8 pages", pages(8)),
        ("17 pages", pages(17)),
        ("Rust", example("rust")),
        ("JavaScript", example("javascript")),
    ];
    let only = std::env::var("ONLY").unwrap_or_default();
    plugins.retain(|(name, _)| name.starts_with(&only));
    let runtime = runtime_with(Allocation::Pooled { slots: 86 }, plugins[0].0, &plugins[0].1);
    for (name, bytes) in &plugins[1..] {
        runtime.load_plugin_bytes(name, bytes).unwrap();
    }
    let mut rows: Vec<_> = plugins
        .iter()
        .flat_map(|(plugin, _)| {
            LENGTHS.into_iter().flat_map(move |length| {
                [Cells::Fresh, Cells::Ready].map(|cells| Row {
                    plugin,
                    cells,
                    length,
                    finished: FinishedCells::up_to(16),
                    calls: Vec::new(),
                    after: Vec::new(),
                })
            })
        })
        .collect();
    let context = order(0);
    for round in 0..ROUNDS {
        for row in &mut rows {
            row.run(&runtime, &context, round == 0);
        }
    }
    println!("{:<12} {:>6} {:>12} {:>12} {:>12} {:>12}", "", "length", "fresh µs", "after µs", "ready µs", "after µs");
    for pair in rows.chunks_mut(2) {
        let figures: Vec<_> =
            pair.iter_mut().flat_map(|row| [median(&mut row.calls), median(&mut row.after)]).collect();
        let figures: Vec<_> = figures.iter().map(|figure| format!("{figure:>12.2}")).collect();
        println!("{:<12} {:>6} {}", pair[0].plugin, pair[0].length, figures.join(" "));
    }
}

impl Row {
    fn run(&mut self, runtime: &WasmRuntime, context: &Context<'_>, is_warm_up: bool) {
        let plugin = ChainedPlugin { plugin: self.plugin, sandbox: None, grants: None };
        let plugins = vec![plugin; self.length];
        let call = ChainCall { plugins: &plugins, hook: "before_hook", context, cancel: None, queued_at: None };
        for _ in 0..CALLS {
            let began = Instant::now();
            runtime
                .call_chain_before_reset(&call, &mut self.finished, |result| assert!(result.ended_by.is_none()))
                .unwrap();
            let ended = Instant::now();
            match self.cells {
                Cells::Fresh => self.finished.reset(),
                Cells::Ready => self.finished.renew_until(|| false),
            }
            let after = ended.elapsed();
            if !is_warm_up {
                self.calls.push(ended - began);
                self.after.push(after);
            }
        }
    }
}

/// In microseconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}
