//! Entering a guest: memory, `alloc`, the hook. Nothing that the guest returns is trusted.

use std::time::Instant;

use wasmtime::{Memory, Store};

use crate::call::fault::{Fault, FaultCode};
use crate::call::guest::Guest;
use crate::call::guest_slice::GuestSlice;
use crate::call::inline::InlineRun;
use crate::call::stop::Stop;
use crate::error::HostError;
use crate::limits::Limit;
use crate::module::contract::INITIALIZE;
use crate::sandbox::cell::Cell;
use crate::sandbox::entry::{Entry, HookNumber, run_export};
use crate::sandbox::open_cell::{self, Instantiated, OpenCell};

/// What an author whose `alloc` or result points outside the memory has to change.
const ALLOCATOR: &str = "an allocator grows the memory before it returns an address, and returns 0 if it cannot";
const PACKED: &str = "a hook returns (pointer << 32) | length, both unsigned, of bytes in its memory";

/// The bytes of an answer that is read about as fast as the clock: it says yes or no, and has no room for a patch.
const SHORT_BYTES: usize = 16;

/// A guest's answer: a slice within its memory.
pub(crate) struct Answer {
    pub(crate) slice: GuestSlice,
    pub(crate) fuel_used: u64,
    /// When the guest ended.
    pub(crate) at: Instant,
}

impl Answer {
    /// When it is read, if it is so short that this takes no time.
    pub(crate) fn read_at(&self) -> Option<Instant> {
        (self.slice.len() <= SHORT_BYTES).then_some(self.at)
    }
}

impl Guest<'_> {
    /// Instantiates the plugin, which runs its start section.
    pub(crate) fn instantiate(&self, cell: &mut OpenCell) -> Result<Instantiated, Stop> {
        self.plugin.instantiate(cell).map_err(|error| Stop::at(self, cell, "its start", &error))
    }

    /// Initializes the plugin, gives it the context, whose text is in three parts, and calls the hook.
    pub(crate) fn answer(
        &self,
        store: &mut Store<Cell>,
        Instantiated { memory, code }: Instantiated,
        (hook, entry): (HookNumber, Option<Entry>),
        context: [&str; 3],
    ) -> Result<Answer, Stop> {
        if let Some(initialize) = self.plugin.initialize() {
            let initialized = run_export(store, code, initialize).ok_or_else(lost_function)?;
            initialized.map_err(|error| Stop::at(self, store, INITIALIZE, &error))?;
        }
        tracing::trace!("instantiated");
        let entry = entry.or_else(|| self.plugin.exports().entry(store, code, hook));
        let entry = entry.ok_or_else(lost_function)?;
        let slice = self.write_context(store, entry, memory, context)?;

        let packed = entry
            .hook(store, slice.pointer(), slice.length())
            .map_err(|error| Stop::at(self, store, self.hook_name, &error))?;
        tracing::trace!("answered");
        let Some(fuel_used) = Cell::fuel_used(store, self.fuel) else {
            return Err(Stop::out_of_fuel(self, self.hook_name));
        };
        // Before the answer is checked, which takes time that is not the guest's.
        let at = Instant::now();
        if self.deadline <= at {
            return Err(Stop::late(self, store, self.hook_name));
        }
        let slice = GuestSlice::unpack(packed);
        if self.inline.is_some() && InlineRun::repeats_result(slice.len()) && slice.len() <= self.limits.result_bytes()
        {
            return Err(Stop::Overrun);
        }
        match self.check(slice, memory.data(&*store)) {
            Ok(()) => Ok(Answer { slice, fuel_used, at }),
            Err(fault) => Err(Stop::Plugin { fault, fuel_used: Some(fuel_used) }),
        }
    }

    /// Asks the guest for room and writes the context there.
    fn write_context(
        &self,
        store: &mut Store<Cell>,
        entry: Entry,
        memory: Memory,
        context: [&str; 3],
    ) -> Result<GuestSlice, Stop> {
        let length = context.iter().map(|part| part.len()).fold(0, usize::saturating_add);
        let length =
            u32::try_from(length).map_err(|_| Stop::Host(HostError::Context("it is longer than 4 GiB".to_owned())))?;
        let pointer = entry.alloc(store, length).map_err(|error| Stop::at(self, store, "alloc", &error))?;
        tracing::trace!("allocated");
        let slice = GuestSlice::new(pointer, length);
        let room = open_cell::writable(&mut *store, memory, slice.range());
        let room = room.map_err(|error| Stop::Host(HostError::Internal(format!("no room for a context: {error}"))))?;
        let fault = if pointer == 0 {
            let message = format!("alloc refused room for {length} bytes of context");
            match store.data().refusal() {
                Some(refusal) => Fault::new(FaultCode::Memory, format!("{message}, after {refusal}")),
                None => Fault::new(FaultCode::Memory, message),
            }
        } else if let Some(room) = room {
            let mut rest = room;
            for part in context {
                let Some((place, after)) = rest.split_at_mut_checked(part.len()) else { break };
                place.copy_from_slice(part.as_bytes());
                rest = after;
            }
            tracing::trace!("written");
            return Ok(slice);
        } else {
            let size = memory.data_size(&*store);
            let message = format!("alloc returned {slice}, outside its memory of {size} bytes: {ALLOCATOR}");
            Fault::new(FaultCode::Abi, message)
        };
        if self.is_late() {
            return Err(Stop::late(self, store, "alloc"));
        }
        let fuel_used = Cell::fuel_used(store, self.fuel);
        if fuel_used.is_none() && self.has_less_fuel() {
            return Err(Stop::Overrun);
        }
        Err(Stop::Plugin { fault, fuel_used })
    }

    fn check(&self, answer: GuestSlice, memory: &[u8]) -> Result<(), Fault> {
        if answer.len() > self.limits.result_bytes() {
            let (name, limit) = (Limit::RESULT_BYTES.name, self.limits.result_bytes());
            let message = format!("the result has {} bytes; {name} is {limit}", answer.len());
            return Err(Fault::new(FaultCode::Result, message));
        }
        // An empty answer may point anywhere.
        if answer.len() > 0 && answer.of(memory).is_none() {
            let message = format!("the result is {answer}, outside its memory of {} bytes: {PACKED}", memory.len());
            return Err(Fault::new(FaultCode::Abi, message));
        }
        Ok(())
    }
}

/// The exports were checked when the plugin was loaded.
fn lost_function() -> Stop {
    Stop::Host(HostError::Internal("a function export of a loaded plugin is gone".to_owned()))
}
