//! The cost of compiling a module, measured in a separate process with bounds on memory and time.

use std::fs::read_to_string;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};

use hookcell_host::{Allocation, Engine, compile_unchecked};

/// The argument that makes this program measure a module from its standard input.
pub const CHILD: &str = "--child";

/// The child's answer for a module that the compiler refuses.
const REFUSED: &str = "refused";

#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// CPU time of all threads.
    pub cpu_seconds: f64,
    /// The most memory of the process beyond what it began with.
    pub megabytes: f64,
    /// The length of the machine code.
    pub code_bytes: u64,
}

/// How an attempt to compile ends.
pub enum Outcome {
    Compiled(Cost),
    /// The compiler refuses it.
    Refused,
    /// It took 8 GB, or a minute of CPU.
    Ended,
}

/// Compiles the module in a child process.
///
/// # Errors
/// If the child cannot be started.
pub fn measure(module: &[u8]) -> io::Result<Outcome> {
    let script = "ulimit -d 8000000; ulimit -t 60; exec \"$0\" \"$1\"";
    let mut child = Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe()?)
        .arg(CHILD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    // A child that has ended closed its input. Its answer is read below all the same.
    let _ = child.stdin.take().map(|mut input| input.write_all(module));
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(match read(&text) {
        Some(cost) if output.status.success() => Outcome::Compiled(cost),
        _ if text.trim() == REFUSED => Outcome::Refused,
        _ => Outcome::Ended,
    })
}

fn read(text: &str) -> Option<Cost> {
    let mut numbers = text.split_whitespace();
    Some(Cost {
        cpu_seconds: numbers.next()?.parse().ok()?,
        megabytes: numbers.next()?.parse().ok()?,
        code_bytes: numbers.next()?.parse().ok()?,
    })
}

/// The child's side of [`measure`].
///
/// # Errors
/// If it cannot measure itself, or its output is closed.
pub fn child(out: &mut impl Write) -> io::Result<()> {
    let mut module = Vec::new();
    io::stdin().read_to_end(&mut module)?;
    let engine = Engine::with_allocation(Allocation::Pooled { slots: 1 }).map_err(io::Error::other)?;
    let (memory, cpu) = (peak_kilobytes()?, cpu_ticks()?);
    let Ok(code_bytes) = compile_unchecked(&engine, &module) else { return writeln!(out, "{REFUSED}") };
    let (memory, cpu) = (peak_kilobytes()? - memory, cpu_ticks()? - cpu);
    writeln!(out, "{} {} {code_bytes}", cpu / 100.0, memory / 1_024.0)
}

fn peak_kilobytes() -> io::Result<f64> {
    let status = read_to_string("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok())
        .ok_or_else(|| io::Error::other("/proc/self/status has no VmHWM"))
}

/// Hundredths of a second.
fn cpu_ticks() -> io::Result<f64> {
    let stat = read_to_string("/proc/self/stat")?;
    let user_and_system = stat.rsplit_once(')').and_then(|(_, rest)| {
        let mut fields = rest.split_whitespace().skip(11);
        let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(user + system)
    });
    user_and_system.ok_or_else(|| io::Error::other("/proc/self/stat has no times"))
}
