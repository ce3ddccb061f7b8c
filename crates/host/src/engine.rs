//! The engine that all cells of a process share: wasmtime's engines, the watchdog, the compiler, and the processes that
//! compile for it.

use std::sync::Arc;

use crate::compile::compiled::Compiled;
use crate::compile::compiler::Compiler;
use crate::compile::process::supervisor::ProcessSupervisor;
use crate::error::HostError;
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::config::{Allocation, MemoriesBy, config};
use crate::sandbox::memory::idle::page_budget::PageBudget;
use crate::sandbox::memory::{Memories, PluginMemory, Trimmer};
use crate::sandbox::ready_cells::ReadyCells;
use crate::sandbox::watchdog::Watchdog;
use crate::split::Split;

/// The default of [`Engine::set_max_idle_memory_bytes`]: 64 MiB.
pub const DEFAULT_IDLE_MEMORY_BYTES: u64 = 64 * 1_024 * 1_024;

/// A wasmtime engine for cells. It is expensive to make, so all runtimes of a process should share one.
#[derive(Debug)]
pub struct Engine {
    // Declared before the engine, so that their threads end first.
    watchdog: Watchdog,
    _trimmer: Option<Trimmer>,
    ready_cells: Arc<ReadyCells>,
    wasmtime: wasmtime::Engine,
    memories: Option<Arc<Memories>>,
    memories_by: MemoriesBy,
    page_budget: Arc<PageBudget>,
    allocation: Allocation,
    split: Split,
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
        match allocation {
            Allocation::Pooled { slots } => Self::with_slots(slots, false),
            Allocation::OnDemand => Self::with_memories(allocation, MemoriesBy::Mapping, None, Arc::default()),
        }
    }

    /// An engine with so many slots and no more, so that plugins get each other's. For tests of what they leave there.
    ///
    /// # Errors
    /// [`HostError::Internal`] if the machine cannot provide it.
    #[doc(hidden)]
    pub fn with_exact_slots(slots: u32) -> Result<Self, HostError> {
        Self::with_slots(slots, true)
    }

    fn with_slots(slots: u32, is_exact: bool) -> Result<Self, HostError> {
        let budget = Arc::new(PageBudget::default());
        budget.set_most_bytes(DEFAULT_IDLE_MEMORY_BYTES);
        let memories = Memories::open(slots, is_exact, &budget)
            .map_err(|error| HostError::Internal(format!("no address space for {slots} slots: {error}")))?;
        let memories_by = if memories.is_some() { MemoriesBy::Host } else { MemoriesBy::Pool(slots) };
        Self::with_memories(Allocation::Pooled { slots }, memories_by, memories, budget)
    }

    /// An engine whose memories are in wasmtime's pool, as they are on machines that cannot tell which pages were written. For tests on
    /// other machines.
    ///
    /// # Errors
    /// [`HostError::Internal`] if the machine cannot provide it.
    #[doc(hidden)]
    pub fn with_pool_of_wasmtime(slots: u32) -> Result<Self, HostError> {
        Self::with_memories(Allocation::Pooled { slots }, MemoriesBy::Pool(slots), None, Arc::default())
    }

    fn with_memories(
        allocation: Allocation,
        memories_by: MemoriesBy,
        memories: Option<Arc<Memories>>,
        page_budget: Arc<PageBudget>,
    ) -> Result<Self, HostError> {
        let wasmtime = wasmtime::Engine::new(&config(memories_by)).map_err(|error| HostError::internal(&error))?;
        if let Some(memories) = &memories {
            memories.note_signal_handler();
        }
        let no_thread = |error: std::io::Error| HostError::Internal(format!("no thread for an engine: {error}"));
        let ready_cells = Arc::new(ReadyCells::of(memories.as_ref()));
        let trimmer = memories.as_ref().map(|memories| Trimmer::start(memories, Arc::clone(&ready_cells) as _));
        let trimmer = trimmer.transpose().map_err(no_thread)?;
        let watchdog = Watchdog::start(vec![wasmtime.weak()]).map_err(no_thread)?;
        Ok(Self {
            watchdog,
            _trimmer: trimmer,
            ready_cells,
            wasmtime,
            memories,
            memories_by,
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

    /// Sets the most bytes of resident memory that slots keep for later calls, all together. The default is
    /// [`DEFAULT_IDLE_MEMORY_BYTES`].
    ///
    /// Nothing is counted where the machine cannot tell which pages were written (Linux before 6.7, other systems).
    pub fn set_max_idle_memory_bytes(&self, bytes: u64) {
        self.page_budget.set_most_bytes(bytes);
    }

    /// The bytes of resident memory that slots keep for later calls; `None` where they are not counted.
    #[must_use]
    pub fn idle_memory_bytes(&self) -> Option<u64> {
        self.memories.as_ref().map(|_| self.page_budget.kept_bytes())
    }

    /// The written pages that resets found swapped out, or just being moved by the kernel. For tests, which show by it that they had
    /// such pages.
    #[doc(hidden)]
    #[must_use]
    pub fn absent_pages(&self) -> u64 {
        self.memories.as_ref().map_or(0, |memories| memories.page_map().absent_pages())
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

    /// Who makes the memories of its cells.
    pub(crate) fn memories_by(&self) -> MemoriesBy {
        self.memories_by
    }

    /// The memory of a plugin that this was compiled of; `None` if wasmtime makes it.
    pub(crate) fn memory_of(&self, compiled: &Compiled) -> Result<Option<Arc<PluginMemory>>, HostError> {
        let image = compiled.image()?;
        Ok(self.memories.as_ref().map(|memories| PluginMemory::new(image, compiled.has_all_data(), memories)))
    }

    pub(crate) fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    pub(crate) fn supervisor(&self) -> &ProcessSupervisor {
        &self.supervisor
    }

    pub(crate) fn ready_cells(&self) -> &Arc<ReadyCells> {
        &self.ready_cells
    }

    pub(crate) fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }
}
