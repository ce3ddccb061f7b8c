//! Finds modules that cost more to compile than the sandbox counts.
//!
//!   compile-cost search [SECONDS [SEED]]   searches, and prints the worst modules that the default limits accept;
//!                                          fails if one is beyond the goal
//!   compile-cost FILE…                     compares the counted work with the cost

mod atom;
mod measure;
mod random;
mod search;
mod shape;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hookcell_host::{HostError, LimitOverrides, compile_work};
use measure::Outcome;
use search::{GOAL_BYTES, Goal, Search};

fn main() -> ExitCode {
    match run(&mut io::stdout()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // If that cannot be written either, the exit code remains.
            let _ = writeln!(io::stderr(), "compile-cost: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns false if a search found a module beyond the goal.
fn run(out: &mut impl Write) -> io::Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [measure::CHILD] => measure::child(out).map(|()| true),
        ["search", ref rest @ ..] => {
            let number = |index: usize, default: u64| {
                rest.get(index).and_then(|text: &&str| text.parse().ok()).unwrap_or(default)
            };
            look(Duration::from_secs(number(0, 60)), number(1, 1), out)
        }
        ref files => {
            for file in files {
                compare(file, out)?;
            }
            Ok(true)
        }
    }
}

/// Searches among modules of one function, of the goal's length, and of any length: for time and for memory. Returns
/// whether none is beyond the goal.
fn look(time: Duration, seed: u64, out: &mut impl Write) -> io::Result<bool> {
    const ANY: usize = usize::MAX;
    let part = time / 6;
    let (mut compiled, mut beyond) = (0, 0);
    for (functions, bytes, goal) in [
        (1, ANY, Goal::Memory),
        (1, ANY, Goal::Time),
        (3_000, GOAL_BYTES, Goal::Memory),
        (3_000, GOAL_BYTES, Goal::Time),
        (3_000, ANY, Goal::Memory),
        (3_000, ANY, Goal::Time),
    ] {
        let length = if bytes == ANY { String::new() } else { format!(" and {bytes} bytes") };
        writeln!(out, "== {goal:?}, up to {functions} functions{length} ==")?;
        let mut search = Search::new(seed, goal, functions, bytes);
        search.run(part, out)?;
        for finding in search.worst.iter().take(10) {
            writeln!(out, "WORST {}", finding.line())?;
        }
        for finding in &search.beyond {
            writeln!(out, "BEYOND THE GOAL {finding}")?;
        }
        compiled += search.compiled;
        beyond += search.beyond.len();
    }
    writeln!(out, "compiled {compiled}, beyond the goal {beyond}")?;
    Ok(beyond == 0)
}

fn compare(file: &str, out: &mut impl Write) -> io::Result<()> {
    let module = match std::fs::read(file) {
        Ok(module) => module,
        Err(error) => return writeln!(out, "{file}: {error}"),
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
    let cost = match measure::measure(&module)? {
        Outcome::Compiled(cost) => format!("{cost:?}"),
        Outcome::Refused => "does not compile".to_owned(),
        Outcome::Ended => "takes 8 GB or a minute".to_owned(),
    };
    writeln!(out, "{file}: {} bytes, work {work:?}, needs {passes}, scanned in {scanned:.1} ms, {cost}", module.len())
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
