//! The child's side: a compiler process compiles one module and ends. It never outlives its deadline, even if the server or one
//! of its own threads fails.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::process;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use crate::compile::process::protocol::{Reply, Request, greeting};
use crate::sandbox::config::{MemoriesBy, config};

/// The process's exit codes. Any other code is a failure of the process itself.
const DONE: i32 = 0;
const FAILED: i32 = 4;

/// How much later the process's own deadline is than the server's, so that the server's counts while there is a server.
const GRACE: Duration = Duration::from_secs(1);

/// A module with one empty function. It is compiled before the request, so that the compiler's code is in memory and its
/// threads have started.
const WARM_UP: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b";

/// Compiles one module for the server that started this process, and returns the exit code. A process without a request waits
/// until the server closes standard input.
///
/// `memories` and `parent`, the server's process identifier, are the arguments that
/// [`CompilerProcess`](crate::CompilerProcess) adds.
#[must_use]
pub fn compile_for_parent(memories: &str, parent: u32) -> i32 {
    match serve(memories, parent) {
        Ok(()) => DONE,
        Err(reason) => {
            // If this fails, there is no other way to report it.
            let _ = io::stderr().write_all(reason.as_bytes());
            FAILED
        }
    }
}

fn serve(memories: &str, parent: u32) -> Result<(), String> {
    system::die_with(parent).map_err(failed)?;
    let memories = MemoriesBy::of_no_cell(memories).ok_or("no such kind of memories")?;
    let engine = wasmtime::Engine::new(&config(memories)).map_err(failed)?;
    engine.precompile_module(WARM_UP).map_err(failed)?;
    let guards = Guards::start().map_err(failed)?;
    let mut output = io::stdout().lock();
    output.write_all(&greeting(&engine)).and_then(|()| output.flush()).map_err(failed)?;
    let mut input = io::stdin().lock();
    let Ok(request) = Request::read(&mut input) else {
        // The server does not need this process, or has ended.
        return Ok(());
    };
    guards.deadline(request.timeout.saturating_add(GRACE));
    system::limit(&request).map_err(failed)?;
    let mut module = Vec::new();
    input.by_ref().take(request.module_bytes).read_to_end(&mut module).map_err(failed)?;
    if module.len() as u64 != request.module_bytes {
        return Ok(());
    }
    drop(input);
    guards.parent();
    let compiled = engine.precompile_module(&module);
    let is_compiled = compiled.is_ok();
    let answer = compiled.unwrap_or_else(|error| format!("{error:#}").into_bytes());
    let reply = Reply { compiled: is_compiled, peak_bytes: system::peak_bytes(), length: answer.len() as u64 };
    reply.write(&mut output).and_then(|()| output.write_all(&answer)).and_then(|()| output.flush()).map_err(failed)
}

fn failed(error: impl Display) -> String {
    error.to_string()
}

/// Two threads that end the process: at its deadline, and when the server has ended. They start before the module arrives, so
/// that no module is compiled without them if the machine runs out of threads.
struct Guards {
    deadline: Sender<Duration>,
    parent: Sender<()>,
}

impl Guards {
    fn start() -> io::Result<Self> {
        let (deadline, deadlines) = mpsc::channel();
        let (parent, asked) = mpsc::channel();
        guard("hookcell-deadline", move || end_in_time(&deadlines))?;
        guard("hookcell-parent", move || end_with_parent(&asked))?;
        Ok(Self { deadline, parent })
    }

    /// Sets the deadline, from now.
    fn deadline(&self, timeout: Duration) {
        let _ = self.deadline.send(timeout);
    }

    /// From now on the process reads nothing more, and ends when standard input ends.
    fn parent(&self) {
        let _ = self.parent.send(());
    }
}

fn guard(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).stack_size(64 * 1_024).spawn(run).map(drop)
}

fn end_in_time(deadlines: &Receiver<Duration>) {
    if let Ok(timeout) = deadlines.recv() {
        thread::sleep(timeout);
        process::abort();
    }
}

fn end_with_parent(asked: &Receiver<()>) {
    if asked.recv().is_ok() {
        // The server writes nothing more, so this returns when it closes the pipe or ends.
        let _ = io::stdin().lock().read(&mut [0]);
        process::abort();
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::io;
    use std::os::unix::process::parent_id;
    use std::thread::available_parallelism;

    use rlimit::Resource;

    use crate::compile::process::protocol::Request;

    /// Seconds of processor time beyond the request's limit, for what the process used to start.
    const STARTING_SECONDS: u64 = 3;

    /// Tells the kernel to kill this process when its parent ends, and to write no core file.
    pub(super) fn die_with(parent: u32) -> io::Result<()> {
        rlimit::setrlimit(Resource::CORE, 0, 0)?;
        // SAFETY: the option takes one number, a signal, and changes only a setting of this process.
        #[expect(unsafe_code, reason = "the standard library has no function for it")]
        let set = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        if set != 0 {
            return Err(io::Error::last_os_error());
        }
        // The parent may have ended before this setting was made.
        if parent_id() == parent { Ok(()) } else { Err(io::Error::other("the server has ended")) }
    }

    /// Limits what this process may use from now on. `RLIMIT_DATA` counts private writable memory, and unlike `RLIMIT_AS` not
    /// the address space that Node.js and wasmtime only reserve. `RLIMIT_CPU` counts all threads together, so the time is
    /// multiplied by the number of processors.
    pub(super) fn limit(request: &Request) -> io::Result<()> {
        let taken = status("VmData:").ok_or_else(|| io::Error::other("VmData is not known"))?;
        let data = taken.saturating_add(request.max_memory_bytes);
        rlimit::setrlimit(Resource::DATA, data, data)?;
        let processors = available_parallelism().map_or(1, usize::from) as u64;
        let seconds = request.timeout.as_secs().saturating_add(1).saturating_mul(processors);
        let seconds = seconds.saturating_add(STARTING_SECONDS);
        rlimit::setrlimit(Resource::CPU, seconds, seconds)
    }

    pub(super) fn peak_bytes() -> u64 {
        status("VmHWM:").unwrap_or_default()
    }

    /// A size from the kernel's status of this process, in bytes.
    fn status(name: &str) -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let size = status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix("kB"))?;
        size.trim().parse().ok().map(|kilobytes: u64| kilobytes.saturating_mul(1_024))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;

    use crate::compile::process::protocol::Request;

    /// On these systems only the end of standard input tells that the parent has ended.
    pub(super) fn die_with(_parent: u32) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn limit(_request: &Request) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn peak_bytes() -> u64 {
        0
    }
}
