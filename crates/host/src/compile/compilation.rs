//! What the compiler needs from a load.

use std::cell::Cell;
use std::time::Instant;

use crate::compile::cache::code_cache::CodeCache;
use crate::compile::process::compiler_process::CompilerProcess;
use crate::compile::process::cost::IsolateCost;
use crate::compile::process::supervisor::ProcessSupervisor;
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::config::MemoriesBy;
use crate::sandbox::watchdog::StopSignal;

/// What the compiler needs from a load.
pub(crate) struct Compilation<'a> {
    /// The plugin's name, in errors and in the log.
    pub(crate) plugin: &'a str,
    pub(crate) engine: &'a wasmtime::Engine,
    pub(crate) memories_by: MemoriesBy,
    pub(crate) supervisor: &'a ProcessSupervisor,
    /// The cache that its code may be in.
    pub(crate) cache: Option<&'a CodeCache>,
    /// The child process to compile in; `None` for this process.
    pub(crate) isolate: Option<&'a CompilerProcess>,
    /// When the load was requested.
    pub(crate) asked: Instant,
    /// Cancelled with every call and load of the runtime.
    pub(crate) runtime: &'a CancelToken,
    /// Cancels this load.
    pub(crate) load: &'a CancelToken,
    /// The cost of compiling in child processes so far.
    pub(crate) isolated: &'a Cell<Option<IsolateCost>>,
}

impl Compilation<'_> {
    /// Is the load cancelled?
    pub(crate) fn is_cancelled(&self) -> bool {
        self.runtime.is_cancelled() || self.load.is_cancelled()
    }

    /// The stop signal for a part of the load with this deadline.
    pub(crate) fn stop_signal(&self, deadline: Instant) -> StopSignal {
        StopSignal { deadline, runtime: self.runtime.clone(), call: Some(self.load.clone()) }
    }
}
