//! The server's side of compiling in a child process, which may be stopped at any time: for modules from unknown authors.
//!
//! The limits on a module bound what compiling costs as a whole; a module made for it may still take many seconds and
//! hundreds of megabytes within them. The process has a deadline and a memory limit of the operating system's, and nothing
//! of the server's: no environment, no files but its own program. It compiles one module and is gone.

use std::io::{self, Read, Write};
use std::time::Instant;

use crate::compile::compilation::Compilation;
use crate::compile::machine_code::MachineCode;
use crate::compile::process::compiler_process::CompilerProcess;
use crate::compile::process::cost::IsolateCost;
use crate::compile::process::protocol::{Reply, Request, read_greeting};
use crate::compile::process::supervisor::{Kind, Process};
use crate::compile::refusal::CompileRefusal;
use crate::guest_text;
use crate::sandbox::watchdog::StopSignal;

/// What Rust says before it ends a program whose allocation failed.
const ALLOCATION_FAILED: &str = "memory allocation of";

/// Longest reason read from the process, in bytes.
const MAX_REASON_BYTES: u64 = 4_096;

/// Most bytes of code for a byte of module, and for a module of none. Machine code takes about ten times the room.
const CODE_PER_BYTE: u64 = 256;
const CODE_AT_LEAST: u64 = 16 * 1_024 * 1_024;

impl CompilerProcess {
    /// Compiles a module.
    pub(crate) fn compile(&self, bytes: &[u8], compilation: &Compilation<'_>) -> Result<MachineCode, CompileRefusal> {
        let started = Instant::now();
        let signal = compilation.stop_signal(started.checked_add(self.timeout).unwrap_or(started));
        let kind = Kind {
            program: self.program.clone(),
            arguments: [&self.arguments[..], &[compilation.allocation.name().to_owned()]].concat(),
        };
        loop {
            let start = compilation.supervisor.start(kind.clone(), signal.clone());
            let mut process =
                start.map_err(|error| CompileRefusal::NoProcess(format!("it cannot be started: {error}")))?;
            match self.ask(compilation.engine, &mut process, bytes) {
                Ok((compiled, peak_bytes)) => {
                    let ms = started.elapsed().as_secs_f64() * 1_000.0;
                    let cost = IsolateCost { ms, peak_bytes };
                    compilation.isolated.set(Some(cost.and(compilation.isolated.get())));
                    return compiled;
                }
                // A spare may have been ended from outside while it waited; the next process is none.
                Err(Silence::BeforeGreeting) if process.was_warm && !signal.is_due() => {}
                Err(silence) => return Err(self.why(process, &signal, &silence)),
            }
        }
    }

    /// Sends the module and reads the answer, and the most memory that it took.
    fn ask(&self, engine: &wasmtime::Engine, process: &mut Process, bytes: &[u8]) -> Result<Answer, Silence> {
        let output = process.output.as_mut().ok_or(Silence::BeforeGreeting)?;
        if !read_greeting(engine, output).map_err(|_| Silence::BeforeGreeting)? {
            let other = "it is of another version of hookcell than the server, which has to be started anew".to_owned();
            return Ok((Err(CompileRefusal::NoProcess(other)), 0));
        }
        let module_bytes = bytes.len() as u64;
        let request = Request { timeout: self.timeout, max_memory_bytes: self.max_memory_bytes, module_bytes };
        let input = process.input.as_mut().ok_or(Silence::BeforeAnswer)?;
        request.write(input).and_then(|()| input.write_all(bytes)).and_then(|()| input.flush())?;
        let Reply { compiled, peak_bytes, length } = Reply::read(output)?;
        let most = CODE_AT_LEAST.saturating_add(CODE_PER_BYTE.saturating_mul(module_bytes));
        if length > most {
            let message = format!("it gave {length} bytes of code for {module_bytes} of module");
            return Ok((Err(CompileRefusal::Failed(message)), peak_bytes));
        }
        let mut answer = Vec::new();
        output.take(length).read_to_end(&mut answer)?;
        if answer.len() as u64 != length {
            return Err(Silence::BeforeAnswer);
        }
        let answer = if compiled {
            Ok(MachineCode::from_compiler_process(answer))
        } else {
            Err(CompileRefusal::DoesNotCompile(guest_text::clean(&String::from_utf8_lossy(&answer))))
        };
        Ok((answer, peak_bytes))
    }

    /// Why a process has not answered.
    fn why(&self, mut process: Process, signal: &StopSignal, silence: &Silence) -> CompileRefusal {
        let ended = process.end();
        if signal.is_cancelled() {
            return CompileRefusal::Cancelled;
        }
        if signal.is_due() {
            // Of the module it says nothing where the process never asked for it.
            return match silence {
                Silence::BeforeGreeting => {
                    CompileRefusal::NoProcess(format!("it did not start within {} ms", self.timeout.as_millis()))
                }
                Silence::BeforeAnswer => CompileRefusal::Timeout(self.timeout),
            };
        }
        let mut reason = Vec::new();
        if let Some(errors) = process.errors.take() {
            // What was read before an error is what there is. The process has ended, so this does not block.
            let _ = errors.take(MAX_REASON_BYTES).read_to_end(&mut reason);
        }
        let reason = String::from_utf8_lossy(&reason);
        if reason.contains(ALLOCATION_FAILED) {
            return CompileRefusal::Memory(self.max_memory_bytes);
        }
        let ended = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
        CompileRefusal::NoProcess(format!("it ended with {ended}: {}", guest_text::clean(reason.trim())))
    }
}

type Answer = (Result<MachineCode, CompileRefusal>, u64);

/// When a process that did not answer fell silent.
enum Silence {
    BeforeGreeting,
    BeforeAnswer,
}

impl From<io::Error> for Silence {
    fn from(_: io::Error) -> Self {
        Self::BeforeAnswer
    }
}
