//! The server's side of compiling in a child process, which can be killed at any time: for modules from unknown authors.
//!
//! A module within all limits may still take many seconds and hundreds of megabytes to compile if it was made for that. The
//! process has a deadline and a memory limit of the operating system. It gets nothing from the server: no environment, and no
//! files except its own program. It compiles one module and ends.

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

/// Rust's message before it aborts a program because an allocation failed.
const ALLOCATION_FAILED: &str = "memory allocation of";

/// The longest reason that is read from the process, in bytes.
const MAX_REASON_BYTES: u64 = 4_096;

/// The most bytes of code for each byte of module, and for an empty module. Machine code is about ten times as long.
const CODE_PER_BYTE: u64 = 256;
const CODE_AT_LEAST: u64 = 16 * 1_024 * 1_024;

impl CompilerProcess {
    /// Compiles a module.
    pub(crate) fn compile(&self, bytes: &[u8], compilation: &Compilation<'_>) -> Result<MachineCode, CompileRefusal> {
        let started = Instant::now();
        let signal = compilation.stop_signal(started.checked_add(self.timeout).unwrap_or(started));
        let kind = Kind {
            program: self.program.clone(),
            arguments: [&self.arguments[..], &[compilation.memories_by.name().to_owned()]].concat(),
        };
        let mut may_retry = true;
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
                // The spare may have been killed while it waited; the next process is not a spare.
                Err(Silence::BeforeGreeting) if process.was_warm && may_retry && !signal.is_due() => may_retry = false,
                Err(silence) => return Err(self.why(process, &signal, &silence)),
            }
        }
    }

    /// Sends the module, and reads the reply and the most memory that it took.
    fn ask(&self, engine: &wasmtime::Engine, process: &mut Process, bytes: &[u8]) -> Result<Answer, Silence> {
        let output = process.output.as_mut().ok_or(Silence::BeforeGreeting)?;
        if !read_greeting(engine, output).map_err(|_| Silence::BeforeGreeting)? {
            let other = "it has another version of hookcell than the server: restart the server".to_owned();
            return Ok((Err(CompileRefusal::NoProcess(other)), 0));
        }
        let module_bytes = bytes.len() as u64;
        let request = Request { timeout: self.timeout, max_memory_bytes: self.max_memory_bytes, module_bytes };
        let input = process.input.as_mut().ok_or(Silence::BeforeAnswer)?;
        request.write(input).and_then(|()| input.write_all(bytes)).and_then(|()| input.flush())?;
        let Reply { compiled, peak_bytes, length } = Reply::read(output)?;
        let most = CODE_AT_LEAST.saturating_add(CODE_PER_BYTE.saturating_mul(module_bytes));
        if length > most {
            let message = format!("it returned {length} bytes of code for {module_bytes} bytes of module");
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

    /// Why a process did not reply.
    fn why(&self, mut process: Process, signal: &StopSignal, silence: &Silence) -> CompileRefusal {
        let ended = process.end();
        if signal.is_cancelled() {
            return CompileRefusal::Cancelled;
        }
        if signal.is_due() {
            // A process that never became ready says nothing about the module.
            return match silence {
                Silence::BeforeGreeting => {
                    CompileRefusal::NoProcess(format!("it did not start within {} ms", self.timeout.as_millis()))
                }
                Silence::BeforeAnswer => CompileRefusal::Timeout(self.timeout),
            };
        }
        let mut reason = Vec::new();
        if let Some(errors) = process.errors.take() {
            // On an error, the bytes read before it are kept. The process has ended, so this does not block.
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

/// When a process that did not reply stopped.
enum Silence {
    BeforeGreeting,
    BeforeAnswer,
}

impl From<io::Error> for Silence {
    fn from(_: io::Error) -> Self {
        Self::BeforeAnswer
    }
}
