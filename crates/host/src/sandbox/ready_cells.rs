//! Cells that were made before their call: the instance is there, and no code of its guest has run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use crate::sandbox::entry::Entry;
use crate::sandbox::memory::Memories;
use crate::sandbox::memory::idle::{Idle, READY_SLOTS};
use crate::sandbox::open_cell::{Instantiated, OpenCell};

thread_local! {
    static THIS: ThreadId = thread::current().id();
}

/// The most of one plugin: as many as a worker keeps finished ones.
const MOST_OF_PLUGIN: usize = 16;

/// A cell that no call took for so many ticks is given up: 0.5 to 1 second.
const IDLE_TICKS: u32 = 2;

/// The number of a loaded plugin in this process.
pub(crate) type OfPlugin = u64;

/// The ready cells of an engine, oldest first. Each is given to one call, or dropped.
///
/// They are given up for newer ones, when their plugin is unloaded, and when no call takes them for a while.
pub(crate) struct ReadyCells {
    cells: Mutex<Vec<ReadyCell>>,
    /// Of which they have slots; `None` if wasmtime makes the engine's memories, and then there are no ready cells.
    memories: Option<Arc<Memories>>,
}

/// A cell with a guest in it.
pub(crate) struct ReadyGuest {
    pub(crate) cell: OpenCell,
    pub(crate) inside: Instantiated,
    /// By which a call enters it, if that was looked up.
    pub(crate) entry: Option<Entry>,
}

struct ReadyCell {
    plugin: OfPlugin,
    guest: ReadyGuest,
    /// On the thread that made it, a call tells without a scan which pages it wrote.
    made_by: ThreadId,
    /// Ticks since it was made.
    age: u32,
}

impl ReadyCells {
    /// None yet. They get their slots from these memories.
    pub(crate) fn of(memories: Option<&Arc<Memories>>) -> Self {
        Self { cells: Mutex::default(), memories: memories.cloned() }
    }

    /// How many there are of this plugin.
    pub(crate) fn count_of(&self, plugin: OfPlugin) -> usize {
        self.lock().iter().filter(|cell| cell.plugin == plugin).count()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Keeps a cell in which no code of its guest has run, if there is room. If there are too many, the oldest is dropped. Returns whether it
    /// is kept.
    pub(crate) fn add(&self, plugin: OfPlugin, guest: ReadyGuest) -> bool {
        let Some(memories) = &self.memories else { return false };
        let new = ReadyCell { plugin, guest, made_by: this_thread(), age: 0 };
        let mut cells = self.lock();
        if cells.iter().filter(|cell| cell.plugin == plugin).count() >= MOST_OF_PLUGIN {
            return false;
        }
        if cells.len() >= READY_SLOTS {
            let oldest = cells.remove(0);
            drop(cells);
            self.give_up([oldest]);
            cells = self.lock();
        }
        let has_room = memories.keep_ready();
        if has_room {
            cells.push(new);
            drop(cells);
            memories.note_idle();
        }
        has_room
    }

    /// A cell of this plugin for a call, if there is one and the engine has a slot for the call.
    pub(crate) fn take(&self, plugin: OfPlugin) -> Option<ReadyGuest> {
        let memories = self.memories.as_ref()?;
        let mut cells = self.lock();
        let is_of = |cell: &ReadyCell| cell.plugin == plugin;
        let this = this_thread();
        let own = cells.iter().rposition(|cell| is_of(cell) && cell.made_by == this);
        let index = own.or_else(|| cells.iter().rposition(is_of))?;
        let cell = cells.remove(index);
        drop(cells);
        if !memories.begin_call_of_ready() {
            self.give_up([cell]);
            return None;
        }
        memories.can_open(cell.guest.cell.data().closed()).then_some(cell.guest)
    }

    /// Drops those of a plugin that is gone.
    pub(crate) fn forget(&self, plugin: OfPlugin) {
        self.give_up_if(|cell| cell.plugin == plugin);
    }

    fn give_up_if(&self, is_useless: impl FnMut(&mut ReadyCell) -> bool) {
        let given_up: Vec<_> = self.lock().extract_if(.., is_useless).collect();
        self.give_up(given_up);
    }

    /// Drops cells that no call has had. Their memories are reset, and their slots are free for calls.
    fn give_up(&self, cells: impl IntoIterator<Item = ReadyCell>) {
        for ReadyCell { guest, .. } in cells {
            match &self.memories {
                Some(memories) => memories.give_up_ready(guest),
                None => drop(guest),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ReadyCell>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle for ReadyCells {
    fn is_none(&self) -> bool {
        self.count() == 0
    }

    fn tick(&self) {
        self.give_up_if(|cell| {
            cell.age = cell.age.saturating_add(1);
            cell.age >= IDLE_TICKS
        });
    }
}

impl std::fmt::Debug for ReadyCells {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ReadyCells").field("count", &self.count()).finish_non_exhaustive()
    }
}

/// The calling thread. The standard library counts a reference for each question.
fn this_thread() -> ThreadId {
    THIS.try_with(|this| *this).unwrap_or_else(|_| thread::current().id())
}
