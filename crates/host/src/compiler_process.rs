//! Compiling in a child process, which may be stopped at any time: for modules of people whom nobody knows.
//!
//! The limits on a module bound what compiling costs on the whole; a module made for it can still take many seconds
//! and hundreds of megabytes within them. The child has a deadline and a memory limit of the operating system's, and
//! nothing of the server's: no environment, no files but its own program.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::engine::{Allocation, Engine};
use crate::error::HostError;
use crate::guest_text::{self, quoted};
use crate::machine_code::MachineCode;

/// Option names, for errors.
const TIMEOUT: &str = "isolate.timeoutMs";
const MEMORY: &str = "isolate.maxMemoryBytes";

/// The child's exit codes. Whatever else it ends with is a failure of its own.
const COMPILED: i32 = 0;
const DOES_NOT_COMPILE: i32 = 3;
const FAILED: i32 = 4;

/// What Rust says before it ends a program whose allocation failed.
const ALLOCATION_FAILED: &str = "memory allocation of";

/// Longest reason read from the child, in bytes.
const MAX_REASON_BYTES: u64 = 4_096;

/// Most bytes of code for a byte of module, and for a module of none. Machine code takes about ten times the room.
const CODE_PER_BYTE: u64 = 256;
const CODE_AT_LEAST: u64 = 16 * 1_024 * 1_024;

/// How to compile in a child process.
#[derive(Debug, Clone)]
pub struct CompilerProcess {
    /// A program that passes its last two arguments to [`compile_for_parent`].
    pub program: String,
    /// Its arguments. Two are added: how the engine allocates cells, and the memory limit in bytes.
    pub arguments: Vec<String>,
    /// Wall clock from the child's start to its end, after which it is killed.
    pub timeout: Duration,
    /// What the child may take beyond what it starts with, in bytes. A real limit on Linux; other systems have none
    /// that holds for a whole process, and there the deadline alone counts.
    pub max_memory_bytes: u64,
}

/// What came of the child.
struct Ended {
    status: ExitStatus,
    output: Vec<u8>,
    reason: String,
}

impl CompilerProcess {
    pub(crate) fn compile(&self, engine: &Engine, key: &str, bytes: &[u8]) -> Result<MachineCode, HostError> {
        let started = Instant::now();
        let failed = |error: io::Error| HostError::Internal(format!("no compiler process: {error}"));
        let child = self.spawn(engine.allocation()).map_err(failed)?;
        let most = CODE_AT_LEAST.saturating_add(CODE_PER_BYTE.saturating_mul(bytes.len() as u64));
        let ended = finish(child, bytes, most, started, self.timeout).map_err(failed)?;
        let Some(Ended { status, output, reason }) = ended else {
            let (key, timeout) = (quoted(key), self.timeout.as_millis());
            let message = format!("plugin {key} did not compile within {timeout} ms ({TIMEOUT})");
            return Err(HostError::limit(TIMEOUT, message));
        };
        match status.code() {
            Some(COMPILED) => Ok(MachineCode::from_compiler_process(output)),
            Some(DOES_NOT_COMPILE) => {
                Err(HostError::Compile { plugin: key.to_owned(), reason: guest_text::clean(&reason) })
            }
            _ if reason.contains(ALLOCATION_FAILED) => {
                let (key, memory) = (quoted(key), self.max_memory_bytes);
                let message = format!("plugin {key} took more than {memory} bytes to compile ({MEMORY})");
                Err(HostError::limit(MEMORY, message))
            }
            _ => {
                let reason = guest_text::clean(&reason);
                Err(HostError::Internal(format!("the compiler process ended with {status}: {reason}")))
            }
        }
    }

    fn spawn(&self, allocation: Allocation) -> io::Result<Child> {
        Command::new(&self.program)
            .args(&self.arguments)
            .args([allocation.name(), &self.max_memory_bytes.to_string()])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }
}

/// Feeds the child and waits for its end; `None` where it had to be killed at its deadline.
fn finish(mut child: Child, bytes: &[u8], most: u64, started: Instant, timeout: Duration) -> io::Result<Option<Ended>> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (sender, ended) = mpsc::channel();
    thread::scope(|scope| {
        // A child that reads nothing, or does not end, blocks these until it is killed.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(bytes)));
        let reason = scope.spawn(move || read(stderr, MAX_REASON_BYTES));
        scope.spawn(move || sender.send(read(stdout, most)));
        let left = timeout.saturating_sub(started.elapsed());
        let output = match ended.recv_timeout(left) {
            Ok(output) => output,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
        };
        // Its output is at its end, or longer than it may be.
        if output.len() as u64 >= most {
            child.kill()?;
        }
        let status = wait_until(&mut child, started, timeout)?;
        let reason = reason.join().unwrap_or_default();
        Ok(status.map(|status| Ended { status, output, reason: String::from_utf8_lossy(&reason).into_owned() }))
    })
}

/// A child that has closed its output has little left to do, but may take its time over it.
fn wait_until(child: &mut Child, started: Instant, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    const PAUSE: Duration = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() >= timeout {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(PAUSE);
    }
}

fn read(from: Option<impl Read>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What was read before an error is what there is.
        let _ = from.take(most).read_to_end(&mut bytes);
    }
    bytes
}

/// The child's side: reads a module from standard input, compiles it, and writes its code to standard output, or why
/// not to standard error. Gives the exit code.
///
/// `allocation` and `max_memory_bytes` are the arguments that [`CompilerProcess`] adds.
#[must_use]
pub fn compile_for_parent(allocation: &str, max_memory_bytes: u64) -> i32 {
    match compile(allocation, max_memory_bytes) {
        Ok(()) => COMPILED,
        Err(Refusal { code, reason }) => {
            // Nobody is left to be told where this fails.
            let _ = io::stderr().write_all(reason.as_bytes());
            code
        }
    }
}

struct Refusal {
    code: i32,
    reason: String,
}

impl Refusal {
    fn failed(reason: &dyn Display) -> Self {
        Self { code: FAILED, reason: reason.to_string() }
    }
}

fn compile(allocation: &str, max_memory_bytes: u64) -> Result<(), Refusal> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(|error| Refusal::failed(&error))?;
    let allocation = Allocation::of_one_cell(allocation).ok_or_else(|| Refusal::failed(&"no such allocation"))?;
    let engine = Engine::with_allocation(allocation).map_err(|error| Refusal::failed(&error))?;
    limit_memory(max_memory_bytes).map_err(|error| Refusal::failed(&error))?;
    let code = engine
        .wasmtime()
        .precompile_module(&bytes)
        .map_err(|error| Refusal { code: DOES_NOT_COMPILE, reason: format!("{error:#}") })?;
    let mut output = io::stdout().lock();
    output.write_all(&code).and_then(|()| output.flush()).map_err(|error| Refusal::failed(&error))
}

/// Bounds what this process may take beyond what it has. `RLIMIT_DATA` counts private memory that can be written; unlike
/// `RLIMIT_AS` it does not count address space that Node.js and wasmtime only reserve.
#[cfg(target_os = "linux")]
fn limit_memory(bytes: u64) -> io::Result<()> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let taken: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmData:")?.trim().strip_suffix("kB")?.trim().parse().ok())
        .ok_or_else(|| io::Error::other("VmData is not known"))?;
    let limit = taken.saturating_mul(1_024).saturating_add(bytes);
    rlimit::setrlimit(rlimit::Resource::DATA, limit, limit)
}

#[cfg(not(target_os = "linux"))]
fn limit_memory(_bytes: u64) -> io::Result<()> {
    Ok(())
}
