//! The engine that all cells of a process share: wasmtime's engines, the watchdog, the compiler, and the processes that
//! compile for it.

use std::sync::Arc;

use crate::compile::compiler::Compiler;
use crate::compile::process::supervisor::ProcessSupervisor;
use crate::error::HostError;
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::config::{Allocation, ResetBy, Tables, config};
use crate::sandbox::reset::page_budget::PageBudget;
use crate::sandbox::reset::resets::Resets;
use crate::sandbox::reset::trimmer::Trimmer;
use crate::sandbox::watchdog::Watchdog;
use crate::split::Split;

/// The default of [`Engine::set_max_idle_memory_bytes`]: 64 MiB.
pub const DEFAULT_IDLE_MEMORY_BYTES: u64 = 64 * 1_024 * 1_024;

/// A wasmtime engine for cells. It is expensive to make, so all runtimes of a process should share one.
#[derive(Debug)]
pub struct Engine {
    // Declared before the engines, so that its thread ends first.
    watchdog: Watchdog,
    wasmtime: wasmtime::Engine,
    resetting: Vec<ResettingEngine>,
    page_budget: Arc<PageBudget>,
    allocation: Allocation,
    split: Split,
    compiler: Compiler,
    supervisor: ProcessSupervisor,
}

/// An engine whose cells reset their memory.
#[derive(Debug)]
pub(crate) struct ResettingEngine {
    // Declared before the engine, so that its thread ends first.
    _trimmer: Trimmer,
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) resets: Arc<Resets>,
    tables: Tables,
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
        let wasmtime = wasmtime::Engine::new(&config(allocation, ResetBy::Wasmtime))
            .map_err(|error| HostError::internal(&error))?;
        let page_budget = Arc::new(PageBudget::default());
        page_budget.set_most_bytes(DEFAULT_IDLE_MEMORY_BYTES);
        let resetting: Vec<_> = [Tables::Small, Tables::Large]
            .into_iter()
            .filter_map(|tables| ResettingEngine::new(allocation, tables, &page_budget))
            .collect();
        let engines = std::iter::once(&wasmtime).chain(resetting.iter().map(|resetting| &resetting.wasmtime));
        let watchdog = Watchdog::start(engines.map(wasmtime::Engine::weak).collect())
            .map_err(|error| HostError::Internal(format!("no thread for the watchdog: {error}")))?;
        Ok(Self {
            watchdog,
            wasmtime,
            resetting,
            page_budget,
            allocation,
            split: Split::default(),
            compiler: Compiler::default(),
            supervisor: ProcessSupervisor::default(),
        })
    }

    /// The same engine, for plugins that are split otherwise.
    #[must_use]
    pub fn with_split(self, split: Split) -> Self {
        Self { split, ..self }
    }

    /// How cells get their memory.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        self.allocation
    }

    /// Sets the most bytes of resident memory that pool slots keep for later calls, all together. The default is
    /// [`DEFAULT_IDLE_MEMORY_BYTES`].
    ///
    /// A plugin whose memory begins with at most 4 pages of 64 KiB is not counted: its slot keeps at most 256 KiB. Nor is any
    /// where the machine cannot tell which pages were written (Linux before 6.7, other systems).
    pub fn set_max_idle_memory_bytes(&self, bytes: u64) {
        self.page_budget.set_most_bytes(bytes);
    }

    /// The bytes of resident memory that pool slots keep for later calls; `None` where they are not counted.
    #[must_use]
    pub fn idle_memory_bytes(&self) -> Option<u64> {
        (!self.resetting.is_empty()).then(|| self.page_budget.kept_bytes())
    }

    /// Cancels the calls, loads and builds with this token: those that have not begun never run, a running guest is interrupted
    /// at its next loop or function call, and a compiler process is ended.
    pub fn cancel(&self, token: &CancelToken) {
        self.watchdog.cancel(token);
        self.supervisor.check();
    }

    pub(crate) fn split(&self) -> Split {
        self.split
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    /// The engines for large memories, for small and for large tables; none where the machine cannot tell which pages were written.
    pub(crate) fn resetting(&self, is_wanted: impl Fn(&ResettingEngine) -> bool) -> Option<&ResettingEngine> {
        self.resetting.iter().find(|engine| is_wanted(engine))
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

impl ResettingEngine {
    /// Is it for plugins with such a table?
    pub(crate) fn is_for(&self, tables: Tables) -> bool {
        self.tables == tables
    }

    fn new(allocation: Allocation, tables: Tables, budget: &Arc<PageBudget>) -> Option<Self> {
        let Allocation::Pooled { slots } = allocation else { return None };
        let resets = Resets::new(slots, budget)?;
        let made = wasmtime::Engine::new(&config(allocation, ResetBy::Cell(tables))).and_then(|wasmtime| {
            let trimmer = Trimmer::start(&resets, wasmtime.weak())?;
            Ok(Self { _trimmer: trimmer, wasmtime, resets, tables })
        });
        made.inspect_err(|error| tracing::debug!(%error, "wasmtime resets all memories")).ok()
    }
}
