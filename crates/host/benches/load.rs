//! The work before a call: checking and compiling a plugin, and checking a context.

mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hookcell_host::{Context, WasmRuntime};
use support::{example, fixture, order};

/// Unloads the plugin each time, because plugins of the same bytes share their code.
fn plugin(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(20);
    let runtime = WasmRuntime::new().unwrap();
    for (name, bytes) in [
        ("pass_through", fixture("pass_through")),
        ("wat", example("wat")),
        ("assemblyscript", example("assemblyscript")),
    ] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                runtime.load_plugin_bytes("guest", black_box(&bytes)).unwrap();
                runtime.unload_plugin("guest")
            });
        });
    }
    group.finish();
}

fn context_scan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("context scan");
    for (name, items) in [("200 B", 0), ("5 KB", 64), ("100 KB", 1_300)] {
        let order = order(items);
        let text = order.as_json();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| Context::from_json(black_box(text)).unwrap()));
    }
    group.finish();
}

criterion_group!(benches, plugin, context_scan);
criterion_main!(benches);
