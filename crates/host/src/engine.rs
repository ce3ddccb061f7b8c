//! The engine that all cells of a process share: wasmtime's engine, the watchdog, the compiler, and the processes that
//! compile for it.

use crate::compile::compiler::Compiler;
use crate::compile::process::supervisor::ProcessSupervisor;
use crate::error::HostError;
use crate::sandbox::config::{Allocation, config};
use crate::sandbox::watchdog::Watchdog;

/// A wasmtime engine for cells. It is expensive to make, so all runtimes of a process should share one.
#[derive(Debug)]
pub struct Engine {
    // Declared before the engine, so that its thread ends first.
    watchdog: Watchdog,
    wasmtime: wasmtime::Engine,
    allocation: Allocation,
    compiler: Compiler,
    supervisor: ProcessSupervisor,
}

impl Engine {
    /// An engine with `slots` pooled cells, or with on-demand cells if the machine lacks the address space.
    ///
    /// # Errors
    /// [`HostError::Internal`] if the machine can provide neither, or no thread for the watchdog.
    pub fn new(slots: u32) -> Result<Self, HostError> {
        let pooled = Allocation::Pooled { slots };
        Self::with_allocation(pooled).or_else(|error| {
            tracing::warn!(%error, slots, "no address space for pooled cells: each call maps its own memory");
            Self::with_allocation(Allocation::OnDemand)
        })
    }

    /// An engine with exactly this allocation.
    ///
    /// # Errors
    /// [`HostError::Internal`] if the machine cannot provide it.
    pub fn with_allocation(allocation: Allocation) -> Result<Self, HostError> {
        let wasmtime = wasmtime::Engine::new(&config(allocation)).map_err(|error| HostError::internal(&error))?;
        let watchdog = Watchdog::start(wasmtime.weak())
            .map_err(|error| HostError::Internal(format!("no thread for the watchdog: {error}")))?;
        Ok(Self {
            watchdog,
            wasmtime,
            allocation,
            compiler: Compiler::default(),
            supervisor: ProcessSupervisor::default(),
        })
    }

    /// How cells get their memory.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        self.allocation
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    pub(crate) fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    pub(crate) fn supervisor(&self) -> &ProcessSupervisor {
        &self.supervisor
    }

    pub(crate) fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }
}
