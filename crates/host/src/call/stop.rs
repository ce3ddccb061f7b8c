//! Why a call has no answer: the meaning of wasmtime's errors.

use wasmtime::{Store, Trap, WasmBacktrace};

use crate::backtrace::Backtrace;
use crate::call::fault::{Fault, FaultCode};
use crate::call::guest::Guest;
use crate::error::HostError;
use crate::guest_text;
use crate::limits::Limit;
use crate::sandbox::cell::Cell;
use crate::sandbox::config::Allocation;
use crate::sandbox::memory::ClosedPages;
use crate::sandbox::open_cell;

/// Why a call has no answer.
pub(crate) enum Stop {
    /// A fault of the plugin. The fuel that it used is unknown if it trapped.
    Plugin { fault: Fault, fuel_used: Option<u64> },
    /// The plugin reached `unreachable`, which is how languages end after an exception or a panic.
    Unreachable(Fault),
    /// It must run again on a worker.
    Overrun,
    /// The host could not run it, or the call was cancelled.
    Host(HostError),
}

impl Stop {
    /// The meaning of an error that wasmtime returned from `function`, which the host called.
    pub(crate) fn at(guest: &Guest<'_>, store: &Store<Cell>, function: &str, error: &wasmtime::Error) -> Self {
        let cell = store.data();
        if cell.has_outgrown() {
            return Self::Overrun;
        }
        if cell.closed().is_some_and(ClosedPages::are_stuck) {
            return Self::Host(HostError::Internal("the kernel does not make memory writable again".to_owned()));
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            if guest.inline.is_some_and(|run| run.repeats(*trap, guest.fuel_limit, guest.plugin))
                && !cell.is_cancelled()
            {
                return Self::Overrun;
            }
            let backtrace = error.downcast_ref::<WasmBacktrace>().map(|frames| Backtrace::of(guest.plugin, frames));
            return Self::trapped(guest, cell, function, *trap, backtrace.unwrap_or_default());
        }
        match (guest.engine.allocation(), cell.refusal()) {
            (Allocation::Pooled { slots }, _) if open_cell::is_full(error) => Self::Host(HostError::Busy(slots)),
            (_, Some(refusal)) => {
                let message = format!("{refusal} in {}", guest_text::clean(function));
                Self::Plugin { fault: Fault::new(FaultCode::Memory, message), fuel_used: None }
            }
            (_, None) => Self::Host(HostError::internal(error)),
        }
    }

    /// The guest ended by itself, but used more fuel than its limit.
    pub(crate) fn out_of_fuel(guest: &Guest<'_>, function: &str) -> Self {
        if guest.has_less_fuel() {
            return Self::Overrun;
        }
        let (fuel, name, function) = (guest.fuel, Limit::FUEL.name, guest_text::clean(function));
        let message = format!("it used up its fuel of {fuel} ({name}) in {function}");
        Self::Plugin { fault: Fault::new(FaultCode::Fuel, message), fuel_used: Some(fuel) }
    }

    /// The guest ended by itself, but after its deadline.
    pub(crate) fn late(guest: &Guest<'_>, store: &Store<Cell>, function: &str) -> Self {
        if store.data().is_cancelled() {
            return Self::Host(HostError::Cancelled);
        }
        if guest.inline.is_some() {
            return Self::Overrun;
        }
        let fault = timed_out(guest, function);
        Self::Plugin { fault, fuel_used: Cell::fuel_used(store, guest.fuel) }
    }

    fn trapped(guest: &Guest<'_>, cell: &Cell, function: &str, trap: Trap, backtrace: Backtrace) -> Self {
        let what = trap.to_string();
        let what = what.strip_prefix("wasm trap: ").unwrap_or(&what);
        let mut location = guest_text::clean(function);
        if let Some(line) = &backtrace.own_line {
            location = format!("{location} at {line}");
        }
        let (code, message) = match (trap, cell.refusal()) {
            // The only trap after which the amount is known.
            (Trap::OutOfFuel, _) => return Self::out_of_fuel(guest, function).with_backtrace(backtrace),
            (Trap::Interrupt, _) if cell.is_cancelled() => return Self::Host(HostError::Cancelled),
            (Trap::Interrupt, _) => {
                return Self::Plugin { fault: timed_out(guest, function), fuel_used: None }.with_backtrace(backtrace);
            }
            (Trap::StackOverflow, _) => (FaultCode::Stack, format!("{what} in {location}")),
            (_, Some(refusal)) => (FaultCode::Memory, format!("{what} in {location}, after {refusal}")),
            (Trap::UnreachableCodeReached, None) => {
                let message = format!("{what} in {location}");
                return Self::Unreachable(Fault { code: FaultCode::Trap, message, backtrace: backtrace.lines });
            }
            (_, None) => (FaultCode::Trap, format!("{what} in {location}")),
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

fn timed_out(guest: &Guest<'_>, function: &str) -> Fault {
    let (timeout, name, function) =
        (guest.limits.timeout().as_millis(), Limit::TIMEOUT_MS.name, guest_text::clean(function));
    Fault::new(FaultCode::Timeout, format!("it did not finish {function} within {timeout} ms ({name})"))
}
