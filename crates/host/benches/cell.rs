//! The cost of one hook call on one thread: a fresh cell, the context, the hook, and the result as JSON text.

mod support;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hookcell_host::{Allocation, Context, WasmRuntime};
use support::{example, fixture, order, runtime_with};

/// About as many slots as the addon has with libuv's default pool.
const POOLED: Allocation = Allocation::Pooled { slots: 86 };

/// Calls the hook as a server would, and expects the plugin to accept.
fn call(runtime: &WasmRuntime, context: &Context<'_>) {
    call_plugin(runtime, "guest", context);
}

fn call_plugin(runtime: &WasmRuntime, plugin: &str, context: &Context<'_>) {
    let result = runtime.call_hook(plugin, "before_hook", black_box(context)).unwrap();
    assert!(result.starts_with(r#"{"ok":true"#), "{result}");
}

/// A plugin that changes nothing, for the cost of the cell itself.
fn trivial(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("trivial");
    let context = order(0);
    for (name, allocation) in [("pooled", POOLED), ("on-demand", Allocation::OnDemand)] {
        let runtime = runtime_with(allocation, "guest", &fixture("pass_through"));
        group.bench_function(name, |bencher| bencher.iter(|| call(&runtime, &context)));
    }
    group.finish();
}

/// The examples of the plugin development kit, which parse, change and return JSON.
fn json(criterion: &mut Criterion) {
    for language in ["rust", "zig", "assemblyscript", "wat"] {
        let mut group = criterion.benchmark_group(language);
        let runtime = runtime_with(POOLED, "guest", &example(language));
        for (name, items) in [("200 B", 0), ("5 KB", 64), ("100 KB", 1_300)] {
            let context = order(items);
            group.throughput(Throughput::Bytes(context.as_json().len() as u64));
            group.bench_function(name, |bencher| bencher.iter(|| call(&runtime, &context)));
        }
        group.finish();
    }
}

/// A plugin that writes one byte to each of this many pages of 4 KiB, and puts its context after them.
fn memory_touched(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("memory touched");
    let context = order(0);
    for pages in [0, 16, 64, 256, 1_024] {
        let runtime = runtime_with(POOLED, "guest", &toucher(pages));
        group.bench_function(BenchmarkId::from_parameter(format!("{} KiB", pages * 4)), |bencher| {
            bencher.iter(|| call(&runtime, &context));
        });
    }
    group.finish();
}

/// This many plugins, called in turns. A pool slot keeps the image of its last plugin, so with more plugins than slots each
/// call has to change it.
fn in_turns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("in turns");
    let context = order(0);
    for plugins in [1, 16, 64, 256] {
        let names: Vec<_> = (0..plugins).map(|plugin| format!("guest {plugin}")).collect();
        let runtime = runtime_with(POOLED, &names[0], &distinct(0));
        for (index, name) in names.iter().enumerate().skip(1) {
            runtime.load_plugin_bytes(name, &distinct(index)).unwrap();
        }
        let mut turns = names.iter().cycle();
        group.bench_function(BenchmarkId::from_parameter(format!("{plugins} plugins")), |bencher| {
            bencher.iter(|| turns.next().map(|name| call_plugin(&runtime, name, &context)));
        });
    }
    group.finish();
}

/// A unique trivial plugin with some data.
fn distinct(number: usize) -> Vec<u8> {
    let source = format!(
        r#"(module
             (memory (export "memory") 1)
             (data (i32.const 64) "plugin {number}")
             (func (export "alloc") (param i32) (result i32) (i32.const 1024))
             (func (export "dealloc") (param i32 i32))
             (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#
    );
    wat::parse_str(source).unwrap()
}

fn toucher(pages: usize) -> Vec<u8> {
    let end = pages * 4_096;
    // No pointer may be 0.
    let context = end.max(8);
    let source = format!(
        r#"(module
             (memory (export "memory") 128)
             (func (export "alloc") (param i32) (result i32) (i32.const {context}))
             (func (export "dealloc") (param i32 i32))
             (func (export "before_hook") (param i32 i32) (result i64)
               (local $at i32)
               (block $done
                 (loop $next
                   (br_if $done (i32.ge_u (local.get $at) (i32.const {end})))
                   (i32.store8 (local.get $at) (i32.const 1))
                   (local.set $at (i32.add (local.get $at) (i32.const 4096)))
                   (br $next)))
               (i64.const 0)))"#
    );
    wat::parse_str(source).unwrap()
}

criterion_group!(benches, trivial, json, memory_touched, in_turns);
criterion_main!(benches);
