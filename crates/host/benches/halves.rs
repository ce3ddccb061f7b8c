//! Plugins of the same code: what the first one, a second one and one from a code cache cost to load, and what a call in two halves
//! costs beside one in one piece. Time is that of this thread on a processor.

mod support;

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hookcell_host::{Allocation, CodeCache, CodeFrom, Context, Engine, LimitOverrides, PluginInfo, Split, WasmRuntime};
use support::same_code::plugin;
use support::{example, fixture, order};

/// The sizes of a plugin: its code and the data that is added to it, in bytes.
const SIZES: [(&str, usize, usize); 3] =
    [("small", 0, 0), ("JavaScript", 583_000, 140_000), ("CPython", 2_950_000, 3_760_000)];

fn main() {
    // `loads` alone can be profiled.
    if !std::env::args().any(|argument| argument == "loads") {
        calls();
    }
    loads();
}

fn calls() {
    println!("{:<16}{:>10}{:>10}{:>10}", "call, µs", "whole", "halves", "ratio");
    let context = order(0);
    let mut plugins = vec![("pass_through".to_owned(), fixture("pass_through"))];
    plugins.extend(["wat", "rust", "zig", "assemblyscript"].map(|language| (language.to_owned(), example(language))));
    // Plugins in files, such as those of an engine.
    for file in std::env::args().skip(1).map(PathBuf::from).filter(|file| file.is_file()) {
        let name = file.file_stem().unwrap().display().to_string();
        plugins.push((name, std::fs::read(file).unwrap()));
    }
    for (name, bytes) in plugins {
        let [whole, halves] = [Split::Never, Split::Always].map(|split| {
            let runtime = runtime(split);
            runtime.load_plugin_bytes("guest", &bytes).unwrap();
            runtime
        });
        let mut times = (Vec::new(), Vec::new());
        for _ in 0..200 {
            times.0.push(time(&whole, &context));
            times.1.push(time(&halves, &context));
        }
        let (whole, halves) = (median(times.0), median(times.1));
        println!("{name:<16}{whole:>10.2}{halves:>10.2}{:>10.3}", halves / whole);
    }
}

/// Microseconds of a call.
fn time(runtime: &WasmRuntime, context: &Context<'_>) -> f64 {
    const CALLS: u32 = 200;
    let started = cpu_seconds();
    for _ in 0..CALLS {
        black_box(runtime.call_hook("guest", "before_hook", context).unwrap());
    }
    (cpu_seconds() - started) * 1_000_000.0 / f64::from(CALLS)
}

fn loads() {
    println!(
        "\n{:<16}{:>10}{:>10}{:>10}{:>10}{:>12}{:>12}",
        "load, ms", "bytes", "first", "second", "cached", "code", "data"
    );
    let rust = example("rust");
    let directory = std::env::temp_dir().join(format!("hookcell-bench-{}", std::process::id()));
    for (name, code, data) in SIZES {
        let cached = || runtime(Split::Always).with_code_cache(CodeCache::open(&directory, 1 << 30).unwrap());
        let runtime = cached();
        let (first, PluginInfo { bytes, .. }) =
            load(&runtime, "first", &plugin(&rust, code, data, 0), CodeFrom::Compiler);
        let (mut second, mut third) = (Vec::new(), Vec::new());
        let mut sizes = (0, 0);
        for number in 1..=15 {
            let bytes = plugin(&rust, code, data, number);
            let (ms, info) = load(&runtime, "second", &bytes, CodeFrom::Memory);
            second.push(ms);
            third.push(load(&cached(), "third", &bytes, CodeFrom::Cache).0);
            sizes = (info.code_bytes, info.data_bytes);
        }
        let (second, third) = (median(second), median(third));
        let (code, data) = sizes;
        println!("{name:<16}{bytes:>10}{first:>10.1}{second:>10.2}{third:>10.2}{code:>12}{data:>12}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}

fn load(runtime: &WasmRuntime, name: &str, bytes: &[u8], from: CodeFrom) -> (f64, PluginInfo) {
    let started = cpu_seconds();
    let info = runtime.load_plugin_bytes(name, bytes).unwrap();
    assert_eq!(info.code_from, from);
    ((cpu_seconds() - started) * 1_000.0, info)
}

/// Seconds of a processor that this thread has used, which other processes on the machine hardly change.
#[cfg(target_os = "linux")]
fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes the time to the place that it gets, which is valid, and nothing else.
    let read = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(read, 0);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap()).as_secs_f64()
}

#[cfg(not(target_os = "linux"))]
fn cpu_seconds() -> f64 {
    static STARTED: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    STARTED.elapsed().as_secs_f64()
}

fn runtime(split: Split) -> WasmRuntime {
    let engine = Engine::with_allocation(Allocation::Pooled { slots: 4 }).unwrap().with_split(split);
    let sandbox = LimitOverrides {
        max_module_bytes: Some(64 << 20),
        max_functions: Some(1_000_000),
        max_code_bytes: Some(1 << 30),
        max_fuel: Some(100_000_000),
        ..LimitOverrides::default()
    };
    WasmRuntime::with_engine(Arc::new(engine), &sandbox).unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
