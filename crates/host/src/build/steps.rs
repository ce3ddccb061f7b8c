//! The steps of a build under way, in one cell.

use std::time::Instant;

use wasmtime::{Instance, Memory, Trap, TypedFunc, Val, WasmParams, WasmResults};

use crate::build::request::BuildStep;
use crate::call::fault::{Fault, FaultCode};
use crate::call::guest_slice::GuestSlice;
use crate::compile::compiled::Compiled;
use crate::engine::Engine;
use crate::error::HostError;
use crate::guest_text;
use crate::limits::{Limit, Limits};
use crate::module::contract::{INITIALIZE, MEMORY};
use crate::module::parts::{ModuleParts, Obstacle};
use crate::module::snapshot;
use crate::sandbox::cancel::CancelToken;
use crate::sandbox::cell::Cell;
use crate::sandbox::config::Allocation;
use crate::sandbox::open_cell::{self, OpenCell};
use crate::sandbox::watchdog::{StopSignal, Watch};

/// What cancels a build.
pub(crate) struct Cancels {
    /// Cancels all builds of its builder.
    pub(crate) builder: CancelToken,
    /// Cancels this build.
    pub(crate) build: Option<CancelToken>,
}

/// The cell of a build, between two steps.
pub(crate) struct Steps<'a> {
    name: &'a str,
    bounds: Bounds,
    cell: OpenCell,
    instance: Instance,
    memory: Memory,
    _watch: Watch<'a>,
}

/// What a build may use for all its steps together.
#[derive(Clone, Copy)]
struct Bounds {
    limits: Limits,
    fuel: u64,
}

impl<'a> Steps<'a> {
    /// An instance of the engine, before its first step, or why its start-up ended early.
    pub(crate) fn begin(
        engine: &'a Engine,
        name: &'a str,
        opened: &Compiled,
        limits: &Limits,
        Cancels { builder, build }: Cancels,
    ) -> Result<Result<Self, Fault>, HostError> {
        let started = Instant::now();
        let deadline = started.checked_add(limits.timeout()).unwrap_or(started);
        let signal = StopSignal { deadline, runtime: builder, call: build };
        if signal.is_cancelled() {
            return Err(HostError::Cancelled);
        }
        let fuel = limits.max_fuel();
        let bounds = Bounds { limits: *limits, fuel };
        let own_memory = engine.memory_of(opened)?;
        let mut cell = OpenCell::open(engine.wasmtime(), limits, fuel, signal.clone(), None)
            .map_err(|error| HostError::internal(&error))?;
        let watch = engine.watchdog().watch(signal);
        let made = cell.instantiate(own_memory.as_ref(), |store| {
            let instance = Instance::new(&mut *store, &opened.module, &[])?;
            let memory = instance.get_memory(&mut *store, MEMORY);
            let memory = memory.ok_or_else(|| wasmtime::Error::msg("it has no memory"))?;
            if let Some(initialize) = instance.get_func(&mut *store, INITIALIZE) {
                initialize.call(&mut *store, &[], &mut [])?;
            }
            Ok((instance, memory))
        });
        if cell.data().is_cancelled() {
            return Err(HostError::Cancelled);
        }
        match made {
            Ok((instance, memory)) => Ok(Ok(Self { name, bounds, cell, instance, memory, _watch: watch })),
            Err(error)
                if let (Allocation::Pooled { slots }, true) = (engine.allocation(), open_cell::is_full(&error)) =>
            {
                Err(HostError::Busy(slots))
            }
            Err(error) if error.is::<Trap>() => Ok(Err(bounds.fault(cell.data(), "its start-up", &error))),
            Err(error) => Err(HostError::internal(&error)),
        }
    }

    /// Runs a step, and gives what it answers or why it does not.
    pub(crate) fn run(&mut self, step: &BuildStep) -> Result<Result<Vec<u8>, Fault>, HostError> {
        let length = u32::try_from(step.input.len()).map_err(|_| lost("input of less than 4 GiB"))?;
        let pointer = match self.call::<u32, u32>("alloc", length)? {
            Ok(pointer) => pointer,
            Err(fault) => return Ok(Err(fault)),
        };
        let input = GuestSlice::new(pointer, length);
        let room = open_cell::writable(&mut self.cell, self.memory, input.range());
        match room.map_err(|error| HostError::Internal(format!("no room for a step: {error}")))? {
            Some(room) if pointer != 0 => room.copy_from_slice(&step.input),
            _ => {
                let message = format!("alloc gave no room for {length} bytes");
                return Ok(Err(Fault::new(FaultCode::Memory, message)));
            }
        }
        let packed = match self.call::<(u32, u32), u64>(&step.export, (pointer, length))? {
            Ok(packed) => packed,
            Err(fault) => return Ok(Err(fault)),
        };
        let answer = GuestSlice::unpack(packed);
        if answer.len() > self.bounds.limits.result_bytes() {
            let (name, limit) = (Limit::RESULT_BYTES.name, self.bounds.limits.result_bytes());
            let message = format!("{} answered {} bytes; {name} is {limit}", step.export, answer.len());
            return Ok(Err(Fault::new(FaultCode::Result, message)));
        }
        if answer.len() == 0 {
            return Ok(Ok(Vec::new()));
        }
        Ok(answer.of(self.memory.data(&*self.cell)).map(<[u8]>::to_vec).ok_or_else(|| {
            let message = format!("{} answered {answer}, outside its memory", step.export);
            Fault::new(FaultCode::Abi, message)
        }))
    }

    /// Everything in its memory.
    pub(crate) fn memory(&self) -> &[u8] {
        self.memory.data(&*self.cell)
    }

    /// The values of its mutable globals, in order.
    pub(crate) fn globals(&mut self, parts: &ModuleParts<'_>) -> Result<Vec<Val>, Obstacle> {
        let values = parts.mutable_globals.iter().map(|(index, _)| {
            let global = self.instance.get_global(&mut *self.cell, &snapshot::shown_global(*index));
            Ok(global.ok_or("a global cannot be read")?.get(&mut *self.cell))
        });
        values.collect()
    }

    fn call<P: WasmParams, R: WasmResults>(&mut self, export: &str, given: P) -> Result<Result<R, Fault>, HostError> {
        let function: TypedFunc<P, R> = self.instance.get_typed_func(&mut *self.cell, export).map_err(|_| {
            HostError::NoHook { plugin: self.name.to_owned(), hook: export.to_owned(), hooks: Vec::new() }
        })?;
        let result = function.call(&mut *self.cell, given);
        let cell = self.cell.data();
        if cell.is_cancelled() {
            return Err(HostError::Cancelled);
        }
        Ok(match result {
            Err(error) => Err(self.bounds.fault(cell, export, &error)),
            Ok(_) if cell.is_late() => Err(self.bounds.timed_out(export)),
            Ok(_) if Cell::fuel_used(&self.cell, self.bounds.fuel).is_none() => Err(self.bounds.out_of_fuel(export)),
            Ok(value) => Ok(value),
        })
    }
}

impl Bounds {
    /// Why a function of the engine has no answer.
    fn fault(&self, cell: &Cell, function: &str, error: &wasmtime::Error) -> Fault {
        let trap = error.downcast_ref::<Trap>().copied();
        let what = guest_text::clean(&trap.map_or_else(|| format!("{error:#}"), |trap| trap.to_string()));
        let what = what.strip_prefix("wasm trap: ").unwrap_or(&what);
        match (trap, cell.refusal()) {
            (Some(Trap::OutOfFuel), _) => self.out_of_fuel(function),
            (Some(Trap::Interrupt), _) => self.timed_out(function),
            (Some(Trap::StackOverflow), _) => Fault::new(FaultCode::Stack, format!("{what} in {function}")),
            (_, Some(refusal)) => Fault::new(FaultCode::Memory, format!("{what} in {function}, after {refusal}")),
            (_, None) => Fault::new(FaultCode::Trap, format!("{what} in {function}")),
        }
    }

    fn out_of_fuel(&self, function: &str) -> Fault {
        let (fuel, name) = (self.fuel, Limit::FUEL.name);
        Fault::new(FaultCode::Fuel, format!("it used up its fuel of {fuel} ({name}) in {function}"))
    }

    fn timed_out(&self, function: &str) -> Fault {
        let (timeout, name) = (self.limits.timeout().as_millis(), Limit::TIMEOUT_MS.name);
        Fault::new(FaultCode::Timeout, format!("it did not finish {function} within {timeout} ms ({name})"))
    }
}

fn lost(what: &str) -> HostError {
    HostError::Internal(format!("a build has no {what}"))
}
