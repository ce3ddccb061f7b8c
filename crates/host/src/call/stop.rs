//! Why a call came to no answer: what an error of wasmtime's means.

use wasmtime::{PoolConcurrencyLimitError, Store, Trap, WasmBacktrace};

use crate::backtrace::Backtrace;
use crate::call::fault::{Fault, FaultCode};
use crate::call::guest::Guest;
use crate::error::HostError;
use crate::guest_text;
use crate::limits::Limit;
use crate::sandbox::cell::Cell;
use crate::sandbox::config::Allocation;

/// Why a call came to no answer.
pub(crate) enum Stop {
    /// The plugin broke. The fuel that it had used is unknown where it trapped.
    Plugin { fault: Fault, fuel_used: Option<u64> },
    /// The host could not run it, or stopped it because nobody waits for it.
    Host(HostError),
}

impl Stop {
    /// What an error means that wasmtime returned from `place`, a function that the host had called.
    pub(crate) fn at(guest: &Guest<'_>, store: &Store<Cell>, place: &str, error: &wasmtime::Error) -> Self {
        let cell = store.data();
        if let Some(trap) = error.downcast_ref::<Trap>() {
            let backtrace = error.downcast_ref::<WasmBacktrace>().map(|frames| Backtrace::of(guest.plugin, frames));
            return Self::trapped(guest, cell, place, *trap, backtrace.unwrap_or_default());
        }
        match (guest.engine.allocation(), cell.refusal()) {
            (Allocation::Pooled { slots }, _) if error.is::<PoolConcurrencyLimitError>() => {
                Self::Host(HostError::Busy(slots))
            }
            (_, Some(refusal)) => {
                let message = format!("{refusal} in {}", guest_text::clean(place));
                Self::Plugin { fault: Fault::new(FaultCode::Memory, message), fuel_used: None }
            }
            (_, None) => Self::Host(HostError::internal(error)),
        }
    }

    /// The guest went on to its end, but on more fuel than it may use.
    pub(crate) fn out_of_fuel(guest: &Guest<'_>, place: &str) -> Self {
        let (fuel, name, place) = (guest.fuel, Limit::FUEL.name, guest_text::clean(place));
        let message = format!("it used up its fuel of {fuel} ({name}) in {place}");
        Self::Plugin { fault: Fault::new(FaultCode::Fuel, message), fuel_used: Some(fuel) }
    }

    /// The guest went on to its end, but that came past its deadline.
    pub(crate) fn late(guest: &Guest<'_>, store: &Store<Cell>, place: &str) -> Self {
        if store.data().is_cancelled() {
            return Self::Host(HostError::Cancelled);
        }
        let fault = timed_out(guest, place);
        Self::Plugin { fault, fuel_used: Cell::fuel_used(store, guest.fuel) }
    }

    fn trapped(guest: &Guest<'_>, cell: &Cell, place: &str, trap: Trap, backtrace: Backtrace) -> Self {
        let what = trap.to_string();
        let what = what.strip_prefix("wasm trap: ").unwrap_or(&what);
        let mut clean_place = guest_text::clean(place);
        if let Some(line) = &backtrace.place {
            clean_place = format!("{clean_place} at {line}");
        }
        let (code, message) = match (trap, cell.refusal()) {
            // The one trap after which the amount is known.
            (Trap::OutOfFuel, _) => return Self::out_of_fuel(guest, place).with_backtrace(backtrace),
            (Trap::Interrupt, _) if cell.is_cancelled() => return Self::Host(HostError::Cancelled),
            (Trap::Interrupt, _) => {
                return Self::Plugin { fault: timed_out(guest, place), fuel_used: None }.with_backtrace(backtrace);
            }
            (Trap::StackOverflow, _) => (FaultCode::Stack, format!("{what} in {clean_place}")),
            (_, Some(refusal)) => (FaultCode::Memory, format!("{what} in {clean_place}, after {refusal}")),
            (_, None) => (FaultCode::Trap, format!("{what} in {clean_place}")),
        };
        Self::Plugin { fault: Fault { code, message, backtrace: backtrace.lines }, fuel_used: None }
    }

    fn with_backtrace(mut self, backtrace: Backtrace) -> Self {
        if let Self::Plugin { fault, .. } = &mut self {
            fault.backtrace = backtrace.lines;
        }
        self
    }
}

fn timed_out(guest: &Guest<'_>, place: &str) -> Fault {
    let (timeout, name, place) = (guest.limits.timeout().as_millis(), Limit::TIMEOUT_MS.name, guest_text::clean(place));
    Fault::new(FaultCode::Timeout, format!("it did not finish {place} within {timeout} ms ({name})"))
}
