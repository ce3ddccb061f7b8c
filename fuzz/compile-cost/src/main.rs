//! Finds modules that cost more to compile than the sandbox counts.
//!
//!   compile-cost search [SECONDS [SEED]]   searches, and prints the worst modules that the default limits accept
//!   compile-cost FILE…                     compares the counted work with the cost

mod atom;
mod measure;
mod random;
mod search;
mod shape;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use hookcell_host::{HostError, LimitOverrides, compile_work};
use search::Goal;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [measure::CHILD] => {
            if measure::child().is_none() {
                return ExitCode::FAILURE;
            }
        }
        ["search", ref rest @ ..] => {
            let number = |index: usize, default: u64| {
                rest.get(index).and_then(|text: &&str| text.parse().ok()).unwrap_or(default)
            };
            look(Duration::from_secs(number(0, 60)), number(1, 1));
        }
        ref files => files.iter().for_each(|file| compare(file)),
    }
    ExitCode::SUCCESS
}

/// For one function and for many, a search for time and one for memory.
fn look(time: Duration, seed: u64) {
    let part = time / 4;
    for (functions, goal) in [(1, Goal::Memory), (1, Goal::Time), (3_000, Goal::Memory), (3_000, Goal::Time)] {
        println!("== {goal:?}, up to {functions} functions ==");
        for finding in search::search(part, seed, goal, functions).iter().take(10) {
            println!("WORST {}", finding.line());
        }
    }
}

fn compare(file: &str) {
    let module = match std::fs::read(file) {
        Ok(module) => module,
        Err(error) => return println!("{file}: {error}"),
    };
    let started = Instant::now();
    let work = work_under(&module, 1 << 50);
    let scanned = started.elapsed().as_secs_f64() * 1_000.0;
    // The smallest limit that accepts it.
    let (mut refused, mut passes) = (999, 1 << 34);
    while passes - refused > 100_000 {
        let middle = refused + (passes - refused) / 2;
        if work_under(&module, middle).is_ok() { passes = middle } else { refused = middle }
    }
    let cost = measure::measure(&module);
    println!("{file}: {} bytes, work {work:?}, needs {passes}, scanned in {scanned:.1} ms, {cost:?}", module.len());
}

/// The work of a module under this limit only, and the limits on numbers of items.
fn work_under(module: &[u8], max_compile_work: u64) -> Result<u64, HostError> {
    let sandbox = LimitOverrides {
        max_module_bytes: Some(1 << 28),
        max_compile_work: Some(max_compile_work),
        ..LimitOverrides::default()
    };
    compile_work(module, &sandbox)
}
