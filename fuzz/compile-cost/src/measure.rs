//! The cost of compiling a module, measured in a separate process with bounds on memory and time.

use std::fs::read_to_string;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use hookcell_host::{Allocation, Engine, compile_unchecked};

/// The argument that makes this program measure a module from its standard input.
pub const CHILD: &str = "--child";

#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// CPU time of all threads.
    pub cpu_seconds: f64,
    /// The most memory of the process beyond what it began with.
    pub megabytes: f64,
    /// The length of the machine code.
    pub code_bytes: u64,
}

/// Compiles the module in a child process; `None` if it does not compile, or takes 8 GB or a minute.
pub fn measure(module: &[u8]) -> Option<Cost> {
    let script = "ulimit -d 8000000; ulimit -t 60; exec \"$0\" \"$1\"";
    let program = std::env::current_exe().ok()?;
    let mut child = Command::new("sh")
        .args(["-c", script])
        .arg(program)
        .arg(CHILD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(module).ok()?;
    let output = child.wait_with_output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut numbers = text.split_whitespace();
    Some(Cost {
        cpu_seconds: numbers.next()?.parse().ok()?,
        megabytes: numbers.next()?.parse().ok()?,
        code_bytes: numbers.next()?.parse().ok()?,
    })
}

/// The child's side of [`measure`].
pub fn child() -> Option<()> {
    let mut module = Vec::new();
    std::io::stdin().read_to_end(&mut module).ok()?;
    let engine = Engine::with_allocation(Allocation::Pooled { slots: 1 }).ok()?;
    let (memory, cpu) = (peak_kilobytes()?, cpu_ticks()?);
    let code_bytes = compile_unchecked(&engine, &module).ok()?;
    let (memory, cpu) = (peak_kilobytes()? - memory, cpu_ticks()? - cpu);
    println!("{} {} {code_bytes}", cpu / 100.0, memory / 1_024.0);
    Some(())
}

fn peak_kilobytes() -> Option<f64> {
    let status = read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok())
}

/// Hundredths of a second.
fn cpu_ticks() -> Option<f64> {
    let stat = read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user + system)
}
