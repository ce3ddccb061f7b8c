//! Systems on which wasmtime makes the memories of guests: nothing tells there which pages were written.

use std::convert::Infallible;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use wasmtime::Store;

use crate::module::initial_data::InitialData;
use crate::sandbox::memory::idle::Idle;
use crate::sandbox::memory::idle::page_budget::PageBudget;

/// There are none.
#[derive(Debug)]
pub(crate) enum Memories {}

/// There is none.
#[derive(Debug)]
pub(crate) enum Image {}

/// There is none.
#[derive(Debug)]
pub(crate) enum PluginMemory {}

/// There is none.
#[derive(Debug)]
pub(crate) enum Trimmer {}

/// There is none.
#[derive(Debug)]
pub(crate) enum GivenSlot {}

/// There are none.
#[derive(Debug)]
pub(crate) enum ClosedPages {}

/// Never happens.
#[derive(Debug, thiserror::Error)]
#[error("all slots are in use")]
pub(crate) struct NoSlot(Infallible);

impl Memories {
    #[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
    pub(crate) fn open(_calls: u32, _is_exact: bool, _budget: &Arc<PageBudget>) -> io::Result<Option<Arc<Self>>> {
        Ok(None)
    }

    pub(crate) fn note_signal_handler(&self) {
        match *self {}
    }

    pub(crate) fn note_idle(&self) {
        match *self {}
    }

    pub(crate) fn keep_ready(&self) -> bool {
        match *self {}
    }

    pub(crate) fn begin_call_of_ready(&self) -> bool {
        match *self {}
    }

    pub(crate) fn give_up_ready<T>(&self, _cell: T) {
        match *self {}
    }

    pub(crate) fn can_open(&self, _closed: Option<&ClosedPages>) -> bool {
        match *self {}
    }
}

impl GivenSlot {
    pub(crate) fn take(plugin: &Arc<PluginMemory>) -> Result<Self, NoSlot> {
        match **plugin {}
    }

    pub(crate) fn closed_pages(&self) -> Option<&Arc<ClosedPages>> {
        match *self {}
    }
}

impl ClosedPages {
    pub(crate) fn open_for(&self, _bytes: &Range<usize>) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn are_stuck(&self) -> bool {
        match *self {}
    }
}

impl Image {
    #[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
    pub(crate) fn of(_data: &InitialData) -> io::Result<Option<Self>> {
        Ok(None)
    }
}

impl PluginMemory {
    pub(crate) fn new(_image: Option<Arc<Image>>, _is_all: bool, memories: &Arc<Memories>) -> Arc<Self> {
        match **memories {}
    }
}

impl Trimmer {
    pub(crate) fn start(memories: &Arc<Memories>, _others: Arc<dyn Idle>) -> io::Result<Self> {
        match **memories {}
    }
}

#[expect(clippy::needless_pass_by_value, reason = "on Linux it is handed over")]
pub(crate) fn hand_over<T>(slot: GivenSlot, _make: impl FnOnce() -> wasmtime::Result<T>) -> wasmtime::Result<T> {
    match slot {}
}

#[derive(Debug, Default)]
pub(crate) struct SharedLook;

impl SharedLook {
    #[expect(clippy::unused_self, reason = "on Linux it has looked or not")]
    pub(crate) fn end<T>(&mut self, cell: T) {
        drop(cell);
    }
}

pub(crate) fn open_on_write<T>(_store: &mut Store<T>, pages: &Arc<ClosedPages>) {
    match **pages {}
}
